"""Reading forces: by place, kind and skill, in the order in which one turns to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import Case, IntegerField, QuerySet, Value, When

from grids.posts.models import Force, ForceSkill
from grids.posts.policies import LEVELS, line_of
from grids.reference import AreaRef, territory


def near_first(rows: QuerySet[Force]) -> QuerySet[Force]:
    """Grid before community before street (S3-28), then the order of the places."""
    order = [When(area__level=level, then=Value(number)) for number, level in enumerate(LEVELS)]
    nearness = Case(*order, default=Value(len(LEVELS)), output_field=IntegerField())
    return rows.annotate(nearness=nearness).order_by("nearness", "area__path", "kind", "pk")


def running(rows: QuerySet[Force]) -> QuerySet[Force]:
    return rows.filter(ended_on=None)


def with_skill(rows: QuerySet[Force], word: str) -> QuerySet[Force]:
    return rows.filter(pk__in=ForceSkill.objects.filter(word=word).values("force_id"))


def helpers_for(area: AreaRef, skill: str = "") -> QuerySet[Force]:
    """Whom one may call to a place: the forces of its grid, community and street, the nearest first."""
    rows = running(Force.objects.filter(area_id__in=[each.id for each in line_of(area)]))
    return near_first(with_skill(rows, skill) if skill else rows)


def skills_of(forces: Iterable[Force]) -> dict[int, list[str]]:
    """By force; one statement."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = ForceSkill.objects.filter(force_id__in=[row.pk for row in forces]).order_by("pk")
    for force_id, word in rows.values_list("force_id", "word"):
        found[force_id].append(word)
    return found


def skills_in(area_ids: Collection[int]) -> list[str]:
    """Every skill in the lists of these places; one statement."""
    rows = ForceSkill.objects.filter(force__area_id__in=area_ids, force__ended_on=None)
    return list(rows.order_by("word").values_list("word", flat=True).distinct())


def public_forces(grid_id: int) -> list[Force]:
    """What residents of a grid may read: those of the grid and of its community who agreed (S2-20b). One statement.

    ``phone`` is emptied where they did not agree to publish it, so that no page can show it by mistake.
    """
    area = territory().areas[grid_id]
    rows = running(Force.objects.filter(area_id__in=[grid_id, area.community_id], is_public=True))
    found = list(near_first(rows))
    for row in found:
        row.contact = ""
        if not row.publishes_phone:
            row.phone = ""
    return found
