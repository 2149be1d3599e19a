"""What residents' sign-in leaves behind does not stay."""

from __future__ import annotations

from datetime import timedelta

from governance.accounts.models import ResidentSession, SmsCode
from governance.kernel import clock

_KEPT = timedelta(days=2)  # the limits of a day are counted on them


def forget_old_codes() -> int:
    """Delete codes older than two days and sessions that have ended; returns how many."""
    now = clock.now()
    codes = SmsCode.objects.filter(sent_at__lt=now - _KEPT).delete()[0]
    return codes + ResidentSession.objects.filter(expires_at__lte=now).delete()[0]
