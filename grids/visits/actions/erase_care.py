"""Freeing care, contact members, their words and 必到必访 of persons: after their terms, and on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Length

from governance.kernel import clock
from governance.privacy.holders import Removed
from grids.visits.models import (
    BuildingSponsor,
    CareBenefit,
    CareContact,
    CareLink,
    CareObject,
    ContactLink,
    ContactMember,
    ContactMessage,
    MustVisit,
    SponsorHelp,
)


def due_care(before: datetime) -> list[int]:
    """Ended before that day, with something about people still in it."""
    rows = CareObject.objects.filter(ended_on__lt=clock.local(before).date())
    left = CareLink.objects.annotate(n=Length("helper_name")).filter(n__gt=0).values("care_id")
    said = CareContact.objects.annotate(n=Length("words")).filter(n__gt=0).values("link__care_id")
    held = CareBenefit.objects.annotate(n=Length("what")).filter(n__gt=0).values("care_id")
    needs = rows.annotate(n=Length("needs")).filter(n__gt=0)
    ids = set(needs.values_list("pk", flat=True))
    for part in (left, said, held):
        ids |= set(rows.filter(pk__in=part).values_list("pk", flat=True))
    return sorted(ids)


@transaction.atomic
def erase_care(ids: Sequence[int]) -> tuple[int, Removed]:
    """Names, numbers and words go; that somebody was looked after, and for how long, stays."""
    wanted = CareObject.objects.filter(pk__in=ids, ended_on__isnull=False)
    rows = list(wanted.order_by("pk").select_for_update().values_list("pk", flat=True))
    CareObject.objects.filter(pk__in=rows).update(needs="")
    CareLink.objects.filter(care_id__in=rows).update(helper_name="", helper_phone="", helper_hash="")
    CareContact.objects.filter(link__care_id__in=rows).update(words="")
    CareBenefit.objects.filter(care_id__in=rows).update(what="")
    return len(rows), Counter(care=len(rows))


def due_members(before: datetime) -> list[int]:
    rows = ContactMember.objects.filter(ended_on__lt=clock.local(before).date(), erased_at=None)
    return list(rows.order_by("ended_on", "pk").values_list("pk", flat=True))


@transaction.atomic
def erase_members(ids: Sequence[int]) -> tuple[int, Removed]:
    """Names and number go, and the words of what they did."""
    rows = ContactMember.objects.filter(pk__in=ids, ended_on__isnull=False, erased_at=None)
    found = list(rows.values_list("pk", flat=True))
    SponsorHelp.objects.filter(sponsor__member_id__in=found).update(words="")
    count = rows.update(full_name="", public_name="", phone="", phone_hash="", erased_at=clock.now())
    return count, Counter(contact_members=count)


@transaction.atomic
def forget_members(rows: QuerySet[ContactMember]) -> int:
    """Who takes back their consent is nobody's contact any more, from today."""
    ids, today = list(rows.filter(erased_at=None).values_list("pk", flat=True)), clock.today()
    ContactLink.objects.filter(member_id__in=ids, ended_on=None).update(ended_on=today)
    BuildingSponsor.objects.filter(member_id__in=ids, ended_on=None).update(ended_on=today)
    ContactMember.objects.filter(pk__in=ids, ended_on=None).update(ended_on=today)
    return erase_members(ids)[0]


def due_messages(before: datetime) -> list[int]:
    rows = ContactMessage.objects.filter(at__lt=before, erased_at=None)
    return list(rows.order_by("at", "pk").values_list("pk", flat=True))


@transaction.atomic
def erase_messages(ids: Sequence[int]) -> tuple[int, Removed]:
    count = ContactMessage.objects.filter(pk__in=ids, erased_at=None).update(words="", reply="", erased_at=clock.now())
    return count, Counter(contact_messages=count)


def due_must_visits(before: datetime) -> list[int]:
    rows = MustVisit.objects.filter(closed_at__lt=before).annotate(n=Length("words"), m=Length("done"))
    found = rows.filter(n__gt=0) | rows.filter(m__gt=0)
    return list(found.order_by("closed_at", "pk").values_list("pk", flat=True))


@transaction.atomic
def erase_must_visits(ids: Sequence[int]) -> tuple[int, Removed]:
    count = MustVisit.objects.filter(pk__in=ids, closed_at__isnull=False).update(words="", done="")
    return count, Counter(must_visits=count)
