"""Days of a season: when its present occurrence began. Pure."""

from __future__ import annotations

from datetime import date

from governance.kernel.calendar import YearSpan


def read_day(text: str) -> tuple[int, int]:
    """A day of the year written ``11-01``. Raises ``ValueError``."""
    month, day = (int(part) for part in text.split("-"))
    date(2024, month, day)
    return month, day


def occurrence(starts_on: str, ends_on: str, day: date) -> date | None:
    """The first day of the season that ``day`` lies in; None outside it. It may have begun last year.

    A season that begins on 29 February begins on 1 March in other years.
    """
    first, last = read_day(starts_on), read_day(ends_on)
    if not YearSpan(first, last).covers(day):
        return None
    year = day.year if (day.month, day.day) >= first else day.year - 1
    try:
        return date(year, *first)
    except ValueError:
        return date(year, 3, 1)
