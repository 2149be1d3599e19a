"""The one clock. Product code asks nothing else what time it is; SQL gets the time as a parameter."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

from governance.kernel.tenancy.context import current_scope

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC; ahead by the demo's shift where one is set and allowed."""
    scope = current_scope()
    real = timezone.now()
    return real if scope is None else real + scope.shift


def today() -> date:
    """Today's date where the districts are."""
    return now().astimezone(SHANGHAI).date()


def local(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI)
