"""Messages as tests make them. Times are of Friday 20 November 2026 and the days after it, in Shanghai."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from governance.accounts.actions.notifications import (
    Wanted,
    change_notification_settings,
    set_preference,
)
from governance.accounts.models import Delivery, Notice
from governance.accounts.notifications import tell
from governance.kernel import clock, reference
from governance.kernel.calendar import SHANGHAI
from tests.world import World

TEN = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
MONDAY = datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def open_channels(world: World, **changes: Any) -> None:
    wanted = Wanted(**{"email_to_staff": True, "email_sender": "tongzhi@example.com", **changes})
    change_notification_settings(wanted, actor=world.admin)
    reference.forget_everything()


def wants_mail(world: World, name: str = "worker") -> str:
    address = f"{name.replace('_', '-')}@example.com"
    set_preference(email=address, by_email=True, by_sms=False, actor=getattr(world, name))
    return address


def notice(world: World, number: int = 1, *, to: str = "worker", critical: bool = False) -> None:
    tell(
        [
            Notice(
                membership=world.members[to], source=f"ticket-transition:{number}", kind="dispatch",
                text=f"新工单待签收：三单元的灯 {number}", brief=f"新工单待签收：20261120-{number}",
                path="/m/", is_critical=critical, created_at=clock.now(),
            )
        ]
    )  # fmt: skip


def states() -> list[tuple[str, int]]:
    return list(Delivery.objects.order_by("pk").values_list("state", "attempts"))
