"""The audit chain names what was changed, removed or slipped in."""

from __future__ import annotations

import io
import time

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connections

from governance.kernel import audit
from governance.kernel.actors import Actor
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_transaction
from tests.world import World

COLUMNS = "district_id, at, actor, action, object_kind, succeeded, detail, transaction_id"

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def seal(world: World, wanted: int) -> int:
    """Seal once nobody else's older transaction runs: parallel test processes share the server's transaction ids."""
    until = time.monotonic() + 30
    sealed = 0
    while sealed < wanted and time.monotonic() < until:
        with district_transaction(world.district):
            sealed += audit.seal_new_events()
        time.sleep(0.02)
    return sealed


@pytest.fixture
def sealed(world: World) -> World:
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


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE kernel_auditevent SET action = 'closed' WHERE object_id = 11",
        "DELETE FROM kernel_auditevent WHERE object_id = 11",
        (f"INSERT INTO kernel_auditevent ({COLUMNS}) SELECT {COLUMNS} FROM kernel_auditevent WHERE object_id = 11"),
    ],
    ids=["changed", "removed", "inserted"],
)
def test_tampering_breaks_the_seal_over_it(sealed: World, sql: str) -> None:
    as_owner(sealed, sql)
    # A row slipped in takes a new id, which lies behind the last one of its seal: the next seal shows it.
    assert verdict(sealed).broken_at == (3 if "INSERT" in sql else 2)


def test_an_event_of_a_transaction_still_running_is_not_sealed_over(sealed: World) -> None:
    """Two transactions overlap; the earlier one commits later. Its rows must still be sealed, in order."""
    import threading

    from django.db import connection

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
    as_owner(sealed, "DELETE FROM kernel_auditevent WHERE object_id = 11")
    with pytest.raises(CommandError, match=sealed.district.code):
        call_command("verify_audit", stdout=io.StringIO())
