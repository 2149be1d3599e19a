"""Finds of a patrol (S3-21), fixed on the spot (S1-10), and of a joint patrol (S3-32)."""

from __future__ import annotations

from datetime import date

import pytest

from governance.kernel import clock
from governance.kernel.errors import DomainError
from grids.actions.organizations import create_organization
from grids.actions.posts import assign_post, create_post
from grids.joint import JOINT_OFFICE, seats_of
from grids.patrols.actions.patrols import finish_patrol, withdraw_patrol
from grids.patrols.models import Patrol
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.resolve import solve_on_site
from requests_intake.actions.split import Part, split_ticket
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.grid_rates import absorption_rate, proactive_rate
from requests_intake.models import FollowUp, Ticket, WorkOrder
from requests_intake.policies import TicketPolicy
from requests_intake.queries import TicketFilter, tickets_of
from requests_intake.templatetags.finds import crews_of
from tests.cases import report
from tests.patrols.rounds import begun
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 18)


def find(world: World, **changes: object) -> Ticket:
    said = {"content": "楼前有垃圾", "building_id": world.building.pk, "channel": "patrol", "is_proactive": True}
    return submit_ticket(Report(**{**said, **changes}), actor=world.worker).ticket


def test_litter_fixed_on_the_spot_is_one_closed_order_counted_twice_and_nobody_is_asked(world: World) -> None:
    report(world)  # a resident's matter, open
    patrol = begun(world)
    ticket = find(world, start_level="grid")
    ticket = solve_on_site(ticket, actor=world.worker, reply="当场捡走了")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.channel, ticket.is_proactive, ticket.patrol_id) == (
        "closed",
        "patrol",
        True,
        patrol.pk,
    )
    order = WorkOrder.objects.get(ticket=ticket)
    assert (order.state, order.level) == ("verified", "grid")
    assert not ticket.needs_return_visit
    assert not FollowUp.objects.filter(ticket=ticket).exists()
    absorbed = absorption_rate(world.secretary, DAY, DAY)
    assert (absorbed.numerator_ids, absorbed.denominator_ids) == ([ticket.pk], [ticket.pk])
    found = proactive_rate(world.secretary, DAY, DAY)
    assert (found.numerator_ids, found.numerator, found.denominator) == ([ticket.pk], 1, 2)
    assert absorption_rate(world.other_secretary, DAY, DAY).denominator == 0
    assert proactive_rate(world.secretary, DAY, DAY, grid_ids=[world.grid2.pk]).denominator == 0


def test_a_find_is_of_the_patrol_one_is_on_and_makes_its_result(world: World) -> None:
    before = find(world)
    patrol = begun(world)
    during = [find(world), find(world)]
    at_door = submit_ticket(
        Report(content="有人说灯坏了", building_id=world.building.pk, channel="door"), actor=world.worker
    ).ticket
    with pytest.raises(DomainError):
        withdraw_patrol(patrol, actor=world.worker)
    patrol = finish_patrol(patrol, actor=world.worker, result="normal")
    after = find(world)
    links = Ticket.objects.filter(pk__in=[before.pk, *(row.pk for row in during), at_door.pk, after.pk])
    assert list(links.order_by("pk").values_list("patrol_id", flat=True)) == [None, patrol.pk, patrol.pk, None, None]
    assert (patrol.result, patrol.find_count) == ("findings", 2)


def test_a_refused_find_is_not_counted(world: World) -> None:
    patrol = begun(world)
    with pytest.raises(DomainError):
        find(world, content=" ")
    patrol.refresh_from_db()
    assert patrol.find_count == 0


def test_a_part_of_a_find_is_of_the_same_patrol(world: World) -> None:
    patrol = begun(world)
    ticket = find(world)
    parts = split_ticket(ticket, parts=[Part("垃圾"), Part("路灯")], actor=world.staff)
    assert {part.patrol_id for part in parts} == {patrol.pk}
    patrol.refresh_from_db()
    assert patrol.find_count == 1


def test_a_hazard_found_by_a_joint_patrol_is_one_ticket_with_all_crews_named_by_role(world: World) -> None:
    patrol = begun(world, crew={"police": 1, "property": 2, "volunteer": 3})
    ticket = find(world, content="消防通道被锁")
    assert Ticket.objects.filter(patrol_id=patrol.pk).get() == ticket
    crew = {row.get_role_display(): row.number for row in Patrol.objects.get(pk=ticket.patrol_id).crew.all()}
    assert crew == {"民警": 1, "物业": 2, "志愿者": 3}
    assert clock.local(patrol.started_at).date() == DAY
    assert crews_of(ticket) == [{"title": "联防巡查发现", "text": "民警 1 人、物业 2 人、志愿者 3 人"}]


def test_a_joint_office_has_its_own_queue_and_names_its_people_by_role(world: World) -> None:
    """People of two departments in one office: one ticket in the queue of all of them."""
    office = create_organization(
        name="东湖街道一体化办公室",
        kind="department",
        department_kind=JOINT_OFFICE,
        area=world.street,
        actor=world.admin,
    )  # fmt: skip
    for role, member in (("供水专员", "handler"), ("城管专员", "urban_handler")):
        post = create_post(office, kind="department_handler", name=role, is_leader=False, actor=world.admin)
        assign_post(post, membership=world.members[member], since=date(2026, 11, 1), actor=world.admin)
    ticket = dispatch_ticket(report(world), organization_id=office.pk, actor=world.dispatcher)
    for member in ("handler", "urban_handler"):
        assert list(tickets_of(world.actor(member), TicketFilter(queue="pool"))) == [ticket]
    assert not TicketPolicy.visible(world.actor("handler_leader")).filter(pk=ticket.pk).exists()
    crews = crews_of(Ticket.objects.get(pk=ticket.pk))
    assert [crew["title"] for crew in crews] == ["东湖街道一体化办公室"]
    assert crews[0]["text"] == "供水专员（区自来水公司）、城管专员（区城市管理局）"
    assert seats_of(world.water.pk) == []
