"""Which homes a proactive task begins with (S3-31): those of its place with a tag (独居老人 …), as one may see them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count

from governance.kernel.actors import Actor
from grids.households.policies import kept_grids, reads_tag
from grids.households.queries import households_of
from grids.households.reference import tags
from grids.households.tagging import worn
from grids.households.views.surface import Surface
from requests_intake.models import ProactiveTask


@dataclass(frozen=True)
class Tagged:
    """``homes`` of the place and of one's own grids bear it; ``url`` leads to them in the register."""

    name: str
    homes: int
    url: str


def homes_first(actor: Actor, task: ProactiveTask, surface: Surface) -> list[Tagged]:
    """For who keeps the register of the place, of tags they may read; nothing for anybody else. One statement.

    The task itself holds neither names nor numbers: they are as the register has them when it is looked at.
    """
    grids = [grid.id for grid in kept_grids(actor) if grid.community_id == task.community_id]
    if not grids:
        return []
    place: dict[str, Any] = {"building__grid_id__in": grids}
    if task.building_id is not None:
        place["building"] = task.building_id
    elif task.compound_id is not None:
        place["building__compound"] = task.compound_id
    homes = households_of(actor).filter(**place).order_by()
    counted = worn().filter(household__in=homes.values("pk")).order_by().values_list("tag_id")
    numbers = dict(counted.annotate(n=Count("household_id", distinct=True)))
    words = task.building.name if task.building else task.compound.name if task.compound else ""
    return [
        Tagged(tag.name, numbers[pk], f"{surface.url('index')}?{urlencode({'q': words, 'tag': pk})}")
        for pk, tag in tags().items()
        if pk in numbers and reads_tag(actor, tag)
    ]
