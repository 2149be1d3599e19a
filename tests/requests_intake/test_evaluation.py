"""谁呼谁评、谁应谁评 (S3-29): both sides rate; the rated side sees months that have ended, from five entries on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import IntegrityError, ProgrammingError, transaction

from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from grids.models import Organization
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.evaluation import (
    Scores,
    evaluate_caller,
    evaluate_order,
    evaluate_target,
    open_detail,
)
from requests_intake.actions.handle import sign_order
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.verify import verify_ticket
from requests_intake.evaluations import detail_of, received_by, to_rate
from requests_intake.models import EvaluationEntry, Ticket, Whistle, WorkOrder
from tests.whistles import blown, closed, handled, target
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
DECEMBER = datetime(2026, 12, 1, 0, 1, tzinfo=SHANGHAI)
GOOD, POOR = Scores(5, 5, 5), Scores(2, 2, 2)


def entries(world: World, count: int, *, raters: int = 3, score: int = 2, comment: str = "") -> None:
    """Entries about water, given by several organizations in turn."""
    own = world.organizations
    offices: list[Organization] = [world.street_office, world.committee, own[world.other_street.pk],
                                   own[world.other_community.pk]]  # fmt: skip
    now = MONDAY_9
    for number in range(count):
        EvaluationEntry.objects.create(
            whistle_target=target(handled(world), world.water), rater_kind="caller", rater=offices[number % raters],
            ratee=world.water, speed=score, result=score, attitude=score, at=now, month=now.date().replace(day=1),
            comment=f"{comment}{number}" if comment else "",
        )  # fmt: skip


# ---------------------------------------------------------------- given/when/then
@pytest.mark.django_db
def test_a_community_rates_a_department_which_sees_nothing_before_five_entries_while_the_office_sees_each(
    world: World,
) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        whistle = handled(world)
        Whistle.objects.filter(pk=whistle.pk).update(asker=world.committee)
        evaluate_target(target(whistle, world.water), scores=POOR, comment="来得太慢", actor=world.secretary)
        entry = EvaluationEntry.objects.get()
        assert (entry.rater_id, entry.ratee_id, entry.result) == (world.committee.pk, world.water.pk, 2)
        entries(world, 3)
        now.move_to(DECEMBER)
        assert received_by([world.water.pk]) == []  # four
        now.move_to(MONDAY_9)
        entries(world, 1)
        now.move_to(DECEMBER)
        (month,) = received_by([world.water.pk])
        assert (month.count, month.result) == (5, 2.0)
        open_detail("2026-11", actor=world.official)
        assert {row.rater_id for row in detail_of(month.month)} >= {world.committee.pk, world.street_office.pk}
    assert AuditEvent.objects.filter(action="evaluation.detail").count() == 1


# ---------------------------------------------------------------- the guard
@pytest.mark.django_db
def test_a_figure_never_changes_by_one_entry_before_the_eyes_of_the_rated(world: World) -> None:
    """Five entries, then a sixth in the same month: nothing is shown until the month is over, then all six at once."""
    with time_machine.travel(MONDAY_9, tick=False) as now:
        entries(world, 5, score=5)
        assert received_by([world.water.pk]) == []
        entries(world, 1, score=1)
        assert received_by([world.water.pk]) == []
        now.move_to(DECEMBER)
        shown = received_by([world.water.pk])
        assert [row.count for row in shown] == [6]
        # What is given from now on belongs to the new month and leaves the ended one as it is.
        whistle = handled(world)
        evaluate_target(target(whistle, world.water), scores=POOR, actor=world.dispatcher)
        assert received_by([world.water.pk]) == shown


@pytest.mark.django_db
def test_five_entries_of_two_organizations_are_not_shown(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        entries(world, 5, raters=2)
        now.move_to(DECEMBER)
        assert received_by([world.water.pk]) == []


@pytest.mark.django_db
def test_comments_are_unsigned_undated_and_in_another_order(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        entries(world, 8, comment="第几条")
        now.move_to(DECEMBER)
        (month,) = received_by([world.water.pk])
        given = [f"第几条{number}" for number in range(8)]
        assert sorted(month.comments) == given
        assert list(month.comments) != given
        assert month == received_by([world.water.pk])[0]


@pytest.mark.django_db
@pytest.mark.parametrize("person", ["handler", "dispatcher", "secretary", "center", "admin"])
def test_only_the_evaluation_office_opens_the_detail(world: World, person: str) -> None:
    with pytest.raises(NotAllowed, match="区领导和督查员"):
        open_detail("2026-11", actor=world.actor(person))
    assert not AuditEvent.objects.filter(action="evaluation.detail").exists()


# ---------------------------------------------------------------- rating
@pytest.mark.django_db
def test_both_sides_rate_only_after_it_is_handled(world: World) -> None:
    whistle = blown(world, organizations=[world.water.pk])
    with pytest.raises(DomainError, match="现在不能“评哨”"):
        evaluate_target(target(whistle, world.water), scores=GOOD, actor=world.dispatcher)
    with pytest.raises(DomainError, match="办完以后"):
        evaluate_caller(target(whistle, world.water), scores=GOOD, actor=world.handler)


@pytest.mark.django_db
def test_the_called_organization_rates_the_street_once(world: World) -> None:
    row = target(closed(world), world.water)
    evaluate_caller(row, scores=GOOD, actor=world.handler)
    entry = EvaluationEntry.objects.get(rater_kind="responder")
    assert (entry.rater_id, entry.ratee_id) == (world.water.pk, world.street_office.pk)
    with pytest.raises(DomainError, match="已经评过"):
        evaluate_caller(row, scores=GOOD, actor=world.handler_leader)
    with pytest.raises(NotAllowed):
        evaluate_caller(row, scores=GOOD, actor=world.urban_handler)


@pytest.mark.django_db
def test_after_fifteen_days_it_is_too_late(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        row = target(closed(world), world.water)
        assert [matter.side for matter in to_rate(world.handler)] == ["responder"]
        now.shift(timedelta(days=15, seconds=1))
        assert to_rate(world.handler) == []
        with pytest.raises(DomainError, match="超过 15 天"):
            evaluate_caller(row, scores=GOOD, actor=world.handler)


@pytest.mark.django_db
@pytest.mark.parametrize("scores", [Scores(0, 3, 3), Scores(3, 6, 3)])
def test_scores_are_one_to_five(world: World, scores: Scores) -> None:
    row = target(handled(world), world.water)
    with pytest.raises(Invalid, match="1 至 5"):
        evaluate_target(row, scores=scores, actor=world.dispatcher)
    row.refresh_from_db()
    assert row.state == "handled"


@pytest.mark.django_db
def test_nobody_changes_an_entry_or_gives_two(world: World) -> None:
    closed(world)
    entry = EvaluationEntry.objects.get()
    with pytest.raises(ProgrammingError), transaction.atomic():
        EvaluationEntry.objects.filter(pk=entry.pk).update(result=5)
    entry.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.save(force_insert=True)


# ---------------------------------------------------------------- orders that were handed on
def handed_on(world: World, ticket: Ticket) -> WorkOrder:
    """The grid escalates, the community solves it and it is verified."""
    sign_order(ticket, actor=world.worker)
    escalate_ticket(ticket, actor=world.worker, note="修不了。")
    sign_order(ticket, actor=world.staff)
    escalate_ticket(ticket, actor=world.staff, note="社区也修不了。")
    sign_order(ticket, actor=world.dispatcher)
    resolve_ticket(ticket, actor=world.dispatcher, reply="修好了。")
    if Ticket.objects.get(pk=ticket.pk).state == "resolved":
        verify_ticket(ticket, passed=True, actor=world.staff)
    return WorkOrder.objects.get(ticket=ticket, level="street")


@pytest.mark.django_db
def test_a_community_that_escalated_rates_the_street_and_is_rated_by_it(
    world: World, reported: Callable[..., Ticket]
) -> None:
    order = handed_on(world, reported())
    assert [(matter.side, matter.other_id) for matter in to_rate(world.secretary)] == [
        ("caller", world.street_office.pk)
    ]
    assert [(matter.side, matter.other_id) for matter in to_rate(world.dispatcher)] == [
        ("responder", world.committee.pk)
    ]
    evaluate_order(order, scores=POOR, actor=world.secretary)
    evaluate_order(order, scores=GOOD, actor=world.dispatcher)
    found = EvaluationEntry.objects.order_by("pk").values_list("rater_kind", "rater", "ratee")
    assert list(found) == [
        ("caller", world.committee.pk, world.street_office.pk),
        ("responder", world.street_office.pk, world.committee.pk),
    ]
    assert to_rate(world.secretary) == to_rate(world.dispatcher) == []
    with pytest.raises(DomainError, match="已经评过"):
        evaluate_order(order, scores=GOOD, actor=world.staff)


@pytest.mark.django_db
@pytest.mark.parametrize("person", ["handler", "other_secretary", "official", "worker"])
def test_whoever_was_no_part_of_it_rates_nobody(world: World, reported: Callable[..., Ticket], person: str) -> None:
    order = handed_on(world, reported())
    with pytest.raises(NotAllowed, match="转来和承办"):
        evaluate_order(order, scores=GOOD, actor=world.actor(person))


@pytest.mark.django_db
def test_an_order_that_is_still_open_is_not_rated(world: World, reported: Callable[..., Ticket]) -> None:
    ticket = reported()
    sign_order(ticket, actor=world.worker)
    escalate_ticket(ticket, actor=world.worker, note="修不了。")
    sign_order(ticket, actor=world.staff)
    escalate_ticket(ticket, actor=world.staff, note="社区也修不了。")
    order = WorkOrder.objects.get(ticket=ticket, level="street")
    with pytest.raises(DomainError, match="办完以后"):
        evaluate_order(order, scores=GOOD, actor=world.secretary)


@pytest.mark.django_db
def test_a_restricted_matter_is_not_rated(world: World, reported: Callable[..., Ticket]) -> None:
    ticket = reported()
    order = handed_on(world, ticket)
    Ticket.objects.filter(pk=ticket.pk).update(is_restricted=True)
    assert to_rate(world.secretary) == []
    with pytest.raises(NotAllowed):
        evaluate_order(order, scores=GOOD, actor=world.secretary)


@pytest.mark.django_db
def test_what_waits_takes_the_same_statements_however_much_it_is(world: World, django_assert_max_num_queries) -> None:
    for _each in range(4):
        handled(world)
    actor = world.dispatcher
    with django_assert_max_num_queries(3):
        assert len(to_rate(actor)) == 4
