"""Whom a canvass asks. Asked of the register each time: nothing is kept of a household that did not answer."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from grids.canvasses.models import Canvass, CanvassAnswer, CanvassPlace, CanvassTag
from grids.households.models import Household, Person
from grids.households.tagging import bearing


def audience(canvass: Canvass, grids: Iterable[int]) -> QuerySet[Household]:
    """Running households of these grids whom the rule means."""
    rows = Household.objects.filter(ended_on=None, building__grid_id__in=list(grids))
    chosen = list(CanvassPlace.objects.filter(canvass=canvass).values_list("grid_id", "building_id"))
    if chosen:
        rows = rows.filter(
            Q(building__grid_id__in=[grid for grid, _building in chosen if grid])
            | Q(building_id__in=[building for _grid, building in chosen if building])
        )
    tags = list(CanvassTag.objects.filter(canvass=canvass).values_list("tag_id", flat=True))
    if tags:
        rows = rows.filter(pk__in=bearing(tags))
    if canvass.born_from is not None or canvass.born_until is not None:
        people = Person.objects.filter(household=OuterRef("pk"), ended_on=None)
        if canvass.born_from is not None:
            people = people.filter(birth_year__gte=canvass.born_from)
        if canvass.born_until is not None:
            people = people.filter(birth_year__lte=canvass.born_until)
        rows = rows.filter(Exists(people))
    return rows


def answers_in(canvass: Canvass) -> QuerySet[CanvassAnswer]:
    return CanvassAnswer.objects.filter(canvass=canvass, household=OuterRef("pk"))


def unasked(canvass: Canvass, grids: Iterable[int]) -> QuerySet[Household]:
    return audience(canvass, grids).filter(~Exists(answers_in(canvass)))


def listed(canvass: Canvass, grids: Iterable[int]) -> QuerySet[Household]:
    """The audience, and who answered and is no longer in it (a tag came off, the household moved away)."""
    here = list(grids)
    rows = Household.objects.filter(building__grid_id__in=here)
    return rows.filter(Q(pk__in=audience(canvass, here).values("pk")) | Exists(answers_in(canvass)))
