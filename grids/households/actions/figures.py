"""Base figures: what a community declares, and the register's own count when a month is over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid, NotAllowed, NotFound
from grids.households.figures import by_building, counted, latest_declared
from grids.households.models import BaseFigure, BuildingGap
from grids.households.policies import figure_communities, may_declare
from grids.models import Building
from grids.reference import territory

MOST_HOUSEHOLDS, MOST_PEOPLE = 100_000, 500_000


@dataclass(frozen=True)
class Declared:
    """What was reported elsewhere: by whom (``source``), for which day. Empty where nobody said."""

    on: date
    source: str
    households: int
    people: int | None = None
    floor_area: int | None = None
    groups: int | None = None


@transaction.atomic
def declare_figure(community_id: int, said: Declared, *, actor: Actor) -> BaseFigure:
    """Write down a declared figure; an earlier one of the same day stays on record and counts no more.

    By the community's own staff. Raises ``NotFound``, ``NotAllowed``, ``Invalid`` by field.
    """
    if not actor.is_system and not may_declare(actor, community_id):
        if community_id not in [area.id for area in figure_communities(actor)]:
            raise NotFound("no_community", _("没有这个社区，或者不在您的辖区。"))
        raise NotAllowed("own_community_only", _("基数由社区自己登记，您的岗位只能看。"))
    wrong: dict[str, list[str]] = {}
    source = said.source.strip()
    if not source or len(source) > 60:
        wrong["source"] = [_("请写来源，如“2026年人口统计报表”，最多 60 字。")]
    if said.on > clock.today():
        wrong["on"] = [_("这一天还没有到。")]
    if not 0 <= said.households <= MOST_HOUSEHOLDS:
        wrong["households"] = [_("户数在 0 到 {most} 之间。").format(most=MOST_HOUSEHOLDS)]
    if said.people is not None and not 0 <= said.people <= MOST_PEOPLE:
        wrong["people"] = [_("人数在 0 到 {most} 之间。").format(most=MOST_PEOPLE)]
    if wrong:
        raise Invalid("figure_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    row = BaseFigure.objects.create(
        community_id=community_id, on=said.on, origin=BaseFigure.Origin.DECLARED, source=source,
        households=said.households, people=said.people, floor_area=said.floor_area, groups=said.groups,
        recorded_by_id=actor.membership_id, recorded_at=clock.now(),
    )  # fmt: skip
    audit.record("base_figure.create", actor=actor, object_kind="base_figure", object_id=row.pk)
    return row


@transaction.atomic
def close_month(today: date | None = None) -> int:
    """Keep what the register held when the last month ended: a figure a community, and its buildings that differ.

    A month is closed once, on the first day it is asked for; communities that hold nothing are left out. The number
    of statements does not grow with their number. Returns how many communities were closed.
    """
    last = (today or clock.today()).replace(day=1) - timedelta(days=1)
    communities = [area.id for area in territory().at_level("community")]
    closed = BaseFigure.objects.filter(on=last, origin=BaseFigure.Origin.REGISTER)
    known = set(closed.values_list("community_id", flat=True))
    found, declared = counted(communities), latest_declared(communities)
    due = [pk for pk in communities if pk not in known and (pk in found or pk in declared)]
    if not due:
        return 0
    figures = BaseFigure.objects.bulk_create(
        [
            BaseFigure(
                community_id=pk, on=last, origin=BaseFigure.Origin.REGISTER, source="月末登记数",
                households=found[pk].households if pk in found else 0,
                people=found[pk].people if pk in found else 0, recorded_at=clock.now(),
            )
            for pk in due
        ]
    )  # fmt: skip
    by_community = {row.community_id: row for row in figures}
    rows = Building.objects.filter(grid__community_id__in=due, ended_on=None)
    differing = (
        by_building(rows).exclude(gap=0).values_list("pk", "grid__community_id", "household_count", "registered")
    )
    BuildingGap.objects.bulk_create(
        [
            BuildingGap(figure=by_community[community], building_id=pk, declared=declared_there, registered=registered)
            for pk, community, declared_there, registered in differing
        ],
        batch_size=2_000,
    )
    audit.record("base_figure.close_month", actor=Actor.system("upkeep"), object_kind="base_figure", count=len(due))
    return len(due)
