"""街道吹哨、部门报到 (S3-24): summon, accept, arrive, handle, evaluate, close; limits, refusals, who sees what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import ProgrammingError, connection, connections

from governance.accounts.models import Notice
from governance.kernel import outbox
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.tasks import districts_with
from governance.kernel.tenancy.context import district_scope, district_transaction
from requests_intake.actions import whistle_sweep
from requests_intake.actions.evaluation import Scores, evaluate_target
from requests_intake.actions.whistle import (
    approve_whistle,
    ask_whistle,
    blow_now,
    blow_whistle,
    call_another,
    cancel_whistle,
    close_whistle,
    decline_whistle,
    dismiss_target,
    draft_whistle,
)
from requests_intake.actions.whistle_respond import (
    accept_whistle,
    arbitrate_refusal,
    handle_whistle,
    refuse_whistle,
    report_in,
)
from requests_intake.actions.whistle_sweep import sweep_whistles
from requests_intake.models import ReportIn, Ticket, Whistle, WhistleTarget, WhistleTransition
from requests_intake.policies import TicketPolicy
from requests_intake.tasks import DUE_WHISTLES
from requests_intake.whistle_policies import find_whistle
from tests.two_sweeps import two_sweeps
from tests.whistles import blown, call, handled, target
from tests.world import World, make_district

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
NIGHT = datetime(2026, 11, 22, 2, 0, tzinfo=SHANGHAI)  # a Sunday


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


def told(world: World, person: str) -> set[str]:
    outbox.deliver(WhistleTransition)
    return set(Notice.objects.filter(membership=world.members[person]).values_list("kind", flat=True))


# ---------------------------------------------------------------- given/when/then of S3-24
@pytest.mark.django_db
def test_emergency_accepted_but_not_arrived_at_minute_31_is_red_and_told_to_the_streets_leader_and_the_head(
    world: World,
) -> None:
    with time_machine.travel(NIGHT, tick=False) as now:  # day and night, also on a Sunday
        whistle = blown(world, kind="emergency")
        water = target(whistle, world.water)
        now.shift(timedelta(minutes=5))
        accept_whistle(water, actor=world.handler)
        now.shift(timedelta(minutes=25))  # minute 30: the limit itself
        now.shift(timedelta(seconds=-1))
        sweep_whistles()
        water.refresh_from_db()
        assert (water.lamp, water.is_late_arrival) == ("", False)
        now.shift(timedelta(minutes=1, seconds=1))
        sweep_whistles()
        water.refresh_from_db()
        whistle.refresh_from_db()
        assert (water.lamp, water.is_late_arrival, whistle.lamp) == ("over", True, "over")
        assert "whistle_arrive" in told(world, "street_leader")
        assert "whistle_arrive" in told(world, "handler_leader")
        assert "whistle_arrive" not in told(world, "center")


@pytest.mark.django_db
def test_the_street_must_evaluate_before_it_can_close(world: World) -> None:
    whistle = handled(world)
    assert whistle.state == "handled"
    with pytest.raises(DomainError, match="还没有评哨"):
        close_whistle(whistle, actor=world.dispatcher)
    evaluate_target(target(whistle, world.water), scores=Scores(5, 4, 3), actor=world.dispatcher)
    done = close_whistle(whistle, actor=world.dispatcher)
    done.refresh_from_db()
    assert (done.state, done.score) == ("closed", 4)


# ---------------------------------------------------------------- calling
@pytest.mark.django_db
def test_a_community_asks_its_street_agrees_and_blows(world: World) -> None:
    whistle = ask_whistle(call(world), actor=world.secretary)
    assert (whistle.state, whistle.caller_id, whistle.asker_id) == ("asked", world.street_office.pk, world.committee.pk)
    with pytest.raises(NotAllowed, match="吹哨的街道可以"):
        blow_whistle(whistle, actor=world.secretary)
    with pytest.raises(DomainError, match="待街道同意"):
        blow_whistle(whistle, actor=world.dispatcher)
    approve_whistle(whistle, actor=world.street_leader)
    blow_whistle(whistle, actor=world.dispatcher)
    whistle.refresh_from_db()
    assert whistle.state == "blown"
    assert {"whistle_approve", "whistle_blow"} <= told(world, "secretary")


@pytest.mark.django_db
def test_a_street_declines_with_a_reason(world: World) -> None:
    whistle = ask_whistle(call(world), actor=world.secretary)
    with pytest.raises(Invalid) as caught:
        decline_whistle(whistle, actor=world.dispatcher, note=" ")
    assert "note" in caught.value.fields
    assert decline_whistle(whistle, actor=world.dispatcher, note="社区自己能办。").state == "cancelled"


@pytest.mark.django_db
@pytest.mark.parametrize("person", ["worker", "handler", "center", "secretary", "official", "admin"])
def test_nobody_but_a_street_prepares_a_whistle(world: World, person: str) -> None:
    with pytest.raises(NotAllowed, match="吹哨由街道吹"):
        draft_whistle(call(world), actor=world.actor(person))


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "loud"}, "kind"),
        ({"summary": " "}, "summary"),
        ({"place": ""}, "place"),
        ({"organizations": []}, "organizations"),
        ({"lead": 1}, "lead"),
        ({"arrive_by": MONDAY_9 + timedelta(hours=1)}, "arrive_by"),
        ({"arrive_by": MONDAY_9 + timedelta(days=31)}, "arrive_by"),
        ({"kind": "emergency", "arrive_by": MONDAY_9 + timedelta(days=1)}, "arrive_by"),
        ({"tickets": ["260101-00001"]}, "tickets"),
        ({"building_id": 10**6}, "building"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field(world: World, changes: dict, field: str) -> None:
    with time_machine.travel(MONDAY_9, tick=False), pytest.raises(Invalid) as caught:
        draft_whistle(call(world, **changes), actor=world.dispatcher)
    assert list(caught.value.fields) == [field]
    assert not Whistle.objects.exists()


@pytest.mark.django_db
def test_a_street_calls_no_committee_no_grid_and_nobody_of_another_street(world: World) -> None:
    other = world.organizations[world.other_street.pk]
    for organization in (world.committee, world.grid_team, other, world.center_office):
        with pytest.raises(Invalid) as caught:
            draft_whistle(call(world, organizations=[organization.pk], lead=None), actor=world.dispatcher)
        assert "organizations" in caught.value.fields


@pytest.mark.django_db
def test_shipped_limits_in_working_time(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False):
        daily, key = (target(blown(world, kind=kind), world.water) for kind in ("daily", "key"))
    assert (daily.accept_by, daily.arrive_by) == (at(23, 15), at(24, 17, 30))
    assert (key.accept_by, key.arrive_by) == (at(23, 11), at(23, 15))


@pytest.mark.django_db
def test_a_later_time_may_be_agreed(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False):
        whistle = blown(world, arrive_by=at(26, 14))
    assert target(whistle, world.urban).arrive_by == at(26, 14)


@pytest.mark.django_db
def test_another_is_called_while_it_runs_and_no_one_twice(world: World) -> None:
    whistle = blown(world, organizations=[world.water.pk])
    with pytest.raises(Invalid, match="已经叫过"):
        call_another(whistle, organization_id=world.water.pk, actor=world.dispatcher)
    call_another(whistle, organization_id=world.urban.pk, actor=world.dispatcher)
    assert target(whistle, world.urban).accept_by is not None
    assert "whistle_call" in told(world, "urban_handler")


@pytest.mark.django_db
def test_it_is_cancelled_before_anybody_came_and_not_after(world: World) -> None:
    whistle = blown(world)
    accept_whistle(target(whistle, world.water), actor=world.handler)
    cancelled = cancel_whistle(whistle, actor=world.dispatcher, note="自己停了。")
    assert (cancelled.state, WhistleTarget.objects.exclude(next_fire_at=None).exists()) == ("cancelled", False)
    later = blown(world)
    report_in(target(later, world.water), actor=world.handler)
    with pytest.raises(DomainError, match="已到场"):
        cancel_whistle(later, actor=world.dispatcher, note="不要了。")


# ---------------------------------------------------------------- responding
@pytest.mark.django_db
def test_coming_without_having_accepted_is_accepting_too(world: World) -> None:
    whistle = blown(world)
    report_in(target(whistle, world.water), actor=world.handler, place="东门", note="两个人")
    water = target(whistle, world.water)
    assert (water.state, water.accepted_at, water.next_fire_at) == ("arrived", water.arrived_at, None)
    assert ReportIn.objects.get().person_id == world.members["handler"].pk


@pytest.mark.django_db
def test_a_late_arrival_stays_late_though_the_lamp_goes_out(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        whistle = blown(world, kind="emergency", organizations=[world.water.pk])
        now.shift(timedelta(minutes=31))
        sweep_whistles()
        report_in(target(whistle, world.water), actor=world.handler)
    water = target(whistle, world.water)
    whistle.refresh_from_db()
    assert (water.is_late_arrival, water.lamp, whistle.lamp) == (True, "", "")


@pytest.mark.django_db
def test_the_lead_reports_last_and_for_all(world: World) -> None:
    whistle = blown(world)
    water, urban = target(whistle, world.water), target(whistle, world.urban)
    report_in(water, actor=world.handler)
    report_in(urban, actor=world.urban_handler)
    with pytest.raises(DomainError, match="主办单位最后报办完：区城市管理局"):
        handle_whistle(water, note="修好了。", actor=world.handler)
    handle_whistle(urban, note="围好了路面。", actor=world.urban_handler)
    assert handle_whistle(water, note="修好了。", actor=world.handler).state == "handled"
    whistle.refresh_from_db()
    assert whistle.handled_at is not None


@pytest.mark.django_db
def test_who_is_no_longer_waited_for_holds_nobody_up_and_the_lead_passes_on(world: World) -> None:
    whistle = blown(world)
    report_in(target(whistle, world.urban), actor=world.urban_handler)
    dismiss_target(target(whistle, world.water), actor=world.dispatcher, note="阀门已关。")
    assert target(whistle, world.urban).is_lead
    assert not target(whistle, world.water).is_lead
    assert handle_whistle(target(whistle, world.urban), note="围好了。", actor=world.urban_handler).state == "handled"


@pytest.mark.django_db
def test_one_department_cannot_speak_for_another(world: World) -> None:
    whistle = blown(world)
    with pytest.raises(NotAllowed, match="被叫的单位可以"):
        accept_whistle(target(whistle, world.water), actor=world.urban_handler)


# ---------------------------------------------------------------- refusal and arbitration (SLA D.7)
def refuse(world: World, whistle: Whistle, **changes: object) -> Whistle:
    words = {"reason": "not_ours", "clause": "第 12 条", "suggested_id": world.urban.pk, "note": "不归我们。"}
    return refuse_whistle(target(whistle, world.water), actor=world.handler, **{**words, **changes})  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "field"),
    [({"reason": "tired"}, "reason"), ({"clause": " "}, "clause"), ({"suggested_id": None}, "suggested"),
     ({"note": ""}, "note")],
)  # fmt: skip
def test_a_refusal_needs_reason_clause_whom_instead_and_a_sentence(world: World, changes: dict, field: str) -> None:
    whistle = blown(world, organizations=[world.water.pk])
    with pytest.raises(Invalid) as caught:
        refuse(world, whistle, **changes)
    assert list(caught.value.fields) == [field]
    assert target(whistle, world.water).state == "called"


@pytest.mark.django_db
def test_an_emergency_is_not_refused(world: World) -> None:
    with pytest.raises(DomainError, match="应急哨不能拒"):
        refuse(world, blown(world, kind="emergency"))


@pytest.mark.django_db
def test_a_refusal_after_the_limit_for_accepting_is_too_late(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        whistle = blown(world)
        now.move_to(at(23, 15, 1))
        with pytest.raises(DomainError, match="过了应哨时限"):
            refuse(world, whistle)


@pytest.mark.django_db
def test_the_district_decides_must_come_and_it_is_not_refused_again(world: World) -> None:
    whistle = blown(world)
    refuse(world, whistle)
    assert "whistle_refuse" in told(world, "center")
    for person in ("dispatcher", "handler", "official"):
        with pytest.raises(NotAllowed, match="区调度员可以"):
            arbitrate_refusal(target(whistle, world.water), must_come=True, note="要来", actor=world.actor(person))
    arbitrate_refusal(target(whistle, world.water), must_come=True, note="供水管网归你们。", actor=world.center)
    water = target(whistle, world.water)
    assert (water.state, water.ruling) == ("accepted", "must_come")
    assert [stage for stage, _at in water.schedule] == ["arrive"]
    with pytest.raises(DomainError, match="已经裁定过要来"):
        refuse(world, whistle)


@pytest.mark.django_db
def test_the_district_releases_and_the_suggested_one_is_called(world: World) -> None:
    whistle = blown(world, organizations=[world.water.pk])
    refuse(world, whistle)
    arbitrate_refusal(target(whistle, world.water), must_come=False, note="确实不归它。", actor=world.center)
    call_another(whistle, organization_id=world.urban.pk, actor=world.dispatcher)
    water, urban = target(whistle, world.water), target(whistle, world.urban)
    assert (water.state, water.next_fire_at, urban.is_lead) == ("released", None, True)


@pytest.mark.django_db
def test_a_refusal_nobody_decided_is_not_granted_and_is_red_at_the_district(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        whistle = blown(world, arrive_by=at(27, 14))
        refuse(world, whistle)
        assert target(whistle, world.water).decide_by == at(24, 17, 30)
        now.move_to(at(24, 17, 31))
        sweep_whistles()
        water = target(whistle, world.water)
        assert (water.state, water.ruling, water.lamp) == ("accepted", "lapsed", "over")
        assert {"whistle_decide"} <= told(world, "center") & told(world, "official") & told(world, "handler")
        report_in(water, actor=world.handler)  # the duty remains


# ---------------------------------------------------------------- the sweep
@pytest.mark.django_db
def test_a_stage_fires_once_however_often_it_is_swept(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        blown(world, kind="emergency")
        now.shift(timedelta(minutes=11))
        assert sweep_whistles() == 2
        assert sweep_whistles() == 0
        now.shift(timedelta(minutes=30))
        assert sweep_whistles() == 2
        assert sweep_whistles() == 0
    stages = WhistleTransition.objects.exclude(stage="").values_list("target_id", "stage")
    assert len(stages) == len(set(stages)) == 4


@pytest.mark.django_db
def test_a_whistle_that_cannot_be_fired_is_set_aside_and_stops_nobody(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        bad, good = blown(world, kind="emergency"), blown(world, kind="emergency")
        WhistleTarget.objects.filter(whistle=bad).update(schedule=[["no such stage", MONDAY_9.isoformat()]])
        now.shift(timedelta(minutes=11))
        sweep_whistles()
        assert target(good, world.water).is_late_accept
        assert "no such stage" in target(bad, world.water).set_aside_reason
        assert sweep_whistles() == 0


@pytest.mark.django_db
def test_many_due_whistles_take_a_fixed_number_of_statements(world: World) -> None:
    from django.test.utils import CaptureQueriesContext

    counts = []
    with time_machine.travel(MONDAY_9, tick=False) as now:
        for many in (2, 9):
            for _each in range(many):
                blown(world, kind="emergency")
            now.shift(timedelta(minutes=11))
            with CaptureQueriesContext(connection) as queries:
                assert sweep_whistles() == many * 2
            counts.append(len(queries))
            WhistleTarget.objects.update(next_fire_at=None, schedule=[])
    assert counts[0] == counts[1]


def _due_whistle(world: World) -> int:
    with time_machine.travel(MONDAY_9, tick=False), district_transaction(world.district):
        return blown(world, kind="emergency").pk


@pytest.mark.django_db(transaction=True, databases=["default", "sweep"])
def test_the_sweeper_role_sees_which_districts_are_due_and_nothing_else(world: World) -> None:
    _due_whistle(world)
    assert districts_with(DUE_WHISTLES, [MONDAY_9]) == []
    assert districts_with(DUE_WHISTLES, [MONDAY_9 + timedelta(minutes=11)]) == [world.district.pk]
    for sql in (
        "SELECT summary FROM requests_intake_whistle",
        "SELECT organization_id FROM requests_intake_whistletarget",
        "SELECT payload FROM requests_intake_whistletransition",
    ):
        with pytest.raises(ProgrammingError), connections["sweep"].cursor() as cursor:
            cursor.execute(sql)


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_never_take_the_same_whistle(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first sweep stands still before its commit; the second must pass by without waiting and without firing."""
    whistle_id = _due_whistle(world)
    with time_machine.travel(MONDAY_9 + timedelta(minutes=11), tick=False):
        results = two_sweeps(monkeypatch, world, whistle_sweep.WhistleMover, sweep_whistles)
    assert results == {"first": 2, "second": 0}
    with district_transaction(world.district):
        fired = WhistleTransition.objects.filter(whistle_id=whistle_id).exclude(stage="")
        assert fired.count() == 2


