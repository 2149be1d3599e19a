"""How long an organization has to accept a whistle and to come, and the district to decide a refusal (S3-24, SLA D.7).

A setting of the district; what ships is a default (默认值，可调整). Who was called before keeps the limits of then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from governance.kernel.reference import per_district
from requests_intake.models import WhistleKind, WhistleLimits
from requests_intake.sla import Limit, LimitError, Unit

DEFAULT: Mapping[str, Mapping[str, Any]] = {
    "emergency": {"accept": {"value": 10, "unit": "cal_minute"}, "arrive": {"value": 30, "unit": "cal_minute"}},
    "key": {"accept": {"value": 2, "unit": "work_hour"}, "arrive": {"value": 4, "unit": "work_hour"}},
    "daily": {"accept": {"value": 4, "unit": "work_hour"}, "arrive": {"value": 1, "unit": "work_day"}},
    "arbitrate": {"decide": {"value": 1, "unit": "work_day"}},
}
PLACES = tuple((kind, name) for kind, names in DEFAULT.items() for name in names)
"""Every limit by its kind of whistle (or ``arbitrate``) and its name, in the order they are asked."""
UNITS = (Unit.CAL_MINUTE, Unit.CAL_HOUR, Unit.WORK_HOUR, Unit.WORK_DAY)
MOST = {Unit.CAL_MINUTE: 720, Unit.CAL_HOUR: 72, Unit.WORK_HOUR: 56, Unit.WORK_DAY: 10}


@dataclass(frozen=True)
class Limits:
    """``accept`` and ``arrive`` by kind of whistle; ``decide`` for the district's dispatcher."""

    accept: Mapping[str, Limit]
    arrive: Mapping[str, Limit]
    decide: Limit
    version: int


class LimitsError(ValueError):
    """A document that cannot be: ``place`` names the limit (``emergency.accept``), ``code`` what is wrong:
    bad_limit, out_of_range, accept_after_arrive."""

    def __init__(self, place: str, code: str) -> None:
        super().__init__(f"{place}: {code}")
        self.place, self.code = place, code


def read(document: Mapping[str, Any], version: int = 0) -> Limits:
    """The limits of a document. Raises ``LimitsError``."""
    found: dict[tuple[str, str], Limit] = {}
    for kind, name in PLACES:
        place = f"{kind}.{name}"
        try:
            limit = Limit.from_json(document[kind][name])
        except (LimitError, KeyError, TypeError) as error:
            raise LimitsError(place, "bad_limit") from error
        if limit.unit not in MOST or not 1 <= limit.value <= MOST[limit.unit]:
            raise LimitsError(place, "out_of_range")
        found[kind, name] = limit
    for kind in WhistleKind.values:
        if _hours(found[kind, "accept"]) > _hours(found[kind, "arrive"]):
            raise LimitsError(f"{kind}.accept", "accept_after_arrive")
    return Limits(
        accept={kind: found[kind, "accept"] for kind in WhistleKind.values},
        arrive={kind: found[kind, "arrive"] for kind in WhistleKind.values},
        decide=found["arbitrate", "decide"],
        version=version,
    )


def _hours(limit: Limit) -> float:
    """Roughly how long, to compare two limits; a working day has seven hours (SLA D.1)."""
    return limit.value * {Unit.CAL_MINUTE: 1 / 60, Unit.CAL_HOUR: 1, Unit.WORK_HOUR: 1, Unit.WORK_DAY: 7}[limit.unit]


@per_district
def limits() -> Limits:
    """What holds in the district in scope."""
    newest = WhistleLimits.objects.order_by("-version").first()
    return read(newest.document, newest.version) if newest else read(DEFAULT)
