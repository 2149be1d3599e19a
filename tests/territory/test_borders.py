"""The borders of a community's grids as one set: no overlap, no gap, no building left out, apart only for a reason."""

from __future__ import annotations

from typing import Any

import pytest

from governance.kernel.errors import DomainError, Invalid, NotAllowed
from grids.models import Area, AreaBorder, Building
from grids.territory.actions.borders import save_border_set
from grids.territory.border_set import judge_set, set_stamp
from requests_intake.models import Ticket
from tests.cases import report
from tests.world import SIDE, World

pytestmark = pytest.mark.django_db


def box(world: World, south: float, north: float, west: float = 0.0, east: float = 1.0) -> dict[str, Any]:
    """In grid sides from the south-west corner of the first community, which is one wide and two high."""
    lng, lat = world.point_in(world.grid)
    left, low = lng - SIDE / 2, lat - SIDE / 2
    xs, ys = (left + west * SIDE, left + east * SIDE), (low + south * SIDE, low + north * SIDE)
    ring = [[xs[0], ys[0]], [xs[1], ys[0]], [xs[1], ys[1]], [xs[0], ys[1]], [xs[0], ys[0]]]
    return {"type": "Polygon", "coordinates": [[[round(x, 7), round(y, 7)] for x, y in ring]]}


def save(world: World, one: Any, two: Any, **said: Any) -> int:
    return save_border_set(
        world.community, borders={world.grid.pk: one, world.grid2.pk: two}, **{"actor": world.admin, **said}
    )


def kept(world: World) -> list[Any]:
    return list(AreaBorder.objects.filter(area__in=[world.grid, world.grid2]).order_by("area").values_list("geometry"))


def test_a_line_two_grids_share_is_moved_for_both_at_once(world: World) -> None:
    assert save(world, box(world, 0, 1.2), box(world, 1.2, 2)) == 2
    assert save(world, box(world, 0, 1.2), box(world, 1.2, 2)) == 0
    assert AreaBorder.objects.get(area=world.grid2).geometry == box(world, 1.2, 2)


@pytest.mark.parametrize(
    ("one", "two", "words"),
    [
        ((0, 1.3), (1, 2), "边界重叠"),
        ((0, 1), (1.2, 2), "不在任何下级边界内"),
        ((0, 1), (1, 2.5), "在上级区域 春晓社区 之外"),
    ],
)
def test_overlap_gap_and_what_lies_outside_are_refused_and_the_old_set_stays(
    world: World, one: tuple[float, float], two: tuple[float, float], words: str
) -> None:
    before = kept(world)
    with pytest.raises(Invalid) as refused:
        save(world, box(world, *one), box(world, *two))
    assert refused.value.code == "wrong_borders"
    assert words in refused.value.message
    assert kept(world) == before


def test_a_building_in_no_grid_is_named(world: World) -> None:
    far = Building.objects.create(grid=world.grid, number="3", name="B3", lng=world.building.lng, lat=50.0)
    with pytest.raises(Invalid) as refused:
        save(world, box(world, 0, 1), box(world, 1, 2))
    assert f"不在任何网格里：{far.name}" in refused.value.message


def test_a_building_on_the_other_side_is_named_or_follows_with_its_open_tickets(world: World) -> None:
    ticket = report(world)
    lines = (box(world, 0, 0.3), box(world, 0.3, 2))
    with pytest.raises(Invalid) as refused:
        save(world, *lines)
    assert world.building.name in refused.value.message
    save(world, *lines, buildings_follow=True)
    assert Building.objects.get(pk=world.building.pk).grid_id == world.grid2.pk
    assert Ticket.objects.get(pk=ticket.pk).grid_id == world.grid2.pk
    counts = dict(Area.objects.filter(pk__in=[world.grid.pk, world.grid2.pk]).values_list("pk", "household_count"))
    assert counts == {world.grid.pk: 202, world.grid2.pk: 298}


def test_a_grid_in_two_pieces_needs_a_reason(world: World) -> None:
    two = {
        "type": "MultiPolygon",
        "coordinates": [box(world, 1, 2, 0, 0.45)["coordinates"], box(world, 1, 2, 0.46, 1)["coordinates"]],
    }
    # The strip between the pieces is half a hundredth of the community: nobody's hand draws finer.
    judged = judge_set(world.community, {world.grid.pk: box(world, 0, 1), world.grid2.pk: two})
    assert (judged.problems, judged.apart) == ((), (world.grid2.pk,))
    with pytest.raises(Invalid) as refused:
        save(world, box(world, 0, 1), two)
    assert list(refused.value.fields) == ["apart_reason"]
    save(world, box(world, 0, 1), two, apart_reason="中间是铁路")
    assert AreaBorder.objects.get(area=world.grid2).split_reason == "中间是铁路"


def test_too_few_households_are_a_warning_and_no_refusal(world: World) -> None:
    judged = judge_set(world.community, {world.grid.pk: box(world, 0, 1), world.grid2.pk: box(world, 1, 2)})
    assert judged.problems == ()
    assert any("250 户，少于 300 户" in words for words in judged.warnings)


def test_a_grid_left_out_and_one_of_another_community_are_refused(world: World) -> None:
    with pytest.raises(Invalid) as missing:
        save_border_set(world.community, borders={world.grid.pk: box(world, 0, 1)}, actor=world.admin)
    assert "“春晓社区第二网格”：还没有边界" in missing.value.message
    borders = {world.grid.pk: box(world, 0, 1), world.grid2.pk: box(world, 1, 2), world.other_grid.pk: box(world, 0, 1)}
    with pytest.raises(Invalid) as stranger:
        save_border_set(world.community, borders=borders, actor=world.admin)
    assert "不属于“春晓社区”" in stranger.value.message


def test_only_the_administrator_and_only_from_what_is_there_now(world: World) -> None:
    with pytest.raises(NotAllowed):
        save(world, box(world, 0, 1), box(world, 1, 2), actor=world.secretary)
    old = set_stamp(world.community)
    save(world, box(world, 0, 1.1), box(world, 1.1, 2), stamp=old)
    with pytest.raises(DomainError) as late:
        save(world, box(world, 0, 1.2), box(world, 1.2, 2), stamp=old)
    assert late.value.code == "changed_meanwhile"
