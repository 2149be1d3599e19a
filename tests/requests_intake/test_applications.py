"""What a handling organization may ask for, who answers, and what becomes of the clocks (SLA D.1, D.5–D.8, D.12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from governance.accounts.models import Notice
from governance.kernel import outbox
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError, Invalid
from requests_intake import sla
from requests_intake.actions.applications import (
    ask_extension,
    ask_pause,
    ask_return,
    ask_suspension,
    take_back_application,
)
from requests_intake.actions.decisions import (
    grant_extension,
    grant_pause,
    grant_return,
    grant_suspension,
    refuse_application,
)
from requests_intake.actions.desk import withdraw_ticket
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.handle import sign_order
from requests_intake.actions.holding import resume_order, review_suspension, unsuspend_ticket
from requests_intake.actions.sweep import sweep
from requests_intake.clock_stories import differences
from requests_intake.forms.applications import AskExtensionForm
from requests_intake.models import Application, Clock, ClockEntry, Ticket, TicketTransition, WorkOrder
from requests_intake.presentation import timeline
from requests_intake.sla import Limit, Unit
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = Limit(1, Unit.WORK_DAY)
TOLD = "需要更换配件，请再等等。"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """November 2026: the 23rd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.fixture
def now() -> Any:
    with time_machine.travel(at(23, 9), tick=False) as traveller:
        yield traveller


@pytest.fixture
def at_water(world: World, reported: Callable[..., Ticket], now: Any) -> Ticket:
    """A normal matter at the water department, signed: due in five working days like its promise."""
    ticket = reported(category_code="0303")
    dispatch_ticket(ticket, organization_id=world.water.pk, actor=world.center)
    sign_order(ticket, actor=world.handler)
    return fresh(ticket)


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def lead(ticket: Ticket) -> WorkOrder:
    return WorkOrder.objects.filter(ticket=ticket, role="lead").latest("sequence")


def extension(ticket: Ticket, actor: Actor, limit: Limit = DAY, **changes: Any) -> Application:
    words = {"reason": "material", "note": "等水泵配件。", "told": TOLD}
    return ask_extension(ticket, limit=limit, actor=actor, **{**words, **changes})


def pause(ticket: Ticket, actor: Actor, until: datetime, reason: str = "requester", **changes: Any) -> Application:
    words = {"note": "约居民开门。", "told": "等您约时间。"}
    return ask_pause(ticket, reason=reason, until=until, actor=actor, **{**words, **changes})


def give_back(world: World, ticket: Ticket, actor: Actor, suggested: Any = None) -> Application:
    return ask_return(
        ticket, reason="not_ours", clause="供水条例第十二条", suggested_id=(suggested or world.urban).pk,
        note="不是供水设施。", actor=actor,
    )  # fmt: skip


def error_of(act: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    with pytest.raises(DomainError) as error:
        act(*args, **kwargs)
    assert str(error.value.message)
    return error.value.code


# --- extension (D.6)


@pytest.mark.django_db
def test_an_extension_moves_the_order_and_the_promise_it_would_pass_by_exactly_its_time(
    world: World, at_water: Ticket
) -> None:
    before = at_water.promise_due_at
    row = extension(at_water, world.handler, Limit(2, Unit.WORK_DAY))
    assert fresh(at_water).order_due_at == at_water.order_due_at, "asking does not stop or move the clock"
    grant_extension(row, actor=world.center)
    ticket = fresh(at_water)
    assert before is not None
    assert ticket.promise_due_at == ticket.order_due_at == lead(ticket).due_at
    assert ticket.promise_due_at == at(30, 17, 30) + timedelta(days=2)
    assert [entry.kind for entry in ClockEntry.objects.filter(ticket=ticket, application=row)].count("extension") == 2
    assert differences() == []


@pytest.mark.django_db
def test_an_extension_within_the_promise_leaves_the_promise(
    world: World, reported: Callable[..., Ticket], now: Any
) -> None:
    ticket = reported(category_code="0303")
    sign_order(ticket, actor=world.worker)
    promise = fresh(ticket).promise_due_at
    row = extension(ticket, world.worker)
    assert row.decider_id == world.committee.pk
    grant_extension(row, actor=world.secretary)
    assert fresh(ticket).promise_due_at == promise
    assert lead(ticket).due_at == at(25, 17, 30)
    assert differences() == []


@pytest.mark.django_db
def test_the_second_extension_is_answered_two_levels_up_and_a_third_is_refused(
    world: World, reported: Callable[..., Ticket], now: Any
) -> None:
    ticket = reported(category_code="0303")
    sign_order(ticket, actor=world.worker)
    grant_extension(extension(ticket, world.worker), actor=world.secretary)
    second = extension(ticket, world.worker)
    assert second.decider_id == world.street_office.pk
    assert error_of(grant_extension, second, actor=world.secretary) == "not_allowed"
    grant_extension(second, actor=world.dispatcher)
    assert error_of(extension, ticket, world.worker) == "too_often"


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [Limit(6, Unit.WORK_DAY), Limit(0, Unit.WORK_DAY)])
def test_an_extension_is_no_longer_than_the_limit_and_not_nothing(world: World, at_water: Ticket, limit: Limit) -> None:
    assert error_of(extension, at_water, world.handler, limit) in ("too_long", "no_limit")


