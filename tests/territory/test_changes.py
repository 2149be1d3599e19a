"""Splitting and merging grids: who proposes, who decides, what goes along (S1-09b, S0-01)."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Any

import pytest

from governance.accounts.models import Notice
from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.models import AuditEvent
from grids.actions.areas import own_of
from grids.geometry import polygon
from grids.households.actions.elements import ElementDetails, add_element
from grids.locate import locate
from grids.models import Area, AreaBorder, Building, Post, PostAssignment
from grids.patrols.models import PatrolPlan, PatrolShift
from grids.posts.actions.forces import end_force
from grids.posts.models import Force
from grids.posts.nominations import visible_rounds
from grids.reference import territory
from grids.territory.actions.decide import approve_change, refuse_change
from grids.territory.actions.propose import propose_merge, propose_split, withdraw_change
from grids.territory.models import GridChange
from grids.territory.shapes import split_by_points
from grids.visits.models import VisitPlan
from requests_intake.actions.handle import sign_order
from requests_intake.models import Ticket, WorkOrder
from requests_intake.policies import TicketPolicy
from tests.cases import report, ticket_in
from tests.posts.cast import appoint, force, nomination
from tests.world import World

pytestmark = pytest.mark.django_db
WHY = "户数太多，一个网格员跑不过来"


def merge(world: World, **said: Any) -> GridChange:
    return propose_merge(world.grid, into=world.grid2, actor=world.secretary, **{"reason": WHY, **said})


def split(world: World, choice: dict[int, int] | None = None, **said: Any) -> GridChange:
    wanted = {world.buildings[0].pk: 0, world.buildings[1].pk: 1} if choice is None else choice
    names = said.pop("names", ["春晓社区第一网格", "春晓社区第三网格"])
    return propose_split(
        world.grid, names=names, choice=wanted, actor=world.secretary, **{"reason": WHY, **said}
    )  # fmt: skip


def test_a_merged_grid_is_gone_from_the_count_and_stays_in_history_with_its_last_day(world: World) -> None:
    before = len(territory().at_level("grid"))
    approve_change(merge(world), actor=world.dispatcher)
    assert len(territory().at_level("grid")) == before - 1
    old = Area.objects.get(pk=world.grid.pk)
    assert (old.ended_on, old.name) == (clock.today(), "春晓社区第一网格")
    assert AreaBorder.objects.filter(area=old).exists()
    team = own_of(world.grid)
    assert team is None
    heir = Area.objects.get(pk=world.grid2.pk)
    assert (heir.household_count, heir.ended_on) == (500, None)
    assert set(Building.objects.filter(grid=heir).values_list("pk", flat=True)) == {b.pk for b in world.buildings[:4]}
    whole = polygon(AreaBorder.objects.get(area=heir).geometry)
    assert whole.symmetric_difference(polygon(AreaBorder.objects.get(area=world.community).geometry)).area < 1e-9
    assert locate(point=world.point_in(world.grid)).grid_id == heir.pk


def test_open_tickets_and_people_go_along_and_finished_ones_stay_where_they_were_counted(world: World) -> None:
    signed = sign_order(report(world), actor=world.worker)
    closed = ticket_in(world, "closed")
    change = approve_change(merge(world), actor=world.dispatcher)
    moved, stayed = Ticket.objects.get(pk=signed.pk), Ticket.objects.get(pk=closed.pk)
    assert (moved.grid_id, stayed.grid_id) == (world.grid2.pk, world.grid.pk)
    team = world.organizations[world.grid2.pk]
    assert (moved.organization_id, moved.state) == (team.pk, "handling")
    lead = WorkOrder.objects.get(ticket=moved, ended_at=None)
    assert lead.organization_id == team.pk
    assert lead.due_at <= moved.promise_due_at
    kinds = {row.kind for row in territory().serving(team.pk)}
    assert {"grid_worker", "grid_leader"} <= kinds
    assert change.moved["tickets"] == 1
    assert change.moved["people"] == 2
    last = PostAssignment.objects.get(post__organization=world.grid_team, membership=world.members["worker"])
    assert last.until == clock.today() - timedelta(days=1)
    # Who worked in the old grid sees the matter in the new one.
    assert TicketPolicy.visible(world.actor("worker")).filter(pk=signed.pk).exists()


def test_plans_of_this_month_go_along_and_those_of_the_past_stay(world: World) -> None:
    this = clock.today().replace(day=1)
    past, later = (this - timedelta(days=1)).replace(day=1), (this + timedelta(days=40)).replace(day=1)
    for grid, month, target in (
        (world.grid, past, 100), (world.grid, this, 120), (world.grid2, this, 200), (world.grid, later, 150)
    ):  # fmt: skip
        VisitPlan.objects.create(grid=grid, month=month, target=target, set_at=clock.now())
    change = approve_change(merge(world), actor=world.dispatcher)
    assert change.moved["plans"] == 2
    plans = dict(VisitPlan.objects.filter(grid=world.grid2).values_list("month", "target"))
    assert plans == {this: 320, later: 150}
    assert VisitPlan.objects.filter(grid=world.grid, month=past, target=100).exists()


def planned(grid: Any) -> PatrolPlan:
    row = PatrolPlan.objects.create(
        grid=grid, kind="routine", weekdays=[1, 3], starts_on=clock.today() - timedelta(days=9), made_at=clock.now()
    )
    PatrolShift.objects.create(plan=row, code="am", opens_at=time(9), closes_at=time(11))
    return row


def test_a_new_grid_is_patrolled_as_the_old_one_was_and_an_ended_one_no_more(world: World) -> None:
    old = planned(world.grid)
    change = approve_change(split(world), actor=world.dispatcher)
    new = PatrolPlan.objects.get(grid=change.parts.get(place=2).area)
    assert (new.weekdays, new.starts_on, new.shifts.get().code) == ([1, 3], clock.today(), "am")
    old.refresh_from_db()
    assert old.ended_on is None
    approve_change(merge(world), actor=world.dispatcher)
    old.refresh_from_db()
    assert old.ended_on == clock.today()
    heir = PatrolPlan.objects.get(grid=world.grid2, ended_on=None)
    assert heir.shifts.get().opens_at == time(9)


@pytest.mark.parametrize("heir_has_one", [False, True])
def test_the_instructor_of_an_ended_grid_gets_the_heirs_seat_where_nobody_has_it(
    world: World, heir_has_one: bool
) -> None:
    appoint(world, world.grid, "party_instructor", "supervisor")
    if heir_has_one:
        appoint(world, world.grid2, "party_instructor", "official")
    else:
        Post.objects.filter(organization=world.organizations[world.grid2.pk], kind="party_instructor").delete()
    approve_change(merge(world), actor=world.dispatcher)
    (seat,) = Post.objects.filter(organization=world.organizations[world.grid2.pk], kind="party_instructor")
    holding = PostAssignment.objects.filter(post=seat).exclude(until__lt=clock.today())
    assert [row.membership for row in holding] == [world.members["official" if heir_has_one else "supervisor"]]


def test_a_new_grid_has_the_old_ones_instructor(world: World) -> None:
    appoint(world, world.grid, "party_instructor", "supervisor")
    change = approve_change(split(world), actor=world.dispatcher)
    new = change.parts.get(place=2).area
    held = PostAssignment.objects.get(post__organization=own_of(new), post__kind="party_instructor")
    assert (held.membership, held.since) == (world.members["supervisor"], clock.today())


def test_forces_go_to_the_heir_and_what_hangs_on_a_building_goes_with_it(world: World) -> None:
    helper, left = force(world.grid, world.worker), force(world.grid, world.worker, name="李师傅")
    end_force(left, actor=world.worker)
    held = nomination(world)
    change = approve_change(merge(world), actor=world.dispatcher)
    assert change.moved["forces"] == 1
    stands = dict(Force.objects.values_list("pk", "area_id"))
    assert stands == {helper.pk: world.grid2.pk, left.pk: world.grid.pk}
    # The building lies in the heir now, and with it the choice of its head.
    assert held.building.grid_id == world.grid.pk
    assert visible_rounds(world.actor("worker")).get().building.grid_id == world.grid2.pk


def test_after_a_split_the_forces_stay_with_the_old_grid(world: World) -> None:
    helper = force(world.grid, world.worker)
    change = approve_change(split(world), actor=world.dispatcher)
    helper.refresh_from_db()
    assert (helper.area_id, change.moved["forces"]) == (world.grid.pk, 0)


def test_what_waits_to_be_looked_at_stops_a_merge_and_nothing_has_changed(world: World) -> None:
    ticket_in(world, "resolved")
    change = merge(world)
    with pytest.raises(DomainError) as refused:
        approve_change(change, actor=world.dispatcher)
    assert refused.value.code == "orders_half_done"
    assert "1 张工单" in refused.value.message
    assert GridChange.objects.get().state == "proposed"
    assert Area.objects.get(pk=world.grid.pk).ended_on is None
    assert Building.objects.filter(grid=world.grid).count() == 2


def test_a_building_left_out_of_a_split_is_named_and_nothing_is_proposed(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        split(world, {world.buildings[0].pk: 0})
    assert refused.value.code == "buildings_left"
    assert world.buildings[1].name in refused.value.message
    assert "choice" in refused.value.fields
    assert not GridChange.objects.exists()


def test_a_split_makes_grids_without_a_gap_and_everything_follows_its_building(world: World) -> None:
    here, there = report(world), report(world, building_id=world.buildings[1].pk)
    lng, lat = world.buildings[1].lng, world.buildings[1].lat
    lamp = add_element(
        world.grid.pk, ElementDetails(kind="street_lamp", name="东路灯", lng=lng, lat=lat), actor=world.worker
    )
    old = polygon(AreaBorder.objects.get(area=world.grid).geometry)
    change = approve_change(split(world), actor=world.dispatcher)
    first, second = (part.area for part in change.parts.order_by("place"))
    assert (first.pk, second.name, second.valid_from) == (world.grid.pk, "春晓社区第三网格", clock.today())
    shapes = [polygon(AreaBorder.objects.get(area=area).geometry) for area in (first, second)]
    assert shapes[0].intersection(shapes[1]).area < 1e-12
    assert shapes[0].union(shapes[1]).symmetric_difference(old).area < 1e-9
    assert Building.objects.get(pk=world.buildings[1].pk).grid_id == second.pk
    assert Ticket.objects.get(pk=here.pk).grid_id == first.pk
    moved = Ticket.objects.get(pk=there.pk)
    assert (moved.grid_id, moved.area_id) == (second.pk, second.pk)
    assert moved.organization_id == territory().own[second.pk]
    lamp.refresh_from_db()
    assert lamp.grid_id == second.pk
    # The same people answer for both until the community says otherwise: nobody is left uncovered.
    assert {row.kind for row in territory().serving(territory().own[second.pk])} == {"grid_worker", "grid_leader"}
    assert change.before[str(world.grid.pk)]["type"] == "Polygon"
    assert (first.household_count, second.household_count) == (24, 24)


def test_nothing_changes_before_the_street_has_agreed_and_until_then_it_can_be_taken_back(world: World) -> None:
    change = split(world)
    assert Area.objects.filter(level="grid", ended_on=None).count() == 8
    withdraw_change(change, actor=world.secretary)
    assert GridChange.objects.get().state == "withdrawn"
    with pytest.raises(DomainError) as refused:
        approve_change(change, actor=world.dispatcher)
    assert refused.value.code == "already_decided"
    again = split(world)
    approve_change(again, actor=world.dispatcher)
    with pytest.raises(DomainError):
        withdraw_change(again, actor=world.secretary)


def test_the_secretary_proposes_the_street_decides_and_nobody_else(world: World) -> None:
    for who in ("worker", "staff", "dispatcher", "admin"):
        with pytest.raises(NotAllowed):
            propose_merge(world.grid, into=world.grid2, reason=WHY, actor=world.actors[who])
    with pytest.raises(NotFound):
        propose_merge(world.grid, into=world.grid2, reason=WHY, actor=world.other_secretary)
    change = merge(world)
    for who in ("secretary", "other_dispatcher", "street_leader", "admin"):
        with pytest.raises(NotAllowed):
            approve_change(change, actor=world.actors[who])
        with pytest.raises(NotAllowed):
            refuse_change(change, reason="不行", actor=world.actors[who])


def test_a_refusal_needs_its_reason_and_tells_the_community(world: World) -> None:
    change = merge(world)
    assert Notice.objects.filter(membership=world.members["dispatcher"], kind="grid_change").count() == 1
    with pytest.raises(Invalid) as missing:
        refuse_change(change, reason=" ", actor=world.dispatcher)
    assert "decision" in missing.value.fields
    refuse_change(change, reason="等换届以后", actor=world.dispatcher)
    assert GridChange.objects.get().decision == "等换届以后"
    assert Notice.objects.filter(membership=world.members["secretary"], kind="grid_change").count() == 1
    told = AuditEvent.objects.filter(object_kind="grid_change").values_list("action", flat=True)
    assert sorted(told) == ["grid_change.propose", "grid_change.refuse"]


def test_pieces_that_do_not_hang_together_need_a_reason(world: World) -> None:
    # A third building between the two: the outer ones together are no one piece of land.
    lng, lat = world.point_in(world.grid)
    middle = Building.objects.create(grid=world.grid, number="9", name="中间楼", lng=lng, lat=lat, household_count=1)
    choice = {world.buildings[0].pk: 0, world.buildings[1].pk: 0, middle.pk: 1}
    with pytest.raises(Invalid) as refused:
        split(world, choice)
    assert refused.value.code == "apart_reason_missing"
    assert "春晓社区第一网格" in refused.value.message
    change = split(world, choice, apart_reason="中间是学校")
    approve_change(change, actor=world.dispatcher)
    assert AreaBorder.objects.get(area=world.grid).split_reason == "中间是学校"


def test_a_grid_elsewhere_a_taken_name_and_a_second_proposal_are_refused(world: World) -> None:
    with pytest.raises(Invalid) as elsewhere:
        propose_merge(world.grid, into=world.other_grid, reason=WHY, actor=world.secretary)
    assert elsewhere.value.code == "wrong_target"
    with pytest.raises(Invalid) as taken:
        split(world, names=["春晓社区第一网格", "春晓社区第二网格"])
    assert taken.value.code == "wrong_names"
    merge(world)
    for again in (merge, split):
        with pytest.raises(DomainError) as second:
            again(world)
        assert second.value.code == "already_proposed"


def test_a_building_that_came_in_between_sends_the_proposal_back(world: World) -> None:
    change = split(world)
    Building.objects.create(grid=world.grid, number="9", name="新楼")
    with pytest.raises(DomainError) as refused:
        approve_change(change, actor=world.dispatcher)
    assert refused.value.code == "changed_meanwhile"
    assert "新楼" in refused.value.message


def test_lines_of_a_split_run_between_the_buildings_of_its_parts() -> None:
    border = {"type": "Polygon", "coordinates": [[[0, 0], [4, 0], [4, 2], [0, 2], [0, 0]]]}
    found = split_by_points(border, {0: [(1, 1)], 1: [(3, 1)], 2: []})
    assert found[2] is None
    assert found[0] is not None
    assert polygon(found[0]).bounds == pytest.approx((0, 0, 2, 2))
    same = split_by_points(border, {0: [(1, 1)], 1: [(1, 1)]})
    assert (same[0] is not None, same[1]) == (True, None)
