"""The one clock. Product code asks nothing else what time it is; SQL gets the time as a parameter."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from governance.kernel.tenancy.context import current_scope

SHANGHAI = ZoneInfo("Asia/Shanghai")
LATE = timedelta(days=3)
"""What a phone says happened at most so long ago is believed; it is sent when there is a network again."""
AHEAD = timedelta(minutes=5)
"""How far a phone's clock may go before ours."""


def now() -> datetime:
    """The present moment, aware, in UTC; ahead by the demo's shift where one is set and allowed."""
    scope = current_scope()
    real = timezone.now()
    return real if scope is None else real + scope.shift


def platform_now() -> datetime:
    """The present moment outside any district's scope: one statement where the clock may be shifted, none elsewhere."""
    from governance.kernel.models import ClockShift

    if not settings.CLOCK_SHIFT_ALLOWED:
        return timezone.now()
    seconds = ClockShift.objects.values_list("seconds", flat=True).first() or 0
    return timezone.now() + timedelta(seconds=seconds)


def today() -> date:
    """Today's date where the districts are."""
    return now().astimezone(SHANGHAI).date()


def believed(said: datetime | None) -> datetime:
    """When something happened: as a phone said within sane bounds, else now. Nobody's work is lost to a wrong clock."""
    moment = now()
    if said is None or not moment - LATE <= said <= moment + AHEAD:
        return moment
    return min(said, moment)


def local(moment: datetime) -> datetime:
    return moment.astimezone(SHANGHAI)