@pytest.mark.django_db
def test_ten_working_days_together_are_the_most(world: World, reported: Callable[..., Ticket], now: Any) -> None:
    ticket = reported(category_code="0303", urgency="complex")
    dispatch_ticket(ticket, organization_id=world.water.pk, actor=world.center)
    sign_order(ticket, actor=world.handler)
    grant_extension(extension(ticket, world.handler, Limit(7, Unit.WORK_DAY)), actor=world.center)
    assert error_of(extension, ticket, world.handler, Limit(4, Unit.WORK_DAY)) == "too_long"
    extension(ticket, world.handler, Limit(3, Unit.WORK_DAY))


@pytest.mark.django_db
def test_an_urgent_matter_is_extended_once_by_a_day_and_a_critical_one_never(
    world: World, reported: Callable[..., Ticket], now: Any
) -> None:
    urgent, critical = (reported(category_code="0303", urgency=urgency) for urgency in ("urgent", "critical"))
    for ticket in (urgent, critical):
        sign_order(ticket, actor=world.worker)
    assert error_of(extension, critical, world.worker, Limit(2, Unit.CAL_HOUR)) == "not_extendable"
    assert error_of(extension, urgent, world.worker, Limit(25, Unit.CAL_HOUR)) == "too_long"
    asked = extension(urgent, world.worker, Limit(24, Unit.CAL_HOUR), interim="先架临时照明")
    grant_extension(asked, actor=world.center)
    assert error_of(extension, urgent, world.worker, Limit(1, Unit.CAL_HOUR)) == "too_often"


@pytest.mark.django_db
def test_an_urgent_matter_is_extended_with_something_done_meanwhile_which_the_resident_reads(
    world: World, reported: Callable[..., Ticket], now: Any
) -> None:
    ticket = reported(category_code="0303", urgency="urgent")
    sign_order(ticket, actor=world.worker)
    with pytest.raises(Invalid) as refused:
        extension(ticket, world.worker, Limit(3, Unit.CAL_HOUR), interim="  ")
    assert refused.value.fields == {"interim": ["紧急事项延期，要写明这段时间的临时措施。"]}
    row = extension(ticket, world.worker, Limit(3, Unit.CAL_HOUR), interim="先架临时照明")
    assert row.told == f"{TOLD} 临时措施：先架临时照明"
    form = AskExtensionForm(fresh(ticket), world.actor("worker"))
    assert form.fields["interim"].required
    ordinary = reported(category_code="0303")
    sign_order(ordinary, actor=world.worker)
    assert "interim" not in AskExtensionForm(fresh(ordinary), world.actor("worker")).fields
    grant_extension(row, actor=world.center)
    assert "先架临时照明" in str(timeline(fresh(ticket), outward=True))


@pytest.mark.django_db
def test_an_open_question_lapses_with_the_order(world: World, at_water: Ticket, now: Any) -> None:
    now.move_to(at(30, 17))
    row = extension(at_water, world.handler)
    assert row.decide_by == at_water.order_due_at, "who answers has no more time than the order"
    now.move_to(at(30, 17, 31))
    sweep()
    row.refresh_from_db()
    assert (row.state, row.lapse_reason) == ("lapsed", "order_ended"), "the order has gone up meanwhile"
    assert error_of(grant_extension, row, actor=world.center) == "answered"


