"""Reading facts: roll-ups plus what is not folded yet, in one statement, so exact at any moment.

Up to 92 days come from the day marginals, longer periods from the month cube, which knows whole months, streets and
categories only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import connection

from analytics.measures import AXES, MEASURES
from governance.kernel.tenancy.context import current_district_id

MOST_DAYS = 92
CUBE_AXES = ("street", "category")


@dataclass(frozen=True)
class Period:
    """Days from ``first`` to ``last``, both included, in Asia/Shanghai. ``whole_months`` reads the month cube."""

    first: date
    last: date
    whole_months: bool = False

    def __post_init__(self) -> None:
        if self.whole_months and self.first.day != 1:
            raise ValueError("a period of whole months begins on the first of a month")
        if not self.whole_months and (self.last - self.first).days >= MOST_DAYS:
            raise ValueError(f"a period of days has at most {MOST_DAYS}")

    @property
    def bounds(self) -> tuple[date, date]:
        """The first day, and the first day after it; of whole months, after the last one."""
        if self.whole_months:
            return self.first, (self.last.replace(day=1) + timedelta(days=32)).replace(day=1)
        return self.first, self.last + timedelta(days=1)

    @property
    def buckets(self) -> list[date]:
        """Its days, or the first days of its months."""
        first, end = self.bounds
        days = [first + timedelta(days=n) for n in range((end - first).days)]
        return [day for day in days if day.day == 1] if self.whole_months else days


def _read(period: Period, axis: str, key: str, measures: Sequence[str], confidential: bool) -> list[tuple[Any, ...]]:
    """Rows of key, measure, number. ``key`` is ``value`` (along the axis) or ``bucket`` (day or month)."""
    if period.whole_months:
        if axis not in CUBE_AXES:
            raise ValueError(f"the month cube does not know {axis}")
        rolled = (
            f"SELECT {axis}::text AS value, month AS bucket, measure, is_restricted, number FROM analytics_monthfact"
        )
        time, bucket, where = "month", "date_trunc('month', day)::date", ""
    else:
        rolled = "SELECT value::text, day AS bucket, measure, is_restricted, number FROM analytics_dayfact"
        time, bucket, where = "day", "day", f"AND axis = '{axis}'"
    shared = "district_id = %s AND measure = ANY(%s) AND {} >= %s AND {} < %s"
    sql = f"""
SELECT {key}, measure, sum(number)::int FROM (
    {rolled} WHERE {shared.format(time, time)} {where}
    UNION ALL
    SELECT {AXES[axis]} AS value, {bucket} AS bucket, measure, is_restricted, number
    FROM analytics_factdelta WHERE {shared.format("day", "day")}
) f WHERE %s OR NOT is_restricted GROUP BY 1, 2 HAVING sum(number) <> 0"""
    parameters: list[Any] = [current_district_id(), list(measures or MEASURES), *period.bounds]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, *parameters, confidential])
        return cursor.fetchall()


def totals(
    period: Period, axis: str, *, measures: Sequence[str] = (), confidential: bool
) -> dict[tuple[str, str], int]:
    """Number by (value on the axis, measure); zeros are left out. ``confidential`` counts restricted matters too.

    ``axis`` is one of ``AXES``; values are ids or codes as text, ``"0"`` where none is known. One statement.
    """
    return {(value, measure): number for value, measure, number in _read(period, axis, "value", measures, confidential)}


def trend(period: Period, measures: Sequence[str], *, confidential: bool) -> list[tuple[date, dict[str, int]]]:
    """Every day of the period (month, in whole months) with its number of each measure. One statement."""
    found = {(day, name): number for day, name, number in _read(period, "street", "bucket", measures, confidential)}
    return [(day, {name: found.get((day, name), 0) for name in measures}) for day in period.buckets]
