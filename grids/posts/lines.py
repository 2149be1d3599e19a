"""管线: who of a community's people has which line of business, and which lines nobody has (S1-09a)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from governance.kernel import clock
from governance.kernel.reference import per_district
from grids.posts.models import BusinessLine, LineAssignment
from grids.reference import Holder, territory

SHIPPED = ("党建", "民政", "社保", "综治", "卫健", "城管", "应急", "文体")
"""Offered to a district that has none yet; saved only when its administrator says so."""
_OF_COMMUNITY = frozenset({"community_staff", "community_secretary"})
_OF_GRID = frozenset({"grid_worker", "grid_leader"})


@per_district
def lines() -> tuple[BusinessLine, ...]:
    """The lines in use, in the district's order."""
    return tuple(BusinessLine.objects.filter(ended_on=None).order_by("position", "pk"))


@dataclass(frozen=True)
class LineRow:
    """``owners``: members in post; ``is_shared``: 兼管, nobody's own and said to be so."""

    line: BusinessLine
    owners: frozenset[int]
    is_shared: bool

    @property
    def is_orphan(self) -> bool:
        return not self.owners and not self.is_shared


@dataclass(frozen=True)
class LineMatrix:
    community_id: int
    people: Sequence[Holder]
    rows: Sequence[LineRow] = field(default_factory=tuple)

    @property
    def orphans(self) -> list[LineRow]:
        return [row for row in self.rows if row.is_orphan]


def people_of(community_id: int, on: date | None = None) -> list[Holder]:
    """Who may have a line there: the community's staff and the people of its grids, each once. No statement."""
    places, day = territory(), on or clock.today()
    offices = [(places.own.get(community_id), _OF_COMMUNITY)]
    offices += [(places.own.get(grid.id), _OF_GRID) for grid in places.children(community_id, "grid")]
    found: dict[int, Holder] = {}
    for office, kinds in offices:
        for holder in places.holders.get(office or 0, ()):
            if holder.kind in kinds and holder.serves_on(day):
                found.setdefault(holder.membership_id, holder)
    return list(found.values())


def matrices(community_ids: Sequence[int], on: date | None = None) -> dict[int, LineMatrix]:
    """By community; one statement. Who has left the community owns nothing there any more."""
    day = on or clock.today()
    rows = LineAssignment.objects.filter(community_id__in=community_ids, since__lte=day)
    owned: dict[tuple[int, int], set[int | None]] = defaultdict(set)
    for community, line, member, until in rows.values_list("community_id", "line_id", "membership_id", "until"):
        if until is None or until >= day:
            owned[community, line].add(member)
    found = {}
    for pk in community_ids:
        people = people_of(pk, day)
        here = {holder.membership_id for holder in people}
        found[pk] = LineMatrix(
            pk, people,
            [
                LineRow(line, frozenset(m for m in owned[pk, line.pk] if m in here), None in owned[pk, line.pk])
                for line in lines()
            ],
        )  # fmt: skip
    return found


def orphans_of(found: Mapping[int, LineMatrix]) -> int:
    return sum(len(matrix.orphans) for matrix in found.values())
