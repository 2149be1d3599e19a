"""Areas, compounds and buildings one by one: what the administrator changes holds for the next report."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from grids.actions.areas import create_area, update_area
from grids.actions.areas import end_area as end_area_of_register
from grids.actions.buildings import create_building, end_building, move_buildings, update_building
from grids.actions.compounds import create_compound, end_compound, update_compound
from grids.actions.rooms import generate_rooms
from grids.locate import locate
from grids.models import Area, Building, Organization, Post, PostAssignment, Room, Unit
from grids.reference import territory
from grids.stamps import stamp_of
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.rate import reopen_ticket
from requests_intake.actions.territory import end_area
from requests_intake.forms.places import building_choices, community_choices
from requests_intake.models import Ticket
from tests.cases import report, ticket_in
from tests.world import World


def new_grid(world: World, **changes: Any) -> Area:
    values = {"code": f"{world.community.code}009", "name": "春晓社区第三网格", "household_count": 260}
    return create_area(world.community, **{**values, **changes}, actor=world.admin)


def emptied(world: World) -> Area:
    """The second grid of the first community, without buildings; nobody is in post there."""
    ids = list(Building.objects.filter(grid=world.grid2).values_list("pk", flat=True))
    move_buildings(ids, grid=world.grid, actor=world.admin)
    return world.grid2


# ---------------------------------------------------------------- areas
def test_new_grid_has_its_organization_empty_posts_and_copied_columns(world: World) -> None:
    grid = new_grid(world)
    ref = territory().areas[grid.pk]
    assert (ref.street_id, ref.community_id, ref.grid_id) == (world.street.pk, world.community.pk, grid.pk)
    assert ref.path == f"{world.community.path}.009"
    own = Organization.objects.get(area=grid)
    assert (own.kind, own.parent_id) == ("grid_team", world.committee.pk)
    assert set(Post.objects.filter(organization=own).values_list("kind", flat=True)) == {"grid_worker", "grid_leader"}
    assert territory().handler(own.pk) is None
    event = AuditEvent.objects.get(action="area.create")
    assert (event.object_id, event.detail["code"]) == (grid.pk, grid.code)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"code": "990001001001009x"}, "code"),
        ({"code": "123456"}, "code"),
        ({"code": "9900010010010099"}, "code"),
        ({"code": "990001001001000"}, "code"),
        ({"code": "990001001001001"}, "code"),
        ({"name": " "}, "name"),
        ({"name": "春晓社区第一网格"}, "name"),
    ],
)
def test_a_wrong_code_or_a_name_a_sibling_has_is_refused(world: World, changes: dict[str, str], field: str) -> None:
    with pytest.raises(DomainError) as refused:
        new_grid(world, **changes)
    assert list(refused.value.fields) == [field]
    assert not Area.objects.filter(name="春晓社区第三网格").exists()


def test_street_codes_end_below_600(world: World) -> None:
    with pytest.raises(Invalid):
        create_area(world.district_area, code=f"{world.district_area.code}600", name="新街道", actor=world.admin)
    street = create_area(world.district_area, code=f"{world.district_area.code}599", name="新街道", actor=world.admin)
    assert Organization.objects.get(area=street).name == "新街道办事处"
    with pytest.raises(Invalid):
        create_area(world.grid, code=f"{world.grid.code}001", name="微网格", actor=world.admin)


def test_grids_called_alike_in_two_communities_have_two_organizations(world: World) -> None:
    first = new_grid(world, name="一网格")
    other = create_area(world.community2, code=f"{world.community2.code}009", name="一网格", actor=world.admin)
    names = [Organization.objects.get(area=area).name for area in (first, other)]
    assert names == ["一网格", f"{world.community2.name}一网格"]


def test_a_renamed_area_takes_its_organization_along_and_is_found_by_its_new_name(world: World) -> None:
    update_area(world.community, name="新晓社区", household_count=900, resident_count=2100, actor=world.admin)
    assert Organization.objects.get(pk=world.committee.pk).name == "新晓社区居委会"
    assert locate(address="新晓社区门口").community_id == world.community.pk
    assert locate(address="春晓社区门口").community_id is None
    assert AuditEvent.objects.get(action="area.update").detail["name"] == ["春晓社区", "新晓社区"]
    assert ("新晓社区" in str(community_choices())) is True


def test_an_organization_with_a_name_of_its_own_keeps_it(world: World) -> None:
    Organization.objects.filter(pk=world.committee.pk).update(name="春晓里居民委员会")
    update_area(world.community, name="新晓社区", household_count=0, resident_count=0, actor=world.admin)
    assert Organization.objects.get(pk=world.committee.pk).name == "春晓里居民委员会"


def test_an_area_in_use_does_not_end_and_says_what_is_in_the_way(world: World) -> None:
    with pytest.raises(DomainError) as refused:
        end_area_of_register(world.community, on=clock.today(), actor=world.admin)
    assert refused.value.code == "area_in_use"
    assert refused.value.data["found"] == {"areas": 2, "compounds": 1, "holders": 2}
    with pytest.raises(DomainError):
        end_area_of_register(world.grid2, on=clock.today(), actor=world.admin)
    with pytest.raises(Invalid):
        end_area_of_register(world.district_area, on=clock.today(), actor=world.admin)


def test_a_grid_with_open_tickets_does_not_end(world: World) -> None:
    ticket = report(world, building_id=world.buildings[2].pk)
    assert ticket.grid_id == world.grid2.pk
    grid = emptied(world)
    with pytest.raises(DomainError) as refused:
        end_area(grid, on=clock.today(), actor=world.admin)
    assert (refused.value.code, refused.value.data["count"]) == ("open_tickets", 1)


def test_a_restricted_matter_stops_the_end_of_its_grid_and_is_neither_counted_nor_named(world: World) -> None:
    grid = emptied(world)
    ticket = report(world, building_id=None, content="街道食堂拿回扣。", request_type="report")
    Ticket.objects.filter(pk=ticket.pk).update(grid_id=grid.pk)
    assert ticket.is_restricted
    client = world.sign_in(Client(), "admin")
    address = f"/d/{world.district.code}/manage/areas/{grid.pk}/end/"
    assert "没办完的诉求" not in client.get(address).content.decode()
    with pytest.raises(DomainError) as refused:
        end_area(grid, on=clock.today(), actor=world.admin)
    assert (refused.value.code, refused.value.data) == ("not_yet", {})
    said = client.post(address, {"on": f"{clock.today()}", "idempotency_key": uuid4().hex})
    assert said.status_code == 422
    assert "暂时还不能停用" in said.content.decode()
    assert "没办完的诉求" not in said.content.decode()
    assert Area.objects.get(pk=grid.pk).ended_on is None


def test_a_grid_whose_people_handle_a_ticket_of_elsewhere_does_not_end(world: World) -> None:
    grid = emptied(world)
    ticket = dispatch_ticket(report(world), organization_id=world.organizations[grid.pk].pk, actor=world.center)
    with pytest.raises(DomainError) as refused:
        end_area(grid, on=clock.today(), actor=world.admin)
    assert refused.value.code == "open_tickets"
    dispatch_ticket(ticket, organization_id=world.grid_team.pk, actor=world.center)
    end_area(grid, on=clock.today(), actor=world.admin)


def test_an_ended_grid_is_offered_and_found_no_more(world: World) -> None:
    point = world.point_in(world.grid2)
    assert locate(point=point).grid_id == world.grid2.pk
    grid = emptied(world)
    day = clock.today() - timedelta(days=1)
    end_area(grid, on=day, actor=world.admin)
    grid.refresh_from_db()
    assert grid.ended_on == day
    assert grid.pk not in territory().areas
    assert world.organizations[grid.pk].pk not in territory().organizations
    assert locate(address=f"{grid.name}门口").grid_id is None
    assert locate(point=point).grid_id != grid.pk
    with pytest.raises(DomainError):
        end_area(grid, on=day, actor=world.admin)


@pytest.mark.parametrize("days", [1, -100_000])
def test_an_area_ends_between_its_first_day_and_today(world: World, days: int) -> None:
    grid = emptied(world)
    with pytest.raises(Invalid) as refused:
        end_area(grid, on=clock.today() + timedelta(days=max(days, -9000)), actor=world.admin)
    assert list(refused.value.fields) == ["on"]


def test_what_is_reopened_after_its_grid_has_ended_goes_to_the_districts_centre(world: World) -> None:
    ticket = ticket_in(world, "closed")
    own = world.grid_team
    PostAssignment.objects.filter(post__organization=own).update(until=clock.today() - timedelta(days=1))
    ids = list(Building.objects.filter(grid=world.grid).values_list("pk", flat=True))
    move_buildings(ids, grid=world.grid2, actor=world.admin)
    end_area(world.grid, on=clock.today(), actor=world.admin)
    assert reopen_ticket(ticket, note="又坏了", actor=world.dispatcher).organization_id == world.center_office.pk


# ---------------------------------------------------------------- compounds
def test_a_new_compound_is_found_by_its_name_and_an_ended_one_is_not(world: World) -> None:
    row = create_compound(community=world.community, name="梧桐里", management="self", actor=world.admin)
    assert locate(address="梧桐里门口").compound_id == row.pk
    update_compound(row, name="凤栖梧桐", management="none", actor=world.admin)
    assert locate(address="凤栖梧桐门口").compound_id == row.pk
    end_compound(row, actor=world.admin)
    assert locate(address="凤栖梧桐门口").compound_id is None
    with pytest.raises(DomainError):
        end_compound(row, actor=world.admin)


def test_a_compound_with_buildings_does_not_end(world: World) -> None:
    with pytest.raises(DomainError) as refused:
        end_compound(world.compound, actor=world.admin)
    assert refused.value.data["count"] == 4


@pytest.mark.parametrize("changes", [{"name": " "}, {"name": "春晓花园"}, {"property_company": "water"}])
def test_a_wrong_compound_is_refused(world: World, changes: dict[str, Any]) -> None:
    if "property_company" in changes:
        changes = {"property_company": world.water}
    with pytest.raises(DomainError) as refused:
        create_compound(**{"community": world.community, "name": "梧桐里", "management": "none", **changes},
                        actor=world.admin)  # fmt: skip
    assert len(refused.value.fields) == 1
    with pytest.raises(Invalid):
        create_compound(community=world.grid, name="梧桐里", management="none", actor=world.admin)


# ---------------------------------------------------------------- buildings
def test_a_report_at_a_new_building_goes_to_its_grid(world: World) -> None:
    row = create_building(grid=world.grid2, compound=world.compound, number="9", actor=world.admin)
    assert row.name == "春晓花园9号楼"
    assert str(row.pk) in str(building_choices(world.community.pk))
    assert report(world, building_id=row.pk).grid_id == world.grid2.pk
    assert locate(address="春晓花园9号楼").building_id == row.pk


def test_after_moving_new_reports_go_to_the_new_grid_and_given_tickets_stay(world: World) -> None:
    before = report(world)
    promise = before.promise_due_at
    assert move_buildings([world.building.pk], grid=world.grid2, actor=world.admin) == 1
    after = report(world)
    before.refresh_from_db()
    assert (before.grid_id, after.grid_id) == (world.grid.pk, world.grid2.pk)
    assert (before.organization_id, before.promise_due_at) == (world.grid_team.pk, promise)
    assert after.organization_id == world.organizations[world.grid2.pk].pk
    assert AuditEvent.objects.get(action="building.move").detail["buildings"] == [world.building.pk]


def test_buildings_move_all_or_none(world: World) -> None:
    ids = [row.pk for row in world.buildings[:2]]
    with pytest.raises(Invalid) as refused:  # their compound belongs to another community
        move_buildings(ids, grid=world.other_grid, actor=world.admin)
    assert "compound" in refused.value.fields
    Building.objects.create(grid=world.other_grid, number="2", name=world.buildings[1].name)
    with pytest.raises(DomainError) as refused:
        move_buildings(ids, grid=world.other_grid, compound=None, actor=world.admin)
    assert refused.value.code == "building_name_taken"
    assert set(Building.objects.filter(pk__in=ids).values_list("grid_id", flat=True)) == {world.grid.pk}
    with pytest.raises(Invalid):
        move_buildings([], grid=world.grid2, actor=world.admin)
    assert move_buildings(ids[:1], grid=world.other_grid, compound=None, actor=world.admin) == 1
    assert report(world).street_id == world.other_street.pk


def test_an_ended_building_is_offered_and_found_no_more(world: World) -> None:
    open_before = report(world)
    end_building(world.building, actor=world.admin)
    assert f"'{world.building.pk}'" not in str(building_choices(world.community.pk))
    assert locate(address=world.building.name).building_id is None
    assert locate(building_id=world.building.pk).building_id is None
    assert locate(point=(world.building.lng, world.building.lat)).building_id is None
    open_before.refresh_from_db()
    assert (open_before.building_id, open_before.state) == (world.building.pk, "handling")
    with pytest.raises(DomainError):
        move_buildings([world.building.pk], grid=world.grid2, actor=world.admin)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": " "}, "number"),
        ({"lng": 113.2}, "lat"),
        ({"name": "春晓花园1号楼"}, "name"),
        ({"compound": "other"}, "compound"),
        ({"grid": "community"}, "grid"),
    ],
)
def test_a_wrong_building_is_refused_where_it_is_wrong(world: World, changes: dict[str, Any], field: str) -> None:
    named = {"other": world.compounds[2], "community": world.community}
    values = {"grid": world.grid, "compound": world.compound, "number": "9"}
    values |= {name: named.get(value, value) for name, value in changes.items()}
    with pytest.raises(DomainError) as refused:
        create_building(**values, actor=world.admin)
    assert list(refused.value.fields) == [field]


def test_flats_are_generated_once_and_what_is_there_stays(world: World) -> None:
    Building.objects.filter(pk=world.building.pk).update(household_count=0)
    entrance = Unit.objects.create(building=world.building, number=1)
    Room.objects.create(unit=entrance, floor=1, number="101", use="business")
    assert generate_rooms(world.building, units=2, floors=6, doors=2, actor=world.admin) == 23
    assert generate_rooms(world.building, units=2, floors=6, doors=2, actor=world.admin) == 0
    assert Room.objects.filter(unit__building=world.building).count() == 24
    assert Room.objects.get(unit=entrance, number="101").use == "business"
    assert Room.objects.filter(unit__building=world.building, number="602").count() == 2
    world.building.refresh_from_db()
    assert world.building.household_count == 24
    with pytest.raises(Invalid):
        generate_rooms(world.building, units=50, floors=50, doors=50, actor=world.admin)


# ---------------------------------------------------------------- two at once, and who may
def test_who_saves_second_is_told_what_the_first_has_changed(world: World) -> None:
    names = ("name", "grid_kind", "household_count", "resident_count")
    seen = stamp_of(world.grid, names)
    update_area(world.grid, name="甲网格", household_count=250, resident_count=0, stamp=seen, actor=world.admin)
    with pytest.raises(DomainError) as refused:
        update_area(world.grid, name="乙网格", household_count=250, resident_count=0, stamp=seen, actor=world.admin)
    assert refused.value.code == "changed_meanwhile"
    assert "名称现在是“甲网格”" in refused.value.message
    stamp = refused.value.data["stamp"]
    update_area(world.grid, name="乙网格", household_count=250, resident_count=0, stamp=stamp, actor=world.admin)


def test_nobody_but_the_administrator_changes_the_territory(world: World) -> None:
    for act in (
        lambda: create_area(world.community, code=f"{world.community.code}009", name="新", actor=world.center),
        lambda: update_area(world.grid, name="新", household_count=0, resident_count=0, actor=world.center),
        lambda: end_area(world.grid2, on=clock.today(), actor=world.official),
        lambda: create_compound(community=world.community, name="新", management="none", actor=world.staff),
        lambda: update_compound(world.compound, name="新", management="none", actor=world.staff),
        lambda: end_compound(world.compound, actor=world.staff),
        lambda: create_building(grid=world.grid, number="9", actor=world.worker),
        lambda: update_building(world.building, grid=world.grid, number="9", actor=world.worker),
        lambda: move_buildings([world.building.pk], grid=world.grid2, actor=world.worker),
        lambda: generate_rooms(world.building, units=1, floors=1, doors=1, actor=world.worker),
        lambda: end_building(world.building, actor=world.worker),
    ):
        with pytest.raises(NotAllowed):
            act()
