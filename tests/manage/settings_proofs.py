"""How a setting is proved: one row says what is changed, what is refused, and by what the product shows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.test import Client

from governance.kernel import reference
from governance.kernel.calendar import SHANGHAI
from requests_intake.models import Clock, Ticket, WorkOrder
from tests.cases import ticket_in
from tests.world import World

FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TO_MONDAY = 3 * DAY + 7.5 * HOUR  # the end of the next working day

Said = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """``path`` of the page; what is said there: ``right``, or ``wrong``, which is refused with ``sentence``.

    ``effect`` is what the product does: ``before`` and, after the change, ``after``.
    """

    name: str
    path: Callable[[World], str] | str
    right: Callable[[World], Said] | Said
    wrong: Said
    sentence: str
    effect: Callable[[World], Any]
    before: Any
    after: Any


def said_on(client: Client, setting: Setting, path: str, said: Said) -> Any:
    """Send the page's form as it stands, with these changes; limits are looked at before they are saved, and so is a
    rule, whose page keeps the key it was looked at with."""
    address = f"/manage/{path}"
    form = client.get(address).context["form"]
    as_it_is = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    whole = {**as_it_is, "note": "试行", **said, "idempotency_key": str(uuid4())}
    page = client.post(address, whole)
    if page.context and page.context.get("seen"):
        kept = {"seen": page.context["seen"], "key": page.context.get("key", "")}
        page = client.post(address, {**whole, **kept})
    return page


def errors_on(page: Any) -> list[str]:
    return [sentence for form in [page.context["form"]] for said in form.errors.values() for sentence in said]


def path_of(setting: Setting, world: World) -> str:
    return setting.path if isinstance(setting.path, str) else setting.path(world)


def change(world: World, setting: Setting) -> None:
    said = setting.right if isinstance(setting.right, dict) else setting.right(world)
    page = said_on(world.sign_in(Client(), "admin"), setting, path_of(setting, world), said)
    # An invitation is answered with its link.
    assert page.status_code == 302 or "invitation/" in page.content.decode(), errors_on(page)
    world.district.refresh_from_db()  # as the next request does
    reference.forget_everything()


def promised(world: World) -> dict[str, Any]:
    """All that was promised or is running, column by column."""
    promises = ("number", "state", "category", "urgency", "level", "organization", "policy_version", "accepted_at",
                "promise_due_at", "order_due_at", "lamp")  # fmt: skip
    limits = ("ticket", "sequence", "state", "level", "organization", "dispatched_at", "due_at", "limit_value",
              "limit_unit", "was_cut", "ended_at")  # fmt: skip
    return {
        "tickets": list(Ticket.objects.order_by("pk").values(*promises)),
        "orders": list(WorkOrder.objects.order_by("pk").values(*limits)),
        "clocks": list(Clock.objects.order_by("pk").values()),
    }


def prove_refused(world: World, setting: Setting) -> None:
    """A wrong value is refused with its sentence and changes nothing."""
    admin = world.sign_in(Client(), "admin")
    path = path_of(setting, world)
    right = setting.right if isinstance(setting.right, dict) else setting.right(world)
    if setting.name == "停用账号":
        path = f"people/{world.members['admin'].pk}/deactivate/"
    page = said_on(admin, setting, path, {**right, **setting.wrong})
    assert page.status_code == 422
    assert any(setting.sentence in said for said in errors_on(page)), errors_on(page)
    world.district.refresh_from_db()
    reference.forget_everything()
    assert setting.effect(world) == setting.before


def prove_changed(world: World, setting: Setting) -> None:
    """A right one changes what the product does, and nothing that was promised before."""
    for state in ("submitted", "dispatched", "signed", "resolved", "closed"):
        ticket_in(world, state)
    assert setting.effect(world) == setting.before
    given = promised(world)
    change(world, setting)
    for table, rows in promised(world).items():
        assert rows[: len(given[table])] == given[table]
    assert setting.effect(world) == setting.after
