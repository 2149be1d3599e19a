"""Reading the audit log: filters, and pages whose cost does not grow with the log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet

from governance.kernel import clock
from governance.kernel.models import AuditEvent

PAGE = 50
LONGEST = 92
"""Days that one look may cover: the index by time is walked, whatever else is asked."""
MOST_EXPORTED = 50_000


@dataclass(frozen=True)
class Look:
    """What the auditor asked for. ``actors`` None: everybody; ``since`` and ``until`` are local days, inclusive."""

    since: date
    until: date
    actors: tuple[str, ...] | None = None
    action: str = ""
    object_kind: str = ""
    object_id: int | None = None
    failed_only: bool = False

    def rows(self) -> QuerySet[AuditEvent]:
        """Newest first."""
        start, end = _midnight(self.since), _midnight(self.until + timedelta(days=1))
        found: Any = AuditEvent.objects.filter(at__gte=start, at__lt=end).order_by("-at", "-id")
        if self.actors is not None:
            found = found.filter(actor__in=self.actors)
        if self.action:
            found = found.filter(action=self.action)
        if self.object_kind:
            found = found.filter(object_kind=self.object_kind)
        if self.object_id is not None:
            found = found.filter(object_id=self.object_id)
        if self.failed_only:
            found = found.filter(succeeded=False)
        return found

    def page(self, after: str) -> tuple[list[AuditEvent], str]:
        """One page behind the mark ``after`` (empty: the first), and the mark of the next page or nothing."""
        rows = self.rows()
        mark = _mark(after)
        if mark is not None:
            rows = rows.extra(where=["(at, kernel_auditevent.id) < (%s, %s)"], params=list(mark))
        found = list(rows[: PAGE + 1])
        more = len(found) > PAGE
        found = found[:PAGE]
        return found, f"{found[-1].at.isoformat()}_{found[-1].pk}" if more else ""


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, clock.SHANGHAI)


def _mark(text: str) -> tuple[datetime, int] | None:
    moment, _sep, pk = text.partition("_")
    try:
        at, number = datetime.fromisoformat(moment), int(pk)
    except ValueError:
        return None
    return (at, number) if at.tzinfo is not None and 0 < number < 2**63 else None
