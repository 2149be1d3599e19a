"""Who is cared for, when somebody was last in contact, and who waits too long (S2-23)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, ExpressionWrapper, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Cast, Greatest

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.households.policies import kept_grids
from grids.visits.models import CareBenefit, CareContact, CareObject
from grids.visits.plans import reached

SOON = timedelta(days=30)
"""How long ahead a benefit's re-check is shown."""


def care_of(actor: Actor) -> QuerySet[CareObject]:
    """Who is cared for in the actor's places."""
    grids = [grid.id for grid in kept_grids(actor)]
    return CareObject.objects.filter(household__building__grid_id__in=grids, ended_on=None, household__ended_on=None)


def with_contact(rows: QuerySet[CareObject], now: datetime | None = None) -> QuerySet[Any]:
    """Each with ``last_at`` (a helper's contact, or a visit that reached somebody; None before the first) and
    ``next_at`` (the moment the next one is due), the longest waiting first. One statement."""
    contacts = CareContact.objects.filter(link__care=OuterRef("pk")).order_by("-at").values("at")[:1]
    visits = reached().filter(household=OuterRef("household"), at__gte=OuterRef("recorded_at"))
    last = Greatest(Subquery(contacts), Subquery(visits.order_by("-at").values("at")[:1]))
    counted = Greatest(last, Cast(F("recorded_at"), DateTimeField()))
    days = ExpressionWrapper(F("every") * Value(timedelta(days=1)), output_field=DateTimeField())
    found = rows.annotate(last_at=last, next_at=ExpressionWrapper(counted + days, output_field=DateTimeField()))
    return found.select_related("household__building", "household__room__unit", "person").order_by("next_at", "pk")


def overdue(rows: QuerySet[CareObject], now: datetime | None = None) -> QuerySet[Any]:
    """Nobody was in contact for more days than agreed."""
    return with_contact(rows).filter(next_at__lt=now or clock.now())


def benefits_due(actor: Actor) -> QuerySet[CareBenefit]:
    """What has to be looked at again within a month, and what is past its day; the earliest first."""
    rows = CareBenefit.objects.filter(care__in=care_of(actor), ended_on=None)
    return rows.filter(recheck_on__lte=clock.today() + SOON).order_by("recheck_on", "pk")