@pytest.mark.django_db
def test_after_the_limit_nothing_can_be_asked(world: World, at_water: Ticket, now: Any) -> None:
    now.move_to(at(30, 17, 31))
    assert error_of(extension, at_water, world.handler) == "too_late"
    assert error_of(pause, at_water, world.handler, datetime(2026, 12, 2, 9, tzinfo=SHANGHAI)) == "too_late"


@pytest.mark.django_db
def test_nobody_answers_their_own_application(world: World, at_water: Ticket) -> None:
    dispatch_ticket(at_water, organization_id=world.center_office.pk, actor=world.center)
    sign_order(at_water, actor=world.center)
    row = extension(at_water, world.center)
    assert error_of(grant_extension, row, actor=world.center) == "own_application"


@pytest.mark.django_db
def test_a_limit_that_was_yellow_is_yellow_again_after_its_extension(world: World, at_water: Ticket, now: Any) -> None:
    now.move_to(at(30, 10))
    sweep()
    assert fresh(at_water).lamp == "soon"
    grant_extension(extension(at_water, world.handler, Limit(5, Unit.WORK_DAY)), actor=world.center)
    assert fresh(at_water).lamp == ""
    now.move_to(datetime(2026, 12, 7, 12, tzinfo=SHANGHAI))
    sweep()
    assert fresh(at_water).lamp == "soon"
    stages = [code for code, _at in Clock.objects.get(ticket=at_water, kind="promise").schedule]
    assert stages.count("soon_2") == 1


# --- pause (D.5)


@pytest.mark.django_db
def test_a_pause_holds_both_clocks_and_gives_back_exactly_what_it_held(
    world: World, at_water: Ticket, now: Any
) -> None:
    row = pause(at_water, world.handler, at(25, 12))
    grant_pause(row, actor=world.center)
    ticket = fresh(at_water)
    assert lead(ticket).state == "paused"
    assert not Clock.objects.filter(ticket=ticket, stopped_at=None, kind="promise", next_fire_at__isnull=False).exists()
    now.move_to(at(24, 15))
    resume_order(ticket, actor=world.handler)
    ticket = fresh(ticket)
    # Held from Monday 9:00 to Tuesday 15:00: eleven working hours, that is a day and four hours.
    held = sla.working_seconds(at(23, 9), at(24, 15), work_calendar())
    assert held == pytest.approx((6.5 + 4.5) * 3600)
    assert ticket.promise_due_at == ticket.order_due_at == datetime(2026, 12, 2, 14, 30, tzinfo=SHANGHAI)
    assert differences() == []


@pytest.mark.django_db
def test_a_pause_ends_by_itself_at_the_expected_moment(world: World, at_water: Ticket, now: Any) -> None:
    grant_pause(pause(at_water, world.handler, at(24, 9)), actor=world.center)
    now.move_to(at(24, 9, 1))
    sweep()
    assert lead(at_water).state == "in_progress"
    application = Application.objects.get(ticket=at_water, kind="pause")
    assert application.ended_at is not None
    assert differences() == []


@pytest.mark.django_db
def test_a_statutory_procedure_holds_the_order_and_not_the_promise(world: World, at_water: Ticket, now: Any) -> None:
    promise = at_water.promise_due_at
    grant_pause(pause(at_water, world.handler, at(26, 9), "procedure"), actor=world.center)
    now.move_to(at(25, 9))
    resume_order(at_water, actor=world.handler)
    ticket = fresh(at_water)
    assert ticket.promise_due_at == promise
    assert ticket.order_due_at == promise, "an order is not due after the promise unless that is extended"
    assert lead(ticket).was_cut
    assert differences() == []


