"""Heads of buildings and of their units (楼栋长、单元长): who holds such a post, by building and by person.

Cached apart from the territory: a district has some thousand of them, and hardly a page needs one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import F
from django.utils.translation import gettext as _

from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.actors import HEADS
from governance.kernel.reference import per_district
from grids.models import PostAssignment
from grids.reference import Holder


@dataclass(frozen=True, slots=True)
class Head(Holder):
    """Head of ``building_id``, or of its unit number ``unit``."""

    building_id: int
    unit: int | None


@dataclass(frozen=True)
class Heads:
    """Past, present and coming ones."""

    of_building: Mapping[int, tuple[Head, ...]]
    of_member: Mapping[int, tuple[Head, ...]]


def post_name(building: str, unit: int | None) -> str:
    """春晓花园1号楼楼栋长, 春晓花园1号楼2单元长."""
    words = _("{building}楼栋长") if unit is None else _("{building}{unit}单元长")
    return words.format(building=building, unit=unit)


@per_district
def heads() -> Heads:
    """The heads of the district in scope; two statements when it changed, else none."""
    rows = list(
        PostAssignment.objects.filter(post__kind__in=HEADS, post__ended_on=None, membership__is_active=True)
        .order_by("post__building_id", F("post__unit").asc(nulls_first=True), "since")
        .values_list(
            "membership_id", "post_id", "post__name", "post__kind", "post__is_leader", "post__organization_id",
            "since", "until", "post__building_id", "post__unit",
        )
    )  # fmt: skip
    names = staff_names(row[0] for row in rows)
    of_building: dict[int, list[Head]] = defaultdict(list)
    of_member: dict[int, list[Head]] = defaultdict(list)
    for membership_id, *rest in rows:
        head = Head(membership_id, names.get(membership_id, ""), *rest)
        of_building[head.building_id].append(head)
        of_member[membership_id].append(head)
    return Heads(
        {key: tuple(value) for key, value in of_building.items()},
        {key: tuple(value) for key, value in of_member.items()},
    )


def serving(building_ids: Collection[int], kinds: Collection[str] = HEADS, on: date | None = None) -> list[Head]:
    """Who heads these buildings and their units on a day (today by default), the building's head first."""
    day, found = on or clock.today(), heads().of_building
    rows = [head for pk in building_ids for head in found.get(pk, ()) if head.kind in kinds and head.serves_on(day)]
    return sorted(rows, key=lambda head: (head.building_id, head.unit or 0))


def held(membership_id: int, on: date | None = None) -> list[Head]:
    """What a member heads on a day."""
    day = on or clock.today()
    return [head for head in heads().of_member.get(membership_id, ()) if head.serves_on(day)]
