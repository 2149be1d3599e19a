"""What a district has decided about messages outside the inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from governance.accounts.models import NotificationSettings
from governance.accounts.models.notification import default_digests
from governance.kernel.reference import per_district


@dataclass(frozen=True)
class Rules:
    """``pushes_a_day``: for one person or robot, critical apart (SLA D.4)."""

    sms_to_residents: bool = False
    sms_to_staff: bool = False
    email_to_staff: bool = False
    email_sender: str = ""
    pushes_a_day: int = 3
    digest_times: tuple[time, ...] = tuple(time.fromisoformat(each) for each in default_digests())


@per_district
def rules_of_district() -> Rules:
    """Of the district in scope; nothing is on where nobody has switched it on."""
    row = NotificationSettings.objects.first()
    if row is None:
        return Rules()
    return Rules(
        sms_to_residents=row.sms_to_residents,
        sms_to_staff=row.sms_to_staff,
        email_to_staff=row.email_to_staff,
        email_sender=row.email_sender,
        pushes_a_day=row.pushes_a_day,
        digest_times=tuple(sorted(time.fromisoformat(each) for each in row.digest_times)),
    )
