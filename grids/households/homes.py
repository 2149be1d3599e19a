"""Which households a telephone number is of."""

from __future__ import annotations

from django.db.models import Q

from governance.kernel.crypto import keyed_hashes, normal_phone
from grids.households.models import Household, Person


def with_phone(phone: str) -> Q:
    """Condition for households where it is the contact's number, or of somebody who lives there: by the hash alone."""
    hashes = keyed_hashes(normal_phone(phone))
    people = Person.objects.filter(phone_hash__in=hashes, ended_on=None).values("household_id")
    return Q(contact_hash__in=hashes) | Q(pk__in=people)


def homes_of_phone(phone: str, *, running: bool = False) -> list[int]:
    """Ids of households with this number."""
    rows = Household.objects.filter(with_phone(phone))
    if running:
        rows = rows.filter(ended_on=None)
    return list(rows.values_list("pk", flat=True))
