"""The place of a matter: building, address, border, nearest building, chosen community, district."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import district_transaction
from grids.locate import gazetteer, metres
from grids.models import Area, AreaBorder, Building, Compound
from grids.queries import locate
from tests.world import SIDE, World, make_district


def _chain(world: World, number: int) -> tuple[int, int, int]:
    """Street, community and grid of the ``number``-th grid."""
    return world.streets[number // 4].pk, world.communities[number // 2].pk, world.grids[number].pk


def test_building_decides_first(world: World) -> None:
    building = world.buildings[10]
    found = locate(
        building_id=building.pk,
        address="春晓花园1号楼",
        point=world.point_in(world.grid),
        community_id=world.community.pk,
    )
    assert found.located_by == "building"
    assert (found.street_id, found.community_id, found.grid_id) == _chain(world, 5)
    assert (found.building_id, found.compound_id) == (building.pk, building.compound_id)
    assert found.area_id == found.grid_id


def test_address_decides_before_the_point(world: World) -> None:
    found = locate(address="夏荷花园３栋漏水", point=world.point_in(world.other_grid), community_id=world.community.pk)
    assert found.located_by == "address"
    assert (found.street_id, found.community_id, found.grid_id) == _chain(world, 3)
    assert found.building_id == world.buildings[6].pk


def test_compound_without_a_building_leads_to_its_community(world: World) -> None:
    found = locate(address="春晓花园门口")
    assert found.located_by == "address"
    assert (found.area_id, found.community_id, found.grid_id) == (world.community.pk, world.community.pk, None)
    assert found.compound_id == world.compound.pk


def test_unknown_building_number_leads_to_the_compounds_community(world: World) -> None:
    found = locate(address="春晓花园99号楼")
    assert (found.community_id, found.grid_id, found.building_id) == (world.community.pk, None, None)


def test_community_or_street_in_the_text_is_an_address(world: World) -> None:
    assert locate(address="秋月社区广场").area_id == world.other_community.pk
    street = locate(address="西山街道办门前")
    assert (street.area_id, street.community_id) == (world.other_street.pk, None)


def test_point_inside_the_named_community_makes_the_answer_deeper(world: World) -> None:
    found = locate(address="春晓社区广场", point=world.point_in(world.grid2))
    assert (found.located_by, found.grid_id) == ("border", world.grid2.pk)


def test_point_within_a_border_decides_before_the_chosen_community(world: World) -> None:
    found = locate(point=world.point_in(world.grids[6]), community_id=world.community.pk)
    assert found.located_by == "border"
    assert (found.street_id, found.community_id, found.grid_id) == _chain(world, 6)


def test_point_on_a_common_edge_has_one_answer(world: World) -> None:
    lng, lat = world.point_in(world.grid)
    assert locate(point=(lng, round(lat + SIDE / 2, 6))).grid_id == world.grid.pk


def _building_outside(world: World, lng: float, lat: float) -> Building:
    return Building.objects.create(grid=world.grid2, number="9", name="岸边小屋", lng=lng, lat=lat)


def test_nearest_building_within_100_metres_decides_outside_all_borders(world: World) -> None:
    lng, lat = world.point_in(world.grid2)[0], 34.05
    house = _building_outside(world, lng, lat)
    Building.objects.create(grid=world.other_grid, number="8", name="远处小屋", lng=lng, lat=lat + 0.0012)
    point = (lng, lat + 0.0005)
    assert metres(point, (lng, lat)) < metres(point, (lng, lat + 0.0012)) < 100
    found = locate(point=point, community_id=world.other_community.pk)
    assert (found.located_by, found.building_id, found.grid_id) == ("nearest", house.pk, world.grid2.pk)


def test_building_further_than_100_metres_does_not_decide(world: World) -> None:
    lng, lat = world.point_in(world.grid2)[0], 34.05
    _building_outside(world, lng, lat)
    point = (lng + 0.00105, lat)  # about 97 m at this latitude
    assert locate(point=point).located_by == "nearest"
    assert locate(point=(lng + 0.00112, lat), community_id=world.community.pk).located_by == "chosen"


def test_chosen_community_decides_when_nothing_else_is_known(world: World) -> None:
    found = locate(address="我家楼下", point=(100.0, 20.0), community_id=world.other_community.pk)
    assert (found.located_by, found.area_id) == ("chosen", world.other_community.pk)
    assert found.street_id == world.other_street.pk


def test_unknown_place_goes_to_the_district(world: World) -> None:
    found = locate(address="某处")
    assert (found.located_by, found.area_id) == ("none", world.district_area.pk)
    assert (found.street_id, found.community_id, found.grid_id) == (None, None, None)


def test_chosen_area_that_is_no_community_does_not_count(world: World) -> None:
    assert locate(community_id=world.grid.pk).located_by == "none"


def test_building_and_community_of_another_district_are_unknown(world: World) -> None:
    other = make_district("t2", 2)
    found = locate(building_id=other.building.pk, community_id=other.community.pk)
    assert (found.located_by, found.area_id) == ("none", world.district_area.pk)


def test_each_district_reads_its_own_names(world: World) -> None:
    other = make_district("t2", 2)
    assert locate(address="春晓花园1号楼").building_id == world.building.pk
    with district_transaction(other.district):
        assert locate(address="春晓花园1号楼").building_id == other.building.pk


def test_new_name_is_found_after_the_reference_changes(world: World) -> None:
    assert locate(address="荷塘月色2号楼").located_by == "none"
    Compound.objects.create(name="荷塘月色", management="none", community=world.community2)
    bump_reference()
    assert locate(address="荷塘月色2号楼").community_id == world.community2.pk


def test_ended_grid_is_no_answer(world: World) -> None:
    Area.objects.filter(pk=world.grid.pk).update(ended_on=date(2026, 1, 1))
    bump_reference()
    assert locate(point=world.point_in(world.grid)).located_by == "none"
    assert locate(building_id=world.building.pk).area_id == world.district_area.pk


@pytest.mark.parametrize("how", ["building", "point", "address", "nearest"])
def test_two_statements_are_enough_with_warm_caches(world: World, how: str) -> None:
    lng, lat = world.point_in(world.grid2)[0], 34.05
    _building_outside(world, lng, lat)
    arguments = {
        "building": {"building_id": world.building.pk},
        "point": {"point": world.point_in(world.grid)},
        "address": {"address": "春晓花园1号楼"},
        "nearest": {"point": (lng, lat)},
    }[how]
    locate(address="春晓花园", point=world.point_in(world.grid))  # warms names and borders
    assert AreaBorder.objects.exists()
    gazetteer()
    with CaptureQueriesContext(connection) as queries:
        locate(**arguments)
    assert len(queries) <= 1