# ---------------------------------------------------------------- who sees what
@pytest.mark.django_db
def test_a_draft_is_seen_by_its_street_alone_and_a_blown_one_by_whom_it_concerns(world: World) -> None:
    draft = draft_whistle(call(world, organizations=[world.water.pk]), actor=world.dispatcher)
    everybody = ("dispatcher", "street_leader", "handler", "urban_handler", "center", "official", "secretary",
                 "other_dispatcher", "worker", "visitor", "admin")  # fmt: skip

    def seen() -> set[str]:
        found = set()
        for person in everybody:
            try:
                find_whistle(world.actor(person), draft.number)
            except NotFound:
                continue
            found.add(person)
        return found

    assert seen() == {"dispatcher", "street_leader"}
    blow_whistle(draft, actor=world.dispatcher)
    assert seen() == {"dispatcher", "street_leader", "handler", "center", "official"}


@pytest.mark.django_db
def test_what_is_asked_is_seen_by_the_community_that_asked_and_its_street(world: World) -> None:
    whistle = ask_whistle(call(world), actor=world.secretary)
    assert find_whistle(world.staff, whistle.number) == find_whistle(world.dispatcher, whistle.number)
    for person in ("handler", "center", "other_secretary"):
        with pytest.raises(NotFound):
            find_whistle(world.actor(person), whistle.number)


