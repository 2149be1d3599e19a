"""A masked value is opened with a reason, written down, counted and capped."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_scope, district_transaction, scope_at
from governance.privacy.actions.disclose import cap_of, disclose, grant_allowance
from governance.privacy.models import Disclosure, DisclosureAllowance, DisclosureCount
from requests_intake.actions.handle import sign_order
from requests_intake.actions.reveal import reveal_phone
from requests_intake.models import Ticket
from tests.cases import PHONE, report
from tests.world import World, make_district


def _signed(world: World) -> Ticket:
    return sign_order(report(world), actor=world.worker)


def test_the_value_is_given_after_it_is_written_down_and_never_with_it(world: World) -> None:
    ticket = _signed(world)
    assert reveal_phone(ticket, reason="contact", words="问门牌", actor=world.worker) == PHONE
    row = Disclosure.objects.get()
    assert (row.object_kind, row.object_id, row.field, row.reason) == ("ticket", ticket.pk, "phone", "contact")
    assert (row.words, row.office) == ("问门牌", f"{world.grid_team.name}·网格员")
    event = AuditEvent.objects.get(action="reveal_phone")
    assert event.detail == {"reason": "contact"}
    assert PHONE not in str(vars(event)) + str(vars(row))


@pytest.mark.parametrize(
    ("reason", "words"), [("", ""), ("curious", ""), ("other", ""), ("other", "看看"), ("contact", "长" * 201)]
)
def test_without_a_reason_nothing_is_shown_and_nothing_counted(world: World, reason: str, words: str) -> None:
    ticket = _signed(world)
    with pytest.raises(Invalid):
        reveal_phone(ticket, reason=reason, words=words, actor=world.worker)
    assert not Disclosure.objects.exists()
    assert not DisclosureCount.objects.exists()


def test_who_does_not_work_with_the_ticket_is_refused_whatever_the_reason(world: World) -> None:
    with pytest.raises(NotAllowed):
        reveal_phone(_signed(world), reason="emergency", actor=world.official)


def test_at_the_cap_the_refusal_says_so_and_is_audited(world: World, settings: Any) -> None:
    settings.REVEAL_DAILY_CAP = 2
    ticket = _signed(world)
    for _i in range(2):
        reveal_phone(ticket, reason="contact", actor=world.worker)
    with pytest.raises(DomainError, match="今天已经查看了 2 次"):
        reveal_phone(ticket, reason="contact", actor=world.worker)
    assert Disclosure.objects.count() == 2
    assert AuditEvent.objects.filter(action="reveal_phone", succeeded=False).count() == 1
    # Another person has a count of their own, and so has another day.
    assert disclose(
        object_kind="x", object_id=1, field="phone", reason="contact", words="", actor=world.staff, value=lambda: "1"
    )
    with scope_at(world.district, clock.now() + timedelta(days=1)):
        assert reveal_phone(ticket, reason="contact", actor=world.worker) == PHONE


def test_the_security_administrator_may_allow_more_for_a_day(world: World, settings: Any) -> None:
    settings.REVEAL_DAILY_CAP = 1
    ticket, member = _signed(world), world.members["worker"]
    reveal_phone(ticket, reason="contact", actor=world.worker)
    row = grant_allowance(member, cap=3, reason="台风入户排查", actor=world.security)
    assert (row.day, row.granted_by_id) == (clock.today(), world.members["security"].pk)
    assert reveal_phone(ticket, reason="contact", actor=world.worker) == PHONE
    assert AuditEvent.objects.get(action="grant_reveal_cap").detail == {"cap": 3}
    assert cap_of(member.pk, clock.today() + timedelta(days=1)) == 1
    assert cap_of(world.members["staff"].pk, clock.today()) == 1


@pytest.mark.parametrize("name", ["admin", "auditor", "worker", "official", "center"])
def test_nobody_else_may(world: World, name: str) -> None:
    with pytest.raises(NotAllowed):
        grant_allowance(world.members["worker"], cap=30, reason="要看", actor=getattr(world, name))


@pytest.mark.parametrize(("cap", "reason"), [(20, "少"), (501, "多"), (30, " ")])
def test_an_allowance_needs_a_sensible_number_and_a_reason(world: World, cap: int, reason: str) -> None:
    with pytest.raises(Invalid):
        grant_allowance(world.members["worker"], cap=cap, reason=reason, actor=world.security)
    assert not DisclosureAllowance.objects.exists()


def test_not_for_oneself(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        grant_allowance(world.members["security"], cap=30, reason="要看", actor=world.security)
    assert list(refused.value.fields) == ["member"]


def test_what_was_opened_cannot_be_taken_out_or_rewritten(world: World) -> None:
    reveal_phone(_signed(world), reason="contact", actor=world.worker)
    for sql in (
        "DELETE FROM privacy_disclosure",
        "UPDATE privacy_disclosure SET reason = 'answer'",
        "UPDATE privacy_disclosureallowance SET cap = 500",
    ):
        with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
            _run(sql)


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_another_district_counts_for_itself(db: None) -> None:
    one, other = make_district("one", 1), make_district("two", 2)
    with district_scope(one.district):
        reveal_phone(_signed(one), reason="contact", actor=one.worker)
    with district_scope(other.district):
        assert not Disclosure.objects.exists()
        assert not DisclosureCount.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_moment_no_more_than_the_cap_are_shown(world: World, settings: Any) -> None:
    settings.REVEAL_DAILY_CAP = 3
    shown: list[str] = []

    def look() -> None:
        try:
            with district_transaction(world.district):
                shown.append(
                    disclose(
                        object_kind="x", object_id=1, field="phone", reason="contact", words="",
                        actor=Actor(name="worker", membership_id=world.members["worker"].pk), value=lambda: "1",
                    )
                )  # fmt: skip
        except DomainError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shown) == 3
