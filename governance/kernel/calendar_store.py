"""The work calendar as stored: national days, the district's own exceptions, and the cache in front of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.apps import apps
from django.db.models import F
from django.db.models.signals import post_migrate

from governance.kernel.calendar import CalendarNotPublished, WorkCalendar, fallback_exceptions, national_exceptions
from governance.kernel.models import CalendarDay, CalendarYear, District, NationalCalendarDay, WorkHours
from governance.kernel.reference import per_district
from governance.kernel.work_hours import laid_over, plan_of

FIRST_YEAR = 2004  # the first schedule chinesecalendar holds; replayed messages go back to 2011
LAST_YEAR = 2027


def seed_national_calendar(using: str = "default") -> int:
    """Insert the days that are not there yet; edited days stay as they are. Returns how many were tried."""
    known = NationalCalendarDay.objects.using(using)
    rows = []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        days: Mapping[date, bool]
        try:
            days, published = national_exceptions(year), True
        except CalendarNotPublished:
            days, published = fallback_exceptions(year), False
        if published and known.filter(day__year=year, is_published=False).exists():
            # The year was only guessed so far; its schedule has come out since.
            known.filter(day__year=year, is_published=False).delete()
            District.objects.using(using).update(reference_version=F("reference_version") + 1)
        rows += [NationalCalendarDay(day=day, works=works, is_published=published) for day, works in days.items()]
    NationalCalendarDay.objects.using(using).bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _seed_after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    seed_national_calendar(using)


def connect() -> None:
    post_migrate.connect(_seed_after_migrate, sender=apps.get_app_config("kernel"), dispatch_uid="national_calendar")


@per_district
def work_calendar() -> WorkCalendar:
    """The calendar of the district in scope."""
    exceptions = {}
    years: dict[int, bool] = {}
    for day, works, published in NationalCalendarDay.objects.values_list("day", "works", "is_published"):
        exceptions[day] = works
        years[day.year] = years.get(day.year, True) and published
    exceptions.update(CalendarDay.objects.values_list("day", "works"))
    published_years = {year for year, published in years.items() if published}
    published_years.update(CalendarYear.objects.values_list("year", flat=True))
    versions = WorkHours.objects.order_by("version").values_list("starts_on", "hours", "seasons")
    return WorkCalendar(
        exceptions=exceptions,
        published_years=frozenset(published_years),
        versions=laid_over((starts_on, plan_of(hours, seasons)) for starts_on, hours, seasons in versions),
    )