@pytest.mark.django_db
def test_what_waits_for_the_requester_holds_five_days_at_most_and_once(
    world: World, at_water: Ticket, now: Any
) -> None:
    too_long = at(30, 17, 31)
    assert error_of(pause, at_water, world.handler, too_long) == "too_long"
    assert error_of(pause, at_water, world.handler, at(23, 8)) == "bad_until"
    grant_pause(pause(at_water, world.handler, at(24, 9)), actor=world.center)
    now.move_to(at(24, 10))
    sweep()
    assert error_of(pause, at_water, world.handler, at(25, 9)) == "paused_once"


@pytest.mark.django_db
def test_refused_entry_needs_two_dated_attempts(world: World, at_water: Ticket, now: Any) -> None:
    now.move_to(at(24, 12))
    tried = [at(23, 10), at(24, 9)]
    for attempts in ([], tried[:1], [at(22, 9), at(24, 9)], [at(23, 10), at(25, 9)]):
        assert error_of(pause, at_water, world.handler, at(25, 9), "access", attempts=attempts) == "attempts_needed"
    pause(at_water, world.handler, at(25, 9), "access", attempts=tried)


@pytest.mark.django_db
def test_a_pause_nobody_answers_is_declined_after_four_working_hours(world: World, at_water: Ticket, now: Any) -> None:
    row = pause(at_water, world.handler, at(25, 12))
    now.move_to(at(23, 14, 59))
    sweep()
    row.refresh_from_db()
    assert row.state == "asked"
    now.move_to(at(23, 15, 1))
    sweep()
    row.refresh_from_db()
    assert (row.state, row.lapse_reason) == ("lapsed", "unanswered")
    assert fresh(at_water).order_due_at == at_water.order_due_at


@pytest.mark.django_db
def test_paused_time_is_not_counted_twice(world: World, at_water: Ticket, now: Any) -> None:
    grant_pause(pause(at_water, world.handler, at(24, 12), "force_majeure"), actor=world.center)
    assert error_of(pause, at_water, world.handler, at(24, 12), "force_majeure") == "wrong_state"
    now.move_to(at(24, 9))
    resume_order(at_water, actor=world.handler)
    assert error_of(resume_order, at_water, actor=world.handler) == "not_held"
    kinds = list(ClockEntry.objects.filter(ticket=at_water, clock__kind="resolve").values_list("kind", flat=True))
    assert (kinds.count("pause"), kinds.count("resume")) == (1, 1)


# --- return (D.7)


@pytest.mark.django_db
def test_a_granted_return_goes_to_the_suggested_organization_and_the_first_leads_until_then(
    world: World, at_water: Ticket
) -> None:
    row = give_back(world, at_water, world.handler)
    assert fresh(at_water).organization_id == world.water.pk
    assert error_of(grant_return, row, actor=world.handler) == "not_allowed"
    grant_return(row, actor=world.center)
    ticket = fresh(at_water)
    assert ticket.organization_id == world.urban.pk
    ended = WorkOrder.objects.get(pk=row.work_order_id)
    assert (ended.state, ended.handed_over_reason) == ("handed_over", "returned")
    assert ticket.promise_due_at == at_water.promise_due_at
    assert differences() == []


@pytest.mark.django_db
def test_the_second_organizations_return_is_arbitrated_by_the_district_and_binds(
    world: World, at_water: Ticket
) -> None:
    grant_return(give_back(world, at_water, world.handler), actor=world.center)
    row = give_back(world, at_water, world.urban_handler, world.street_office)
    assert (row.is_arbitration, row.decider_id) == (True, world.center_office.pk)
    grant_return(row, actor=world.center)
    assert fresh(at_water).organization_id == world.street_office.pk
    assert error_of(give_back, world, at_water, world.dispatcher) == "arbitrated"


@pytest.mark.django_db
def test_a_return_is_refused_once_and_for_all(world: World, at_water: Ticket) -> None:
    row = give_back(world, at_water, world.handler)
    assert error_of(refuse_application, row, note="", actor=world.center) == "note_needed"
    refuse_application(row, note="属于供水设施。", actor=world.center)
    assert error_of(give_back, world, at_water, world.handler) == "returned_once"
    assert fresh(at_water).organization_id == world.water.pk


@pytest.mark.django_db
def test_a_return_comes_within_its_window(world: World, at_water: Ticket, now: Any) -> None:
    now.move_to(at(24, 17, 31))
    assert error_of(give_back, world, at_water, world.handler) == "too_late"


