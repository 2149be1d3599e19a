"""What is older than its term is freed of persons, everywhere it lies; what must stay, stays, and the proof remains."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessFailureLog
from django.db import ProgrammingError, connection, transaction

from analytics.rollup import differences
from governance.accounts.models import Notice, PlatformFeedback, Staff
from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.search import search_ids
from governance.kernel.tenancy.context import district_scope, district_transaction, scope_at
from governance.privacy import certificates
from governance.privacy.actions.retention import keep_term, lift_hold, months_ago, place_hold, preview, set_term, terms
from governance.privacy.basics import CLEARED, FORMER
from governance.privacy.holders import KINDS
from governance.privacy.models import Certificate, LegalHold
from governance.privacy.tasks import forget_sign_ins, keep_terms
from grids.models import Absence
from requests_intake.actions.anonymize import anonymize_tickets
from requests_intake.actions.rate import reopen_ticket
from requests_intake.models import Attachment, Note, Requester, Ticket
from requests_intake.presentation import list_row, requester_card, timeline
from tests.cases import report
from tests.privacy.cases import PHONE, WORDS, traced
from tests.privacy.scan import stored_files, tables_with
from tests.world import World, make_district

LATER = timedelta(days=5 * 366)


@pytest.fixture
def media(settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = str(tmp_path)
    return settings


def _keep(code: str = "ticket") -> int:
    return keep_term(terms()[code])


# ---------------------------------------------------------------- tickets
def test_after_the_term_nothing_of_the_person_is_left_anywhere(
    world: World, media: Any, django_capture_on_commit_callbacks: Any
) -> None:
    ticket = traced(world)
    assert {
        "requests_intake_ticket", "requests_intake_note", "requests_intake_requester", "kernel_searchentry",
        "kernel_idempotencyrecord", "accounts_notice", "privacy_disclosure",
    } <= tables_with(*WORDS)  # fmt: skip
    assert len(stored_files()) == 6
    with scope_at(world.district, clock.now() + LATER), django_capture_on_commit_callbacks(execute=True):
        Ticket.objects.filter(pk=ticket.pk).update(closed_at=clock.now() - LATER)
        _age_answers()
        assert _keep() == 1
    assert tables_with(*WORDS) == set()
    assert stored_files() == []


def _age_answers() -> None:
    """Stored answers live 30 days: after five years they are long gone."""
    _run("DELETE FROM kernel_idempotencyrecord")


def test_kind_grid_times_and_ratings_stay_and_the_statistics_are_the_same(world: World, media: Any) -> None:
    ticket = traced(world)
    before = Ticket.objects.get(pk=ticket.pk)
    assert differences() == []
    with scope_at(world.district, clock.now() + LATER):
        _keep()
        after = Ticket.objects.get(pk=ticket.pk)
        for name in (
            "number",
            "category_id",
            "grid_id",
            "community_id",
            "submitted_at",
            "closed_at",
            "final_satisfaction",
        ):
            assert getattr(after, name) == getattr(before, name), name
        assert (after.building_id, after.compound_id, after.lng, after.requester_id) == (None, None, None, None)
        assert differences() == []


def test_a_freed_ticket_can_still_be_looked_at_and_found_by_its_number_only(world: World, media: Any) -> None:
    ticket = traced(world)
    assert search_ids("ticket", "鹦鹉") == [ticket.pk]
    with scope_at(world.district, clock.now() + LATER):
        _keep()
        ticket = Ticket.objects.get(pk=ticket.pk)
        assert "已按保存期限清除" in list_row(ticket)["title"]
        assert timeline(ticket, outward=False)
        assert requester_card(ticket, world.worker)["note"] == "诉求人信息已按规定清除"
        assert search_ids("ticket", "鹦鹉") == []
        assert search_ids("ticket", ticket.number) == [ticket.pk]


def test_before_its_term_an_open_or_a_reopenable_ticket_is_left_alone(world: World, media: Any) -> None:
    closed, open_one = traced(world), report(world)
    _keep()
    assert Ticket.objects.get(pk=closed.pk).requester_id is not None
    with scope_at(world.district, clock.now() + timedelta(days=4 * 366)):
        _keep()
        assert Requester.objects.count() == 2
    with scope_at(world.district, clock.now() + LATER):
        assert _keep() == 1
        assert Ticket.objects.get(pk=open_one.pk).requester_id is not None


def test_a_freed_ticket_is_archived_and_nobody_can_reopen_it(world: World, media: Any) -> None:
    ticket = traced(world)
    with scope_at(world.district, clock.now() + LATER):
        _keep()
        assert Ticket.objects.get(pk=ticket.pk).state == "archived"
        with pytest.raises(DomainError):
            reopen_ticket(ticket, note="又叫了", actor=world.dispatcher)


def test_a_second_night_finds_nothing(world: World, media: Any) -> None:
    traced(world)
    with scope_at(world.district, clock.now() + LATER):
        assert _keep() == 1
        assert preview(terms()["ticket"]).due == 0
        assert _keep() == 0
        assert Certificate.objects.count() == 1


def test_what_is_held_stays_until_the_hold_is_lifted(world: World, media: Any) -> None:
    ticket = traced(world)
    hold = place_hold("ticket", ticket.pk, label=ticket.number, reason="行政复议", actor=world.security)
    with scope_at(world.district, clock.now() + LATER):
        assert (preview(terms()["ticket"]).due, preview(terms()["ticket"]).held) == (0, 1)
        assert _keep() == 0
        assert Requester.objects.get().phone == PHONE
        lift_hold(hold, reason="复议已结", actor=world.security)
        assert _keep() == 1


def test_every_district_keeps_its_own_terms(db: None, media: Any) -> None:
    one, other = make_district("one", 1), make_district("two", 2)
    for world in (one, other):
        with district_scope(world.district):
            traced(world)
    with scope_at(one.district, clock.platform_now() + LATER):
        _keep()
        assert not Requester.objects.exists()
    with district_scope(other.district):
        assert Requester.objects.get().phone == PHONE
        assert not Certificate.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_nightly_task_commits_batch_by_batch_with_a_certificate_each(
    world: World, media: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from governance.privacy import tasks
    from governance.privacy.actions import retention

    with district_scope(world.district), transaction.atomic():
        for _i in range(3):
            ticket = traced(world)
            Ticket.objects.filter(pk=ticket.pk).update(closed_at=clock.now() - LATER)
    monkeypatch.setattr(tasks, "keep_term", lambda term: retention.keep_term(term, batch=2))
    with district_scope(world.district):
        assert keep_terms.run() == 3
        with transaction.atomic():
            assert [row.objects_count for row in Certificate.objects.order_by("number")] == [2, 1]
            assert not Attachment.objects.exists()
            assert not Note.objects.exists()
    assert stored_files() == []


@pytest.mark.django_db(transaction=True)
def test_a_hold_that_is_being_placed_is_waited_for(world: World, media: Any) -> None:
    """The night comes to a ticket while somebody is putting it on hold: it must not be faster than the hold."""
    with district_transaction(world.district):
        ticket = traced(world)
        Ticket.objects.filter(pk=ticket.pk).update(closed_at=clock.now() - LATER)
    freed: list[int] = []

    def night() -> None:
        try:
            with district_transaction(world.district):
                freed.append(anonymize_tickets([ticket.pk])[0])
        finally:
            connection.close()

    with district_transaction(world.district):
        assert KINDS["ticket"].find is not None
        found = KINDS["ticket"].find(ticket.number)
        assert found == (ticket.pk, ticket.number)
        other = threading.Thread(target=night)
        other.start()
        other.join(timeout=1)
        assert other.is_alive(), "the night waits for the row"
        place_hold("ticket", ticket.pk, label=ticket.number, reason="诉讼", actor=world.security)
    other.join()
    assert freed == [0]
    with district_transaction(world.district):
        assert Ticket.objects.get(pk=ticket.pk).requester_id is not None


# ---------------------------------------------------------------- the other kinds
def test_every_kind_has_a_default_inside_its_bounds_as_the_standards_say() -> None:
    assert {code: kind.months for code, kind in KINDS.items()} | {"ticket": 60} == {
        code: kind.months for code, kind in KINDS.items()
    }
    assert all(kind.least <= kind.months <= kind.most for kind in KINDS.values())
    assert KINDS["disclosure"].least >= 6


def test_feedback_notices_absences_and_former_colleagues_are_freed(world: World) -> None:
    now = clock.now()
    PlatformFeedback.objects.create(
        kind="complaint",
        content="字小",
        contact=PHONE,
        code_hash="x",
        created_at=now,
        state="answered",
        answer="已改大",
        answered_at=now,
    )
    member = world.members["worker"]
    Notice.objects.create(membership=member, source="x", kind="x", text=f"新工单：{PHONE}", created_at=now)
    Absence.objects.create(membership=member, since=now.date(), until=now.date(), reason="住院")
    member.is_active = False
    member.save()
    member.__class__.objects.filter(pk=member.pk).update(joined_at=now)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE grids_postassignment SET until = %s WHERE membership_id = %s", [now.date(), member.pk])
    with scope_at(world.district, now + LATER + timedelta(days=40)):
        assert [_keep(code) for code in ("feedback", "notice", "absence", "staff")] == [1, 1, 1, 1]
        assert [_keep(code) for code in ("feedback", "notice", "absence", "staff")] == [0, 0, 0, 0]
    row = PlatformFeedback.objects.get()
    assert (row.content, row.contact, row.answer) == (CLEARED, "", "")
    assert not Notice.objects.exists()
    assert Absence.objects.get().reason == ""
    assert Staff.objects.get(membership=member).name == FORMER
    assert Staff.objects.exclude(membership=member).first().name != FORMER  # type: ignore[union-attr]


# ---------------------------------------------------------------- rules
@pytest.mark.parametrize("months", [35, 121, 0])
def test_a_term_outside_its_bounds_is_refused_with_the_reason(world: World, months: int) -> None:
    with pytest.raises(Invalid) as refused:
        set_term("ticket", months=months, note="想少留", actor=world.security)
    assert "36 到 120" in refused.value.fields["months"][0]
    assert terms()["ticket"].version == 0


def test_a_new_term_is_a_new_version_and_holds_at_once(world: World) -> None:
    row = set_term("ticket", months=36, note="少留两年", actor=world.security)
    assert (row.version, terms()["ticket"].months, terms()["ticket"].version) == (1, 36, 1)
    assert AuditEvent.objects.get(action="set_retention").detail == {"kind": "ticket", "months": 36}
    with pytest.raises(Invalid, match="有些内容"):
        set_term("ticket", months=36, note="又一次", actor=world.security)


@pytest.mark.parametrize("name", ["admin", "auditor", "center", "worker", "official"])
def test_only_the_security_administrator_sets_terms_and_holds(world: World, name: str) -> None:
    actor = getattr(world, name)
    with pytest.raises(NotAllowed):
        set_term("ticket", months=36, note="x", actor=actor)
    with pytest.raises(NotAllowed):
        place_hold("ticket", 1, label="x", reason="x", actor=actor)


def test_a_month_that_has_no_such_day_gives_its_last_one(world: World) -> None:
    from datetime import datetime

    with scope_at(world.district, datetime(2026, 3, 31, 12, tzinfo=clock.SHANGHAI)):
        assert (months_ago(1).month, months_ago(1).day) == (2, 28)
        assert (months_ago(60).year, months_ago(60).month, months_ago(60).day) == (2021, 3, 31)
        assert (months_ago(3).year, months_ago(3).month) == (2025, 12)


# ---------------------------------------------------------------- certificates
def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_the_certificate_says_what_and_how_many_and_seals_the_one_before(world: World, media: Any) -> None:
    traced(world)
    with scope_at(world.district, clock.now() + LATER):
        _keep()
        certificates.certify("retention", kind="notice", objects=1, removed=KINDS["notice"].scrub([])[1])
    first, second = Certificate.objects.order_by("number")
    assert (first.act, first.kind, first.objects_count, first.months) == ("retention", "ticket", 1, 60)
    assert first.removed == {
        "disclosure_words": 1, "files": 6, "notes": first.removed["notes"], "notices": first.removed["notices"],
        "photos": 3, "requesters": 1, "search": 1, "tickets": 1,
    }  # fmt: skip
    assert first.digest != second.digest
    assert certificates.first_broken() is None
    assert AuditEvent.objects.filter(action="retention", object_id=first.pk).exists()


def test_a_certificate_cannot_be_changed_or_removed_and_a_forged_one_is_named(world: World) -> None:
    certificates.certify("retention", kind="notice", objects=1, removed=KINDS["notice"].scrub([])[1])
    for sql in ("UPDATE privacy_certificate SET objects_count = 2", "DELETE FROM privacy_certificate"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            _run(sql)
    last = Certificate.objects.get()
    forged = {
        "number": 2,
        "act": "retention",
        "kind": "notice",
        "objects_count": 9,
        "at": clock.now(),
        "digest": "0" * 64,
    }
    Certificate.objects.create(**forged)
    assert (last.number, certificates.first_broken()) == (1, 2)


def test_a_hold_cannot_be_removed_or_rewritten(world: World, media: Any) -> None:
    ticket = traced(world)
    hold = place_hold("ticket", ticket.pk, label=ticket.number, reason="诉讼", actor=world.security)
    for sql in ("DELETE FROM privacy_legalhold", "UPDATE privacy_legalhold SET reason = ''"):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            _run(sql)
    with pytest.raises(DomainError, match="已经冻结"):
        place_hold("ticket", ticket.pk, label=ticket.number, reason="诉讼", actor=world.security)
    lift_hold(hold, reason="结案", actor=world.security)
    with pytest.raises(DomainError, match="已经解除"):
        lift_hold(hold, reason="结案", actor=world.security)
    assert LegalHold.objects.get().lifted_at is not None


# ---------------------------------------------------------------- sign-ins
@pytest.mark.django_db
def test_sign_ins_are_forgotten_after_their_time_and_not_before(settings: Any) -> None:
    for days in (364, 366):
        row = AccessFailureLog.objects.create(username=f"u{days}", ip_address="203.0.113.9")
        AccessFailureLog.objects.filter(pk=row.pk).update(attempt_time=clock.platform_now() - timedelta(days=days))
    assert forget_sign_ins() == 1
    assert AccessFailureLog.objects.get().username == "u364"


def test_an_installation_that_would_forget_sign_ins_before_half_a_year_does_not_start() -> None:
    values = {**os.environ, "SIGN_IN_LOG_DAYS": "179", "DJANGO_SETTINGS_MODULE": "governance.settings.test"}
    started = subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"], env=values, capture_output=True, text=True, check=False
    )
    assert "SIGN_IN_LOG_DAYS=179 is below the smallest allowed value, 180" in started.stderr
