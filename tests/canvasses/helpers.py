"""Canvasses for tests: the winter vaccination, asked in the first community."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.canvasses.actions.answers import AnswerDetails, record_answer
from grids.canvasses.actions.canvasses import CanvassDetails, FieldDetails, add_field, draft_canvass, start_canvass
from grids.canvasses.models import Canvass, CanvassAnswer, CanvassField
from grids.households.models import Household
from tests.world import World

WANTED = FieldDetails("要不要打流感疫苗", "yes_no")


def details(**said: Any) -> CanvassDetails:
    today = clock.today()
    usual: dict[str, Any] = {
        "title": "冬季流感疫苗", "purpose": "算清楚要多少支，安排哪天来打", "begins_on": today,
        "ends_on": today + timedelta(days=14), "keep_days": 90,
    }  # fmt: skip
    return CanvassDetails(**{**usual, **said})


def draft(world: World, *, actor: Actor | None = None, area: int | None = None, **said: Any) -> Canvass:
    return draft_canvass(area or world.community.pk, details(**said), actor=actor or world.secretary)


def running(
    world: World, *fields: FieldDetails, actor: Actor | None = None, area: int | None = None, **said: Any
) -> Canvass:
    """Started, with these questions (or the one yes-or-no)."""
    row, by = draft(world, actor=actor, area=area, **said), actor or world.secretary
    for each in fields or (WANTED,):
        add_field(row, each, actor=by)
    return start_canvass(row, actor=by)


def fields(canvass: Canvass) -> list[CanvassField]:
    return list(CanvassField.objects.filter(canvass=canvass).order_by("position"))


def answer(canvass: Canvass, home: Household, actor: Actor, *values: Any, **said: Any) -> CanvassAnswer:
    """The values in the order of the questions; none given is a yes to the first."""
    asked = fields(canvass)
    given = values or ((True,) if said.get("met", "answered") == "answered" else ())
    said["values"] = {field.pk: value for field, value in zip(asked, given, strict=False)}
    return record_answer(canvass, home, AnswerDetails(**said), actor=actor)
