"""Freeing the register of persons: after their term, or because somebody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Length

from governance.kernel import clock
from governance.privacy.holders import Removed
from governance.privacy.holds import held
from grids.households.actions.reveal import HOUSEHOLD
from grids.households.models import Household, HouseholdTagging, Person


def due_households(before: datetime) -> list[int]:
    """Ended before that day, and not freed yet; the longest ended first."""
    day: date = clock.local(before).date()
    rows = Household.objects.filter(ended_on__lt=day, erased_at=None).exclude(pk__in=held(HOUSEHOLD))
    return list(rows.order_by("ended_on", "pk").values_list("pk", flat=True))


def due_persons(before: datetime) -> list[int]:
    """Who left a household before that day and still has a name here."""
    day: date = clock.local(before).date()
    rows = named(Person.objects.filter(ended_on__lt=day))
    return list(rows.exclude(household_id__in=held(HOUSEHOLD)).order_by("ended_on", "pk").values_list("pk", flat=True))


def named(rows: QuerySet[Person]) -> QuerySet[Person]:
    """Persons whose name is still there; an encrypted column can be asked for its length only."""
    return rows.annotate(written=Length("name")).filter(written__gt=0)


@transaction.atomic
def erase_households(ids: Sequence[int]) -> tuple[int, Removed]:
    """Remove names, numbers and words of ended households; that one lived there, and how many they were, stays."""
    rows = Household.objects.filter(pk__in=ids, ended_on__isnull=False, erased_at=None)
    free = list(
        rows.exclude(pk__in=held(HOUSEHOLD, ids)).order_by("pk").select_for_update().values_list("pk", flat=True)
    )
    count = Household.objects.filter(pk__in=free).update(
        contact_name="", contact_phone="", contact_hash="", may_be_called=False, agreed_on=None,
        erased_at=clock.now(),
    )  # fmt: skip
    persons = _clear(Person.objects.filter(household_id__in=free))
    words = HouseholdTagging.objects.filter(household_id__in=free).delete()[0]
    return count, Counter(households=count, persons=persons, tags=words)


@transaction.atomic
def erase_persons(ids: Sequence[int]) -> tuple[int, Removed]:
    """Remove name, number and year of people who left their household."""
    rows = Person.objects.filter(pk__in=ids, ended_on__isnull=False)
    count = _clear(rows.exclude(household_id__in=held(HOUSEHOLD)))
    return count, Counter(persons=count)


def _clear(rows: QuerySet[Person]) -> int:
    return rows.update(name="", phone="", phone_hash="", birth_year=None)
