"""Which tags a household bears, as somebody may see them. A tag one may not read is a neutral mark without words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.households.models import HouseholdTag, HouseholdTagging
from grids.households.policies import reads_tag
from grids.households.reference import tags

NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class TagSeen:
    """``colour`` is a token of the style sheet; ``is_hidden``: the actor may not read it, name and mark say nothing."""

    tagging_id: int
    tag_id: int
    name: str
    mark: str
    colour: str
    is_sensitive: bool
    is_hidden: bool
    since: date
    until: date | None


def worn(on: date | None = None) -> QuerySet[HouseholdTagging]:
    """Taggings in force on a day, today by default; of tags in use."""
    day = on or clock.today()
    rows = HouseholdTagging.objects.filter(since__lte=day).filter(Q(until=None) | Q(until__gte=day))
    return rows.filter(tag__ended_on=None)


def tags_of(household_ids: Iterable[int], actor: Actor) -> dict[int, list[TagSeen]]:
    """By household, in the order of the colours, hidden ones last; one statement."""
    known, order = tags(), {pk: place for place, pk in enumerate(tags())}
    found: dict[int, list[TagSeen]] = defaultdict(list)
    columns = ("pk", "household_id", "tag_id", "since", "until")
    rows = worn().filter(household_id__in=list(household_ids)).order_by("pk").values_list(*columns)
    for pk, household_id, tag_id, since, until in rows:
        found[household_id].append(seen(known[tag_id], actor, pk, since, until))
    for row in found.values():
        row.sort(key=lambda tag: (tag.is_hidden, order[tag.tag_id]))
    return found


def seen(tag: HouseholdTag, actor: Actor, tagging_id: int, since: date, until: date | None) -> TagSeen:
    if reads_tag(actor, tag):
        return TagSeen(
            tagging_id, tag.pk, tag.name, tag.mark, tag.colour, tag.is_sensitive, False, since, until
        )  # fmt: skip
    return TagSeen(tagging_id, tag.pk, _("受限标签"), "·", NEUTRAL, True, True, since, until)


def bearing(tag_ids: Sequence[int]) -> QuerySet[HouseholdTagging, Any]:
    """Household ids that bear any of these tags today, for ``pk__in``."""
    return worn().filter(tag_id__in=tag_ids).values("household_id")
