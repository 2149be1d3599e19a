"""A household as pages and the API show it: names and numbers masked."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.templatetags.ui import masked_phone
from grids.households.models import Household, HouseholdMove, HouseholdTagging, Person
from grids.households.presentation.people import masked_resident
from grids.households.presentation.places import door_words, place_words
from grids.households.tagging import TagSeen, tags_of
from grids.models.organization import PostKind


def line(row: Household, tags: list[TagSeen]) -> dict[str, Any]:
    """A row of a list; ``building`` and ``room__unit`` are selected. No statement."""
    return {
        "pk": row.pk,
        "place": place_words(row),
        "door": door_words(row),
        "building": row.building.name,
        "kind": row.get_kind_display(),
        "people": row.people_count,
        "contact": masked_resident(row.contact_name),
        "may_be_called": row.may_be_called,
        "tags": tags,
    }


def lines(rows: list[Household], actor: Actor) -> list[dict[str, Any]]:
    """One statement for the tags of all."""
    worn = tags_of([row.pk for row in rows], actor)
    return [line(row, worn.get(row.pk, [])) for row in rows]


def person_line(row: Person) -> dict[str, Any]:
    year = clock.today().year
    return {
        "pk": row.pk,
        "name": masked_resident(row.name) or _("（已清除）"),
        "phone": masked_phone(row.phone),
        "relation": row.get_relation_display(),
        "born": row.birth_year,
        "age": _("约 {age} 岁").format(age=year - row.birth_year) if row.birth_year else "",
        "has_name": bool(row.name),
        "ended_on": row.ended_on,
        "end_reason": row.get_end_reason_display() if row.end_reason else "",
    }


def whole(row: Household, actor: Actor) -> dict[str, Any]:
    """Everything of one household; five statements. Grounds of readable, not sensitive tags stand in clear."""
    people = [person_line(person) for person in Person.objects.filter(household=row).order_by("ended_on", "pk")]
    moves = (
        HouseholdMove.objects.filter(household=row).select_related("building", "room__unit").order_by("-until", "-pk")
    )
    same_room = Q(room_id=row.room_id) if row.room_id else Q(building_id=row.building_id, room=None, place=row.place)
    beside = Household.objects.filter(same_room, ended_on=None).exclude(pk=row.pk).order_by("code", "pk")
    worn = tags_of([row.pk], actor).get(row.pk, [])
    open_ones = [tag.tagging_id for tag in worn if not tag.is_sensitive]
    grounds = {tagging.pk: tagging.reason for tagging in HouseholdTagging.objects.filter(pk__in=open_ones)}
    return {
        **line(row, worn),
        "row": row,
        "phone": masked_phone(row.contact_phone),
        "tags": [{"tag": tag, "reason": grounds.get(tag.tagging_id, "")} for tag in worn],
        "people": [person for person in people if person["ended_on"] is None],
        "former": [person for person in people if person["ended_on"] is not None],
        "moves": [{"place": place_words(move), "since": move.since, "until": move.until} for move in moves],
        "beside": list(beside.values("pk", "code", "people_count")),
        "people_count": row.people_count,
    }


def reader_words(readers: list[str]) -> str:
    """网格员、社区书记."""
    return "、".join(str(PostKind(kind).label) for kind in readers)
