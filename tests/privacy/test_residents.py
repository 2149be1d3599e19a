"""Residents' accounts are people's data: they end with their term, are copied, corrected and erased."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from governance.accounts.actions.residents import confirm_code, open_session, remember_name, request_code
from governance.accounts.models import Membership, Resident, ResidentSession, User
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.privacy import residents
from governance.privacy.actions.retention import months_ago
from governance.privacy.holders import HOLDERS, KINDS
from tests.world import World

pytestmark = pytest.mark.django_db

PHONE, OTHER = "13812345678", "13912345678"
ANYBODY = Actor.public()


def member(phone: str = PHONE) -> Resident:
    sent = request_code(phone=phone, address="203.0.113.7", actor=ANYBODY)
    resident = confirm_code(sent.code_id, phone=phone, code=sent.code, actor=ANYBODY)
    remember_name(resident, "李小明", actor=ANYBODY)
    open_session(resident, borrowed=False, actor=ANYBODY)
    return resident


def the_holder() -> Any:
    return next(holder for holder in HOLDERS if holder.erase is residents._erase)


def test_the_copy_holds_number_name_and_sign_ins(world: World) -> None:
    member()
    member(OTHER)
    (section,) = the_holder().export(PHONE)
    (row,) = section.rows
    assert PHONE in row.values()
    assert "李小明" in row.values()
    assert OTHER not in str(section)
    assert the_holder().export("13712345678") == []


def test_erasure_leaves_nothing_of_the_account_and_touches_no_other(world: World) -> None:
    gone, kept = member(), member(OTHER)
    users = {row.pk: row.membership.user_id for row in (gone, kept)}
    assert the_holder().preview(PHONE).objects == 1
    done = the_holder().erase(PHONE)
    assert (done.objects, done.removed["residents"]) == (1, 1)
    assert list(Resident.objects.values_list("pk", flat=True)) == [kept.pk]
    assert ResidentSession.objects.get().resident_id == kept.pk
    assert not Membership.objects.filter(pk=gone.membership_id).exists()
    assert list(User.objects.filter(pk__in=users.values()).values_list("pk", flat=True)) == [users[kept.pk]]


def test_a_closed_account_stays_closed_and_is_said(world: World) -> None:
    resident = member()
    Membership.objects.filter(pk=resident.membership_id).update(is_active=False)
    done = the_holder().erase(PHONE)
    assert (done.objects, done.kept["closed"]) == (0, 1)
    assert Resident.objects.exists()


def test_a_corrected_number_ends_the_account_of_the_old_one(world: World) -> None:
    member()
    assert the_holder().correct(PHONE, "王小明", "") == 1
    assert Resident.objects.get().name == "王小明"
    assert the_holder().correct(PHONE, "", OTHER) == 1
    assert not Resident.objects.exists()


def test_an_account_nobody_uses_ends_with_its_term(world: World) -> None:
    kind = KINDS["resident"]
    with time_machine.travel(clock.now() - timedelta(days=760), tick=False):
        old = member()
    used = member(OTHER)
    assert kind.due(months_ago(kind.months)) == [old.pk]
    assert kind.scrub([old.pk])[0] == 1
    assert list(Resident.objects.values_list("pk", flat=True)) == [used.pk]
