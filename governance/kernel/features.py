"""Restricted features: off unless the district has recorded a legal ground for the days on which they are on.

国办函〔2026〕12号 (read_first 1) forbids government apps some things except for 安保/应急 or where necessary. Each such
feature is a switch here, registered by the app that obeys it when the app is loaded, so that no switch stands on the
page which nothing obeys. ``is_on("…")`` is what the product asks. A switch ends with its last day: the day is asked,
not a task that could be late.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.kernel import clock
from governance.kernel.models import FeaturePeriod
from governance.kernel.reference import per_district


@dataclass(frozen=True)
class Feature:
    """``why_off``: the rule that restricts it; ``when_off`` and ``when_on``: what the product does. Lazy words."""

    code: str
    title: Any
    why_off: Any
    when_off: Any
    when_on: Any


_REGISTERED: dict[str, Feature] = {}


def register(feature: Feature) -> str:
    """Called once when an app is loaded. Gives the code back, to be asked with ``is_on``."""
    _REGISTERED[feature.code] = feature
    return feature.code


def features() -> tuple[Feature, ...]:
    """Every switch, in the order registered."""
    return tuple(_REGISTERED.values())


def feature(code: str) -> Feature:
    """Raises ``LookupError`` for a code nobody registered."""
    return _REGISTERED[code]


def is_on(code: str) -> bool:
    """Whether the feature is on today in the district in scope. Raises ``LookupError`` for an unknown code."""
    feature(code)
    periods = _periods().get(code)
    return bool(periods) and covers(periods or (), clock.today())


def covers(periods: Iterable[tuple[date, date]], day: date) -> bool:
    """Whether the day lies in one of the periods, first and last days included."""
    return any(first <= day <= last for first, last in periods)


@per_district
def _periods() -> dict[str, tuple[tuple[date, date], ...]]:
    """Code → first and last days of what nobody switched off."""
    found: dict[str, tuple[tuple[date, date], ...]] = {}
    rows = FeaturePeriod.objects.filter(ended_at=None).order_by("pk")
    for code, first, last in rows.values_list("code", "from_on", "until_on"):
        found[code] = (*found.get(code, ()), (first, last))
    return found
