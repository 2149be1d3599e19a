from governance.kernel.models.audit import AuditCheck, AuditEvent, AuditPruning, AuditSeal
from governance.kernel.models.calendar import CalendarDay, CalendarYear, NationalCalendarDay, WorkHours
from governance.kernel.models.district import ClockShift, District
from governance.kernel.models.feature import FeaturePeriod
from governance.kernel.models.idempotency import IdempotencyRecord
from governance.kernel.models.search import SearchEntry
from governance.kernel.models.throttle import ThrottleCount
from governance.kernel.models.transition import Transition

__all__ = [
    "AuditCheck",
    "AuditEvent",
    "AuditPruning",
    "AuditSeal",
    "CalendarDay",
    "CalendarYear",
    "ClockShift",
    "District",
    "FeaturePeriod",
    "IdempotencyRecord",
    "NationalCalendarDay",
    "SearchEntry",
    "ThrottleCount",
    "Transition",
    "WorkHours",
]