@pytest.mark.django_db
def test_a_critical_matter_is_handled_and_not_returned(world: World, reported: Callable[..., Ticket], now: Any) -> None:
    ticket = reported(urgency="critical")
    assert error_of(give_back, world, ticket, world.worker) == "not_returnable"


@pytest.mark.django_db
def test_a_return_nobody_answers_is_arbitrated_and_then_lapses(
    world: World, reported: Callable[..., Ticket], now: Any
) -> None:
    ticket = reported(category_code="0303", urgency="complex")
    sign_order(ticket, actor=world.worker)
    row = give_back(world, ticket, world.worker)
    assert (row.decider_id, row.is_arbitration) == (world.committee.pk, False)
    now.move_to(at(23, 15, 1))
    sweep()
    row.refresh_from_db()
    assert (row.state, row.decider_id, row.is_arbitration) == ("asked", world.center_office.pk, True)
    assert error_of(grant_return, row, actor=world.secretary) == "not_allowed"
    now.move_to(at(24, 17, 31))
    sweep()
    row.refresh_from_db()
    assert (row.state, row.lapse_reason) == ("lapsed", "unanswered")
    assert fresh(ticket).organization_id == world.grid_team.pk


# --- suspension (D.8)


def suspend(world: World, ticket: Ticket, **changes: Any) -> Application:
    words = {"reason": "money", "note": "列入明年改造计划。", "told": "资金明年到位，先列入台账。"}
    facts = {"until": datetime(2027, 3, 1, 9, tzinfo=SHANGHAI), "responsible_id": world.members["handler_leader"].pk}
    return ask_suspension(ticket, actor=world.handler, **{**words, **facts, **changes})


@pytest.fixture
def complex_at_water(world: World, reported: Callable[..., Ticket], now: Any) -> Ticket:
    ticket = reported(category_code="0303", urgency="complex")
    dispatch_ticket(ticket, organization_id=world.water.pk, actor=world.center)
    sign_order(ticket, actor=world.handler)
    return fresh(ticket)


@pytest.mark.django_db
def test_a_suspended_matter_is_not_overdue_and_is_looked_at_every_thirty_days(
    world: World, complex_at_water: Ticket, now: Any
) -> None:
    row = suspend(world, complex_at_water)
    grant_suspension(row, actor=world.center)
    promise = complex_at_water.promise_due_at
    now.move_to(datetime(2027, 1, 25, 9, tzinfo=SHANGHAI))
    sweep()
    ticket = fresh(complex_at_water)
    assert (lead(ticket).state, ticket.lamp) == ("suspended", "")
    review = Clock.objects.get(ticket=ticket, kind="review")
    assert review.stage_index == 2, "two times thirty days have passed"
    review_suspension(ticket, actor=world.handler, note="资金仍未到位。")
    row.refresh_from_db()
    assert row.reviewed_at == datetime(2027, 1, 25, 9, tzinfo=SHANGHAI)
    unsuspend_ticket(ticket, actor=world.center, note="资金到位，开工。")
    ticket = fresh(ticket)
    assert ticket.promise_due_at == promise, "a suspension moves no promise (D.12)"
    assert lead(ticket).beyond_promise
    assert lead(ticket).due_at == datetime(2027, 1, 26, 17, 30, tzinfo=SHANGHAI)
    assert differences() == []


@pytest.mark.django_db
def test_reviews_and_the_target_of_a_suspended_matter_are_told_each_by_its_name(
    world: World, complex_at_water: Ticket, now: Any
) -> None:
    grant_suspension(suspend(world, complex_at_water), actor=world.center)
    now.move_to(datetime(2027, 3, 2, 9, tzinfo=SHANGHAI))
    sweep()
    outbox.deliver(TicketTransition)
    told = Notice.objects.filter(membership=world.members["handler"])
    reviews = told.filter(kind__startswith="review_").values_list("text", flat=True)
    assert {text.split("：")[0] for text in reviews} == {"挂账要复查"}
    assert told.get(kind="target").text.startswith("挂账到了目标日期：")


