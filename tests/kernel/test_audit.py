"""The audit chain names what was changed, removed or slipped in."""

from __future__ import annotations

import io
import json
import time
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connections

from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.models import AuditCheck, AuditEvent, AuditSeal
from governance.kernel.tasks import verify_audit
from governance.kernel.tenancy.context import district_transaction
from tests.world import World

COLUMNS = "district_id, at, actor, action, object_kind, succeeded, detail, transaction_id"

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def seal(world: World, wanted: int) -> int:
    """Seal once nobody else's older transaction runs: parallel test processes share the server's transaction ids."""
    until = time.monotonic() + 600
    sealed = 0
    while sealed < wanted and time.monotonic() < until:
        with district_transaction(world.district):
            sealed += audit.seal_new_events()
        time.sleep(0.02)
    return sealed


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no other transaction ran: those of other test processes, which last minutes, write into other databases."""
    monkeypatch.setattr(audit, "_horizon", lambda: 2**62)


@pytest.fixture
def sealed(world: World, alone: None) -> World:
    for batch in range(3):
        with district_transaction(world.district):
            for number in range(4):
                audit.record("opened", actor=Actor.system("test"), object_kind="ticket", object_id=batch * 10 + number)
        assert seal(world, 4) >= 4
    return world


def as_owner(world: World, sql: str) -> None:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"BEGIN; SET LOCAL app.district = '{world.district.pk}'; {sql}; COMMIT")


def verdict(world: World) -> audit.Verdict:
    with district_transaction(world.district):
        return audit.verify_chain()


def test_an_untouched_chain_is_whole(sealed: World) -> None:
    found = verdict(sealed)
    assert (found.seals, found.unsealed, found.broken_at) == (3, 0, None)


def test_the_unsealed_tail_is_reported(sealed: World) -> None:
    with district_transaction(sealed.district):
        audit.record("opened", actor=Actor.system("test"))
    assert verdict(sealed).unsealed == 1


def row_of(world: World, object_id: int) -> int:
    with district_transaction(world.district):
        return AuditEvent.objects.filter(object_id=object_id, action="opened").order_by("pk")[0].pk


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("UPDATE kernel_auditevent SET action = 'closed' WHERE object_id = 11", "changed"),
        ("UPDATE kernel_auditevent SET at = at - interval '1 hour' WHERE object_id = 11", "changed"),
        ("UPDATE kernel_auditevent SET detail = '{\"a\": 1}' WHERE object_id = 11", "changed"),
        ("UPDATE kernel_auditevent SET succeeded = false WHERE object_id = 11", "changed"),
        ("DELETE FROM kernel_auditevent WHERE object_id = 11", "removed"),
    ],
)
def test_a_changed_and_a_removed_row_are_named(sealed: World, sql: str, kind: str) -> None:
    touched = row_of(sealed, 11)
    as_owner(sealed, sql)
    assert verdict(sealed).faults == [audit.Fault(kind, 2, touched)]


def test_a_row_slipped_in_is_named(sealed: World) -> None:
    as_owner(
        sealed, f"INSERT INTO kernel_auditevent ({COLUMNS}) SELECT {COLUMNS} FROM kernel_auditevent WHERE object_id = 1"
    )
    with district_transaction(sealed.district):
        slipped = AuditEvent.objects.order_by("-pk")[0].pk
    found = verdict(sealed).faults
    assert [(fault.kind, fault.event) for fault in found] == [("inserted", slipped)]


def test_three_at_once_are_all_named(sealed: World) -> None:
    changed, removed = row_of(sealed, 1), row_of(sealed, 22)
    as_owner(sealed, "UPDATE kernel_auditevent SET actor = 'else' WHERE object_id = 1")
    as_owner(sealed, "DELETE FROM kernel_auditevent WHERE object_id = 22")
    assert verdict(sealed).faults == [audit.Fault("changed", 1, changed), audit.Fault("removed", 3, removed)]


def test_whoever_mends_the_seal_after_changing_a_row_breaks_the_chain(sealed: World) -> None:
    as_owner(sealed, "DELETE FROM kernel_auditevent WHERE object_id = 11")
    as_owner(
        sealed,
        "UPDATE kernel_auditseal SET count = count - 1, entries = entries - 1 WHERE number = 2",
    )
    assert audit.Fault("seal", 2) in verdict(sealed).faults


def test_a_seal_taken_out_and_a_chain_cut_off_are_noticed(sealed: World) -> None:
    with district_transaction(sealed.district):
        assert audit.check_and_remember().faults == []
    as_owner(sealed, "DELETE FROM kernel_auditseal WHERE number = 3")
    assert verdict(sealed).faults == [audit.Fault("seal", 3)]
    as_owner(sealed, "DELETE FROM kernel_auditseal WHERE number = 1")
    assert audit.Fault("seal", 1) in verdict(sealed).faults


def test_seals_of_the_older_kind_still_verify_and_still_break(sealed: World) -> None:
    """Made before seals named their rows: the digest ran over the rows themselves."""
    with district_transaction(sealed.district):
        last = AuditSeal.objects.get(number=3)
        earlier = AuditSeal.objects.get(number=2)
        rows = audit._after(audit._position(earlier))
        digest = audit._digest_without_entries(earlier.digest, rows)
    as_owner(sealed, f"UPDATE kernel_auditseal SET entries = NULL, digest = '{digest}' WHERE number = {last.number}")
    assert verdict(sealed).faults == []
    as_owner(sealed, "UPDATE kernel_auditevent SET action = 'closed' WHERE object_id = 21")
    assert verdict(sealed).faults == [audit.Fault("seal", 3)]


# ---------------------------------------------------------------- keeping
def age(world: World, days: int, until_seal: int) -> None:
    """Rows of the first seals were written long ago, by the server's own clock, which pruning goes by; sealed over
    again as they would have been."""
    as_owner(
        world,
        f"UPDATE kernel_auditevent SET at = now() - interval '{days} days' WHERE (transaction_id, id) <= "
        f"(SELECT last_transaction_id, last_event_id FROM kernel_auditseal WHERE number = {until_seal})",
    )
    with district_transaction(world.district):
        previous, changes = audit.GENESIS, []
        for seal in AuditSeal.objects.order_by("number"):
            kept = {row.pk: row for row in AuditEvent.objects.filter(pk__in=[pk for pk, _ in seal.entries])}
            entries = [[pk, audit._print_of(kept[pk])] for pk, _ in seal.entries]
            previous = audit._digest(previous, entries)
            changes.append((seal.number, json.dumps(entries), previous))
    for number, entries, digest in changes:
        as_owner(
            world, f"UPDATE kernel_auditseal SET entries = '{entries}', digest = '{digest}' WHERE number = {number}"
        )
    assert verdict(world).faults == []


def count_of(world: World) -> int:
    with district_transaction(world.district):
        return AuditEvent.objects.count()


def prune(world: World) -> int:
    with district_transaction(world.district):
        return audit.prune()


def test_what_is_past_its_time_goes_and_the_rest_still_verifies(sealed: World, settings: Any) -> None:
    settings.AUDIT_KEEP_DAYS = 200
    age(sealed, 201, until_seal=2)
    before = count_of(sealed)
    removed = prune(sealed)
    assert removed >= 8
    assert count_of(sealed) == before - removed
    found = verdict(sealed)
    assert (found.faults, found.seals, found.head_number) == ([], 1, 3)
    assert prune(sealed) == 0
    touched = row_of(sealed, 21)
    as_owner(sealed, "UPDATE kernel_auditevent SET action = 'closed' WHERE object_id = 21")
    assert verdict(sealed).faults == [audit.Fault("changed", 3, touched)]
    assert seal_another(sealed) == 4


def seal_another(world: World) -> int:
    with district_transaction(world.district):
        audit.record("opened", actor=Actor.system("test"))
    seal(world, 1)
    with district_transaction(world.district):
        return AuditSeal.objects.order_by("-number")[0].number


def test_pruning_after_a_check_is_no_missing_link(sealed: World, settings: Any) -> None:
    settings.AUDIT_KEEP_DAYS = 200
    age(sealed, 201, until_seal=3)
    with district_transaction(sealed.district):
        audit.check_and_remember()
    assert prune(sealed) >= 12
    assert verdict(sealed).faults == []
    assert seal_another(sealed) == 4
    assert verdict(sealed).faults == []


@pytest.mark.parametrize(("days", "goes"), [(179, False), (181, True)])
def test_nothing_younger_than_half_a_year_goes(sealed: World, settings: Any, days: int, goes: bool) -> None:
    settings.AUDIT_KEEP_DAYS = 180
    age(sealed, days, until_seal=3)
    assert bool(prune(sealed)) is goes


@pytest.mark.parametrize("days", [0, 1, 179, -5])
def test_the_database_refuses_less_than_the_law_whatever_the_setting(sealed: World, settings: Any, days: int) -> None:
    settings.AUDIT_KEEP_DAYS = days
    age(sealed, 400, until_seal=3)
    with pytest.raises(DatabaseError, match="180 days"):
        prune(sealed)
    assert count_of(sealed) >= 12


def test_a_young_row_among_old_ones_stays_with_everything_after_it(sealed: World, settings: Any) -> None:
    settings.AUDIT_KEEP_DAYS = 180
    age(sealed, 200, until_seal=1)
    assert prune(sealed) >= 4
    assert row_of(sealed, 10)
    assert verdict(sealed).head_number == 3


def test_the_application_can_neither_delete_nor_claim_to_have_pruned(sealed: World) -> None:
    for sql in (
        "DELETE FROM kernel_auditevent",
        "DELETE FROM kernel_auditseal",
        "UPDATE kernel_auditcheck SET faults = '[]'",
        "DELETE FROM kernel_auditcheck",
        "INSERT INTO kernel_auditpruning (district_id) VALUES (1)",
    ):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            district_transaction(sealed.district),
            connections["default"].cursor() as cursor,
        ):
            cursor.execute(sql)


def test_a_pruning_somebody_made_up_is_a_fault(sealed: World) -> None:
    """The owner removes young rows and writes down that it was done by rule."""
    as_owner(
        sealed,
        "INSERT INTO kernel_auditpruning (district_id, pruned_at, kept_days, removed, newest_at, seal_number, "
        "seal_digest, last_transaction_id, last_event_id) SELECT district_id, now(), 180, 4, now(), number, digest, "
        "last_transaction_id, last_event_id FROM kernel_auditseal WHERE number = 1; "
        "DELETE FROM kernel_auditevent WHERE object_id < 10; DELETE FROM kernel_auditseal WHERE number = 1",
    )
    assert audit.Fault("seal", 1) in verdict(sealed).faults


def test_a_setting_below_the_law_is_an_error_of_the_system_check(settings: Any) -> None:
    from governance.kernel.checks import check_audit_is_kept

    settings.AUDIT_KEEP_DAYS = 179
    assert [error.id for error in check_audit_is_kept()] == ["kernel.E012"]
    settings.AUDIT_KEEP_DAYS = 180
    assert check_audit_is_kept() == []


def test_every_night_each_district_is_verified_and_pruned(settings: Any) -> None:
    assert {"governance.kernel.tasks.verify_audit", "governance.kernel.tasks.prune_audit"} <= set(
        settings.NIGHTLY_DISTRICT_TASKS
    )


def test_the_nightly_check_keeps_what_it_found(sealed: World) -> None:
    touched = row_of(sealed, 11)
    as_owner(sealed, "DELETE FROM kernel_auditevent WHERE object_id = 11")
    headers = {"district_id": sealed.district.pk}
    assert verify_audit.apply(headers=headers).get() == 1
    with district_transaction(sealed.district):
        assert AuditCheck.objects.get().faults == [["removed", 2, touched]]


def test_an_event_of_a_transaction_still_running_is_not_sealed_over(
    sealed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two transactions overlap; the earlier one commits later. Its rows must still be sealed, in order."""
    import threading

    from django.db import connection

    monkeypatch.undo()  # here the real horizon counts

    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with district_transaction(sealed.district):
            audit.record("slow", actor=Actor.system("test"))
            written.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(10)
    with district_transaction(sealed.district):
        audit.record("quick", actor=Actor.system("test"))
    with district_transaction(sealed.district):
        assert audit.seal_new_events() == 0
    go_on.set()
    thread.join(10)
    assert seal(sealed, 2) == 2
    with district_transaction(sealed.district):
        assert AuditEvent.objects.filter(action="slow").exists()
    found = verdict(sealed)
    assert (found.broken_at, found.unsealed) == (None, 0)


def test_the_command_names_the_district_that_was_tampered_with(sealed: World) -> None:
    out = io.StringIO()
    call_command("verify_audit", district=sealed.district.code, stdout=out)
    assert "whole" in out.getvalue()
    touched = row_of(sealed, 11)
    as_owner(sealed, "DELETE FROM kernel_auditevent WHERE object_id = 11")
    with pytest.raises(CommandError, match=sealed.district.code):
        call_command("verify_audit", stdout=out)
    assert f"seal 2: row {touched} was removed" in out.getvalue()