@pytest.mark.django_db
def test_another_district_has_its_own_whistles_and_numbers(world: World) -> None:
    whistle = blown(world)
    other = make_district("t2", 2)
    with district_scope(other.district):
        with pytest.raises(NotFound):
            find_whistle(other.dispatcher, whistle.number)
        assert blown(other).number == 1


@pytest.mark.django_db
def test_a_restricted_ticket_is_not_linked(
    world: World, reported: Callable[..., Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = reported()
    plain = blow_now(call(world, tickets=[ticket.number]), actor=world.dispatcher)
    assert plain.links.get().ticket_id == ticket.pk
    Ticket.objects.filter(pk=ticket.pk).update(is_restricted=True)
    with pytest.raises(Invalid) as caught:
        blow_now(call(world, tickets=[ticket.number]), actor=world.dispatcher)
    assert "不在您的范围内" in caught.value.fields["tickets"][0]
    # Nor by who does see it: everybody called would read it on the whistle.
    monkeypatch.setattr(TicketPolicy, "visible", staticmethod(lambda actor: Ticket.objects.all()))
    with pytest.raises(Invalid) as caught:
        blow_now(call(world, tickets=[ticket.number]), actor=world.dispatcher)
    assert "限制知悉" in caught.value.fields["tickets"][0]
