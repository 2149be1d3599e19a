"""Reading contact members, their households and words, sponsors of buildings and hubs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from governance.kernel.actors import Actor
from grids.households.homes import homes_of_phone
from grids.households.policies import HouseholdPolicy, kept_grids
from grids.visits.models import BuildingSponsor, ContactLink, ContactMember, ContactMessage, PartyHub


def members_of(actor: Actor) -> QuerySet[Any]:
    """Contact members of the actor's grids, with ``homes``: how many households each has."""
    rows = ContactMember.objects.filter(grid_id__in=[grid.id for grid in kept_grids(actor)], ended_on=None)
    links = ContactLink.objects.filter(member=OuterRef("pk"), ended_on=None, household__ended_on=None).order_by()
    homes = Subquery(links.values("member").annotate(n=Count("pk")).values("n"), output_field=IntegerField())
    return rows.annotate(homes=Coalesce(homes, 0)).order_by("grid", "pk")


def links_of(member: ContactMember) -> QuerySet[ContactLink]:
    rows = ContactLink.objects.filter(member=member, ended_on=None, household__ended_on=None)
    return rows.select_related("household__building", "household__room__unit").order_by("household__building", "pk")


def members_for(household_id: int) -> QuerySet[ContactLink]:
    """Links of a household to members who still are contacts."""
    rows = ContactLink.objects.filter(household_id=household_id, ended_on=None, member__ended_on=None)
    return rows.select_related("member").order_by("pk")


def links_of_phone(phone: str) -> QuerySet[ContactLink]:
    """我的联系党员: the links of the households where this number is the contact's or somebody's who lives there."""
    homes = homes_of_phone(phone, running=True)
    rows = ContactLink.objects.filter(household__in=homes, ended_on=None, member__ended_on=None)
    return rows.select_related("member", "household__building", "household__room__unit").order_by("pk")


def waiting_messages(actor: Actor) -> QuerySet[ContactMessage]:
    """Words of households that nobody passed on yet, the oldest first."""
    grids = [grid.id for grid in kept_grids(actor)]
    rows = ContactMessage.objects.filter(
        link__member__grid_id__in=grids, from_household=True, passed_at=None, erased_at=None
    )
    return rows.select_related("link__member", "link__household__building", "link__household__room__unit").order_by(
        "at", "pk"
    )


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many buildings in use have a sponsor."""

    buildings: int
    sponsored: int

    @property
    def percent(self) -> int | None:
        """In whole percent; None where there is no building."""
        return round(100 * self.sponsored / self.buildings) if self.buildings else None


def buildings_with_sponsor(actor: Actor) -> QuerySet[Any]:
    """Buildings in use of the actor's places, with ``is_sponsored``; those without come first."""
    running = BuildingSponsor.objects.filter(building=OuterRef("pk"), ended_on=None, member__ended_on=None)
    here = HouseholdPolicy.buildings(actor).filter(ended_on=None)
    rows: QuerySet[Any] = here.annotate(is_sponsored=Exists(running))
    return rows.select_related("compound").order_by("is_sponsored", "grid__path", "compound__name", "number", "pk")


def coverage(rows: QuerySet[Any]) -> Coverage:
    """One statement."""
    found = rows.order_by().aggregate(number=Count("pk"), named=Count("pk", filter=Q(is_sponsored=True)))
    return Coverage(found["number"], found["named"])


def hubs_of(actor: Actor) -> QuerySet[PartyHub]:
    rows = PartyHub.objects.filter(building__in=HouseholdPolicy.buildings(actor), ended_on=None)
    return rows.select_related("building", "household__building", "household__room__unit").order_by("building", "pk")


def hubs_without_host(actor: Actor) -> QuerySet[PartyHub]:
    """要找接替的: the household moved away, or lives in another building by now (S2-04)."""
    return hubs_of(actor).filter(Q(household__ended_on__isnull=False) | ~Q(household__building=F("building")))
