"""Months of figures, as they stand in an address."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta

from governance.kernel import clock

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


def month_asked(text: str) -> date:
    """The first day of ``2026-11``; of this month where nothing sensible was asked, or one to come."""
    this = clock.today().replace(day=1)
    found = _MONTH.fullmatch(text)
    return min(date(int(found[1]), int(found[2]), 1), this) if found else this


def last_day(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def span_of(month: date) -> tuple[datetime, datetime]:
    """The moments at which a month begins and ends, in Shanghai."""
    after = last_day(month) + timedelta(days=1)
    begin, end = (datetime(day.year, day.month, 1, tzinfo=clock.SHANGHAI) for day in (month, after))
    return begin, end


def months_back(number: int) -> list[date]:
    """This month and those before it, the newest first."""
    found = [clock.today().replace(day=1)]
    while len(found) < number:
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found