@pytest.mark.django_db
def test_only_complex_matters_are_suspended_with_a_leader_and_by_the_district(
    world: World, at_water: Ticket, complex_at_water: Ticket
) -> None:
    assert error_of(suspend, world, at_water) == "not_complex"
    assert error_of(suspend, world, complex_at_water, reason="extended") == "not_extended"
    assert error_of(suspend, world, complex_at_water, responsible_id=world.members["worker"].pk) == "no_leader"
    row = suspend(world, complex_at_water)
    assert error_of(grant_suspension, row, actor=world.dispatcher) == "not_allowed"


# --- what they have in common


@pytest.mark.django_db
def test_an_application_can_be_taken_back_until_it_is_answered(world: World, at_water: Ticket) -> None:
    row = extension(at_water, world.handler)
    assert error_of(extension, at_water, world.handler) == "asked_already"
    take_back_application(row, actor=world.handler)
    assert error_of(take_back_application, row, actor=world.handler) == "answered"
    extension(at_water, world.handler)


@pytest.mark.django_db
def test_with_the_order_goes_what_was_asked_for_it(world: World, at_water: Ticket) -> None:
    row = extension(at_water, world.handler)
    withdraw_ticket(at_water, actor=Actor.requester(at_water.pk))
    row.refresh_from_db()
    assert (row.state, row.lapse_reason) == ("lapsed", "order_ended")


@pytest.mark.django_db
@pytest.mark.parametrize("person", ["worker", "secretary", "dispatcher", "urban_handler", "visitor", "supervisor"])
def test_who_does_not_handle_it_asks_for_nothing(world: World, at_water: Ticket, person: str) -> None:
    actor = world.actor(person)
    assert error_of(extension, at_water, actor) == "not_allowed"
    assert error_of(pause, at_water, actor, at(24, 9)) == "not_allowed"
    assert error_of(give_back, world, at_water, actor) == "not_allowed"


@pytest.mark.django_db
def test_the_requester_reads_why_and_not_what_was_said_inside(world: World, at_water: Ticket) -> None:
    from requests_intake.models import Note

    grant_extension(extension(at_water, world.handler), actor=world.center, note="同意，抓紧。")
    public = set(Note.objects.filter(ticket=at_water, audience="public").values_list("text", flat=True))
    inside = set(Note.objects.filter(ticket=at_water, audience="internal").values_list("text", flat=True))
    assert TOLD in public
    assert {"等水泵配件。", "同意，抓紧。"} <= inside


@pytest.mark.django_db
def test_who_answers_is_told_and_so_is_who_asked(world: World, at_water: Ticket, now: Any) -> None:
    row = extension(at_water, world.handler)
    outbox.deliver(TicketTransition)
    asked = set(Notice.objects.filter(kind="ask_extension").values_list("membership_id", flat=True))
    assert asked == {world.members["center"].pk}
    grant_extension(row, actor=world.center)
    grant_pause(pause(at_water, world.handler, at(24, 9)), actor=world.center)
    now.move_to(at(24, 9, 1))
    sweep()
    outbox.deliver(TicketTransition)
    told = set(Notice.objects.filter(kind="grant_extension").values_list("membership_id", flat=True))
    assert told == {world.members["handler"].pk}
    due = Notice.objects.filter(kind="due")
    assert not due.exists(), "the end of a pause is no overdue matter"


@pytest.mark.django_db
def test_the_timeline_says_every_step_and_the_resident_only_theirs(
    world: World, complex_at_water: Ticket, now: Any
) -> None:
    grant_extension(extension(complex_at_water, world.handler), actor=world.center)
    refuse_application(give_back(world, complex_at_water, world.handler), note="是你们的", actor=world.center)
    grant_suspension(suspend(world, complex_at_water), actor=world.center)
    now.move_to(datetime(2027, 3, 2, 9, tzinfo=SHANGHAI))
    sweep()
    inward = [step["title"] for step in timeline(complex_at_water, outward=False)]
    assert "挂账到了目标日期" in inward
    assert "挂账满三十天，请复查" in inward
    assert any(title.startswith("同意延期到") for title in inward)
    outward = " ".join(step["title"] for step in timeline(complex_at_water, outward=True))
    assert "办理时间延长" in outward
    assert "一时办不了，列入台账" in outward
    assert "退单" not in outward
