"""Months and years as they are counted where the districts are."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from governance.kernel import clock


def first_of(day: date) -> date:
    return day.replace(day=1)


def next_month(month: date) -> date:
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def begin_of(day: date) -> datetime:
    """Midnight of that day in Shanghai."""
    return datetime.combine(day, time(), tzinfo=clock.SHANGHAI)


def bounds(month: date) -> tuple[datetime, datetime]:
    """From the first moment of a month to the first of the next."""
    return begin_of(first_of(month)), begin_of(next_month(first_of(month)))


def month_of(text: str) -> date | None:
    """2026-11 as its first day; None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
