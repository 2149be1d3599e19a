"""调解 (S0-21, S3-05): sessions, agreement, follow-up, referral, return visits, and the ticket it came from."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import time_machine

from governance.accounts.models import Notice
from governance.kernel import clock, outbox
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.models import AuditEvent
from governance.kernel.reference import bump_reference
from grids.models import PostAssignment
from requests_intake import mediation
from requests_intake.actions.applications import ask_pause
from requests_intake.actions.decisions import grant_pause
from requests_intake.actions.handle import sign_order
from requests_intake.actions.mediation import (
    Party,
    end_member,
    extend_case,
    mediate_ticket,
    name_member,
    open_case,
    raise_case,
    record_session,
    take_over,
)
from requests_intake.actions.mediation_end import (
    decline_case,
    end_case,
    record_performance,
    record_receipt,
    record_visit,
    settle_case,
    tell_due,
)
from requests_intake.models import MediationAgreement, MediationCase, MediationParty, Note, Ticket, TicketTransition
from requests_intake.presentation.history import timeline
from requests_intake.tasks import tell_due_mediation
from tests.cases import report, ticket_in
from tests.mediators import a_case, a_mediator, a_session, again, new_case, settled
from tests.world import World

pytestmark = pytest.mark.django_db

WORDS = ("石姓", "石大民", "贾小红", "13711112222", "赔五千")
MONDAY = datetime(2026, 3, 2, 9, 0, tzinfo=clock.SHANGHAI)
MARCH_1 = datetime(2026, 3, 1, 9, 0, tzinfo=clock.SHANGHAI)


@pytest.fixture
def cast(world: World) -> World:
    """Three mediators: two of the first community, one of its street."""
    a_mediator(world)
    a_mediator(world, "second")
    a_mediator(world, "of_street", world.street_office)
    return world


def signed(cast: World) -> Ticket:
    return sign_order(report(cast), actor=cast.worker)


# ---------------------------------------------------------------- limits
@time_machine.travel(MONDAY, tick=False)
def test_limits_are_three_working_days_and_thirty_days(cast: World) -> None:
    case = a_case(cast)
    assert str(clock.local(case.first_session_due_at))[:16] == "2026-03-05 17:30"
    assert (case.due_at - case.opened_at).days == 30
    assert case.state == "registered"
    a_session(cast, case)
    assert (again(case).state, again(case).first_session_at) == ("mediating", clock.now())


def test_the_first_session_counts_working_days_of_the_districts_calendar(cast: World) -> None:
    """Registered on the last day before the seven days of the national holiday of 2026, it is due on 10 October."""
    with time_machine.travel(datetime(2026, 9, 30, 9, 0, tzinfo=clock.SHANGHAI), tick=False):
        case = a_case(cast)
    assert str(clock.local(case.first_session_due_at))[:16] == "2026-10-10 17:30"


def test_a_session_that_was_not_held_in_time_is_told_and_shown(cast: World) -> None:
    with time_machine.travel(MONDAY, tick=False):
        case = a_case(cast)
    with time_machine.travel(datetime(2026, 3, 5, 18, 0, tzinfo=clock.SHANGHAI), tick=False):
        assert mediation.status_words(again(case), None)["text"] == "首次调解超期"
        assert mediation.counts(cast.mediator)["late"] == 1
        assert (tell_due(), tell_due()) == (1, 1)
        assert Notice.objects.filter(text__startswith="首次调解超期").count() == 1
        a_session(cast, case)
        assert mediation.counts(cast.mediator)["late"] == 0


def test_a_longer_limit_wants_the_consent_of_every_party(cast: World) -> None:
    case = a_case(cast)
    parties = list(MediationParty.objects.filter(case=case).values_list("pk", flat=True))
    until = clock.local(case.due_at).date() + timedelta(days=20)
    for wrong in ([], parties[:1], [*parties, 999_999]):
        with pytest.raises(Invalid) as refused:
            extend_case(case, until=until, agreed=wrong, actor=cast.mediator)
        assert "2 方当事人都同意" in refused.value.fields["agreed"][0]
    with pytest.raises(Invalid) as too_long:
        extend_case(case, until=until + timedelta(days=30), agreed=parties, actor=cast.mediator)
    assert "until" in too_long.value.fields
    assert clock.local(extend_case(case, until=until, agreed=parties, actor=cast.mediator).due_at).date() == until


# ---------------------------------------------------------------- agreement and follow-up
def test_settled_on_1_march_the_follow_up_is_due_on_31_march_and_not_performed_is_abnormal(cast: World) -> None:
    with time_machine.travel(MARCH_1, tick=False):
        case = settled(cast)
        paper = MediationAgreement.objects.get()
        assert paper.follow_up_on == date(2026, 3, 31)
    with time_machine.travel(MARCH_1 + timedelta(days=29), tick=False):
        assert tell_due() == 0
        assert mediation.waiting(cast.mediator) == 0
    with time_machine.travel(MARCH_1 + timedelta(days=30), tick=False):
        assert mediation.status_words(case, paper)["text"] == "复诊到期"
        assert mediation.waiting(cast.mediator) == 1
        for _n in range(2):
            assert tell_due_mediation.apply(headers={"district_id": cast.district.pk}).get() == 1
        told = Notice.objects.filter(kind="mediation", text__startswith="复诊到期")
        assert [row.membership_id for row in told] == [cast.members["mediator"].pk]
        assert not any(word in told[0].text for word in WORDS)
        record_performance(case, performed=False, finding="只给了两千", actor=cast.mediator)
        paper.refresh_from_db()
        assert mediation.status_words(case, paper) == {"text": "履行异常", "kind": "hold"}
        assert [row.pk for row in mediation.cases_of(cast.mediator, mediation.CaseFilter(show="abnormal"))] == [case.pk]
        assert tell_due() == 0
    with time_machine.travel(MARCH_1 + timedelta(days=37), tick=False):
        assert tell_due() == 1
        record_performance(case, performed=True, finding="补齐了", actor=cast.mediator)
        paper.refresh_from_db()
        assert mediation.status_words(case, paper)["text"] == "已履行"
        assert tell_due() == 0
        with pytest.raises(DomainError) as done:
            record_performance(case, performed=False, finding="x", actor=cast.mediator)
        assert done.value.code == "performed_already"
        assert a_session(cast, case, mode="follow_up").mode == "follow_up"


def test_nothing_is_settled_or_failed_before_anybody_met(cast: World) -> None:
    case = a_case(cast)
    for act in (
        lambda: settle_case(case, text="x", performance_due=clock.today(), actor=cast.mediator),
        lambda: end_case(case, state="failed", outcome="x", actor=cast.mediator),
    ):
        with pytest.raises(DomainError) as refused:
            act()
        assert refused.value.code == "no_session"
    assert end_case(case, state="withdrawn", outcome="自己和好了", actor=cast.mediator).state == "withdrawn"
    with pytest.raises(DomainError) as ended:
        a_session(cast, case)
    assert ended.value.code == "case_ended"


def test_who_has_met_does_not_decline_any_more(cast: World) -> None:
    case = a_case(cast)
    a_session(cast, case)
    with pytest.raises(DomainError) as refused:
        decline_case(case, outcome="不愿意", actor=cast.mediator)
    assert refused.value.code == "session_held"


# ---------------------------------------------------------------- referral
def test_a_referral_says_where_to_and_its_receipt_may_come_later(cast: World) -> None:
    case = a_case(cast)
    a_session(cast, case)
    with pytest.raises(Invalid) as refused:
        end_case(case, state="referred", outcome="要打官司", actor=cast.mediator)
    assert set(refused.value.fields) == {"referral_kind", "referred_to", "referred_on"}
    end_case(
        case, state="referred", outcome="要打官司", referral_kind="judicial", referred_to="区人民法院",
        referred_on=clock.today(), actor=cast.mediator,
    )  # fmt: skip
    without = mediation.CaseFilter(show="receipt")
    assert [row.pk for row in mediation.cases_of(cast.mediator, without)] == [case.pk]
    yesterday = clock.today() - timedelta(days=1)
    with pytest.raises(Invalid) as early:
        record_receipt(case, receipt_number="x", receipt_by="王法官", receipt_on=yesterday, actor=cast.mediator)
    assert set(early.value.fields) == {"receipt_on"}
    said: dict[str, Any] = {"receipt_by": "王法官", "receipt_on": clock.today(), "actor": cast.mediator}
    record_receipt(case, receipt_number="(2026)诉前1号", **said)
    assert (again(case).receipt_number, again(case).receipt_by) == ("(2026)诉前1号", "王法官")
    assert not mediation.cases_of(cast.mediator, without).exists()
    with pytest.raises(DomainError) as twice:
        record_receipt(case, receipt_number="2", **said)
    assert twice.value.code == "receipt_already"


# ---------------------------------------------------------------- small, big, hard
@pytest.mark.parametrize(
    ("severity", "mode", "people", "field"),
    [
        ("small", "outreach", [], None),
        ("big", "outreach", [], "mediators"),
        ("big", "outreach", ["of_street"], None),
        ("hard", "joint", ["second"], "mediators"),
        ("hard", "clinic", ["of_street"], "mode"),
        ("hard", "joint", ["of_street"], None),
    ],
)
def test_small_on_the_spot_big_with_the_street_hard_together(
    cast: World, severity: str, mode: str, people: list[str], field: str | None
) -> None:
    ids = [cast.members[name].pk for name in people]
    if field is None:
        assert a_case(cast, severity=severity, mode=mode, mediators=ids).severity == severity
        return
    with pytest.raises(Invalid) as refused:
        a_case(cast, severity=severity, mode=mode, mediators=ids)
    assert set(refused.value.fields) == {field}


def test_what_turns_out_heavier_goes_on_with_more_people(cast: World) -> None:
    case = a_case(cast)
    for severity, people, field in (("big", [], "mediators"), ("small", ["of_street"], "severity")):
        with pytest.raises(Invalid) as refused:
            raise_case(case, severity=severity, mediators=[cast.members[n].pk for n in people], actor=cast.mediator)
        assert field in refused.value.fields
    found = raise_case(case, severity="hard", mediators=[cast.members["of_street"].pk], actor=cast.mediator)
    assert (found.severity, found.mode, found.due_at) == ("hard", "joint", case.due_at)
    assert mediation.find_case(cast.of_street, case.number) == case


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"facts": " "}, "facts"),
        ({"parties": [Party("石大民")]}, "parties"),
        ({"kind": "x"}, "kind"),
        ({"parties": [Party("石*民"), Party("贾小红")]}, "parties"),
        ({"mediators": [999_999]}, "mediators"),
        ({"parties": [Party("石大民", "12"), Party("贾小红")]}, "parties"),
    ],
)
def test_what_is_missing_is_said_beside_its_field(cast: World, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        a_case(cast, **changes)
    assert set(refused.value.fields) == {field}


# ---------------------------------------------------------------- return visits
def test_of_a_major_case_somebody_is_asked_and_three_attempts_on_two_days_are_enough(cast: World) -> None:
    street = cast.members["of_street"].pk
    with time_machine.travel(MONDAY, tick=False):
        major, small = settled(cast, severity="big", mediators=[street]), settled(cast)
        assert (str(clock.local(major.visit_due_at))[:16], small.visit_due_at) == ("2026-03-05 17:30", None)
        assert mediation.counts(cast.mediator)["visit"] == 1
        party = MediationParty.objects.filter(case=major)[0].pk
        said: dict[str, Any] = {"party": party, "channel": "phone", "actor": cast.mediator}
        for _n in range(3):
            record_visit(major, was_reached=False, **said)
        assert again(major).visited_at is None
        with pytest.raises(Invalid) as unsaid:
            record_visit(major, was_reached=False, satisfaction="satisfied", **said)
        assert set(unsaid.value.fields) == {"satisfaction"}
    with time_machine.travel(datetime(2026, 3, 6, 9, 0, tzinfo=clock.SHANGHAI), tick=False):
        assert tell_due() == 1
        record_visit(major, was_reached=False, **said)
        assert again(major).visited_at == clock.now()
        assert tell_due() == 0
    other = a_case(cast)
    with pytest.raises(DomainError) as running:
        record_visit(other, was_reached=True, **said)
    assert running.value.code == "case_open"


# ---------------------------------------------------------------- who writes, who leaves, who takes over
def test_only_its_mediators_write_and_who_was_named_reads(cast: World) -> None:
    case = a_case(cast)
    name_member(case, cast.members["staff"].pk, role="named", actor=cast.mediator)
    assert mediation.find_case(cast.actor("staff"), case.number) == case
    with pytest.raises(NotAllowed):
        record_session(
            case, held_at=clock.now(), place="", mode="clinic", present="x", minutes="x", actor=cast.actor("staff")
        )
    with pytest.raises(NotFound):
        name_member(case, cast.members["secretary"].pk, role="named", actor=cast.secretary)
    with pytest.raises(Invalid):
        name_member(case, cast.members["secretary"].pk, role="mediator", actor=cast.mediator)
    end_member(case, cast.members["staff"].pk, actor=cast.mediator)
    assert not mediation.visible(cast.actor("staff")).exists()
    with pytest.raises(Invalid) as last:
        end_member(case, cast.members["mediator"].pk, actor=cast.mediator)
    assert "至少要留一名调解员" in last.value.fields["member"][0]


def test_out_of_post_a_mediator_reads_nothing_and_a_colleague_takes_over(cast: World) -> None:
    case = a_case(cast)
    with pytest.raises(NotFound):
        take_over(case.number, actor=cast.second)
    PostAssignment.objects.filter(membership=cast.members["mediator"]).update(until=clock.today() - timedelta(days=1))
    bump_reference()
    assert not mediation.visible(cast.actor("mediator")).exists()
    assert [row.number for row in mediation.orphans(cast.second)] == [case.number]
    assert not mediation.orphans(cast.of_street).exists()
    with pytest.raises(NotFound):
        take_over(case.number, actor=cast.of_street)
    assert take_over(case.number, actor=cast.second) == case
    assert mediation.is_mediator(cast.second, case)
    assert not mediation.orphans(cast.second).exists()


# ---------------------------------------------------------------- the ticket it came from
def test_only_who_handles_the_ticket_makes_a_case_of_it_and_only_a_mediator_one_of_nothing(cast: World) -> None:
    ticket = signed(cast)
    for name in ("secretary", "dispatcher", "center", "supervisor", "admin", "worker"):
        with pytest.raises(NotAllowed):
            open_case(new_case(cast), actor=cast.actor(name))
    for name in ("secretary", "center", "handler", "other_worker", "mediator"):
        with pytest.raises(NotAllowed):
            mediate_ticket(ticket, new_case(cast), actor=cast.actor(name))
    case = a_case(cast, actor="worker", ticket=ticket)
    assert (case.ticket_id, case.organization_id) == (ticket.pk, cast.committee.pk)
    assert not mediation.visible(cast.worker).exists()
    with pytest.raises(DomainError) as twice:
        mediate_ticket(ticket, new_case(cast), actor=cast.worker)
    assert twice.value.code == "case_open"
    with pytest.raises(DomainError) as unsigned:
        mediate_ticket(report(cast), new_case(cast), actor=cast.worker)
    assert unsigned.value.code == "wrong_state"


def test_its_promise_stays_and_resident_and_desk_read_that_it_is_mediated_and_no_more(cast: World) -> None:
    ticket = signed(cast)
    promised = ticket.promise_due_at
    case = a_case(cast, actor="worker", ticket=ticket)
    found = Ticket.objects.get(pk=ticket.pk)
    assert (found.state, found.promise_due_at) == ("handling", promised)
    assert mediation.open_case_of(found) == case
    outward = timeline(found, outward=True)
    assert (outward[0]["title"], outward[0]["say"]) == ("请调解员当面调解", "这件事由调解员当面调解。")
    assert timeline(found, outward=False)[0]["title"] == "转调解"


def test_a_settled_ticket_is_resolved_in_neutral_words(cast: World) -> None:
    ticket = signed(cast)
    settled(cast, actor="worker", ticket=ticket)
    found = Ticket.objects.get(pk=ticket.pk)
    assert found.state in ("resolved", "visiting", "closed")
    moves = list(TicketTransition.objects.filter(ticket=ticket).order_by("pk").values_list("move", "actor_name"))
    assert ("end_mediation", "mediation") in moves
    assert ("resolve", "mediation") in moves
    said = " ".join(Note.objects.filter(ticket=ticket).values_list("text", flat=True))
    assert "由调解员当面处理" in said
    assert not any(word in said for word in WORDS)
    assert mediation.open_case_of(found) is None


@pytest.mark.parametrize("how", ["failed", "declined", "referred"])
def test_a_case_that_failed_or_was_refused_sends_the_ticket_back_and_tells_who_holds_it(cast: World, how: str) -> None:
    ticket = signed(cast)
    case = a_case(cast, actor="worker", ticket=ticket)
    if how == "declined":
        decline_case(case, outcome="石大民不愿意", actor=cast.mediator)
    else:
        a_session(cast, case)
        where = {"referral_kind": "judicial", "referred_to": "区法院", "referred_on": clock.today()}
        end_case(case, state=how, outcome="石大民不让", actor=cast.mediator, **(where if how == "referred" else {}))
    outbox.deliver(TicketTransition)
    found = Ticket.objects.get(pk=ticket.pk)
    assert (found.state, mediation.open_case_of(found)) == ("handling", None)
    step = timeline(found, outward=True)[0]
    assert (step["title"], step["say"]) == ("调解结束了", "调解已经结束，由承办单位接着办理。")
    told = Notice.objects.filter(membership=cast.members["worker"], kind="end_mediation")
    assert told.count() == 1
    assert not any(word in str(told[0].text) for word in WORDS)
    assert a_case(cast, actor="worker", ticket=found).ticket_id == ticket.pk


def test_a_failed_case_may_be_the_end_of_its_ticket(cast: World) -> None:
    ticket = signed(cast)
    case = a_case(cast, actor="worker", ticket=ticket)
    a_session(cast, case)
    end_case(case, state="failed", outcome="谈不拢", ticket_done=True, actor=cast.mediator)
    assert Ticket.objects.get(pk=ticket.pk).state != "handling"


def test_a_paused_order_runs_on_and_is_resolved_when_its_mediation_ends(cast: World) -> None:
    ticket = ticket_in(cast, "taken")
    case = a_case(cast, actor="handler", ticket=ticket)
    row = ask_pause(
        ticket,
        reason="procedure",
        until=clock.now() + timedelta(days=2),
        told="在调解",
        note="等调解",
        actor=cast.handler,
    )
    grant_pause(row, actor=cast.center)
    a_session(cast, case)
    settle_case(case, text="和好", performance_due=clock.today(), actor=cast.mediator)
    assert Ticket.objects.get(pk=ticket.pk).state in ("resolved", "visiting", "closed")


def test_where_a_helper_has_not_finished_the_holder_reports_it_done(cast: World) -> None:
    ticket = ticket_in(cast, "helping")
    sign_order(ticket, actor=cast.dispatcher)
    case = a_case(cast, actor="dispatcher", ticket=Ticket.objects.get(pk=ticket.pk))
    a_session(cast, case)
    settle_case(case, text="和好", performance_due=clock.today(), actor=cast.mediator)
    assert Ticket.objects.get(pk=ticket.pk).state == "handling"
    assert TicketTransition.objects.filter(ticket=ticket, move="end_mediation", payload__done=True).exists()


def test_a_withdrawn_ticket_leaves_its_case_to_the_mediators(cast: World) -> None:
    from governance.kernel.actors import Actor
    from requests_intake.actions.desk import withdraw_ticket

    ticket = signed(cast)
    case = a_case(cast, actor="worker", ticket=ticket)
    withdraw_ticket(ticket, actor=Actor.requester(ticket.pk))
    a_session(cast, case)
    settle_case(case, text="和好", performance_due=clock.today(), actor=cast.mediator)
    assert Ticket.objects.get(pk=ticket.pk).state == "withdrawn"
    assert MediationCase.objects.get(pk=case.pk).state == "settled"


def test_every_act_on_a_case_is_in_the_audit_trail_without_a_word(cast: World) -> None:
    case = settled(cast)
    rows = AuditEvent.objects.filter(object_kind="mediation", object_id=case.pk).order_by("pk")
    assert [row.action for row in rows] == ["mediation.open", "mediation.session", "mediation.end"]
    assert not any(word in str(row.detail) for row in rows for word in WORDS)
