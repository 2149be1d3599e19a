"""The district's rules as one cached object: categories, the policy in force, organizations as routing sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from governance.kernel import clock
from governance.kernel.reference import per_district
from grids.reference import territory
from requests_intake import categories, classification, routing, sla
from requests_intake.models import Category, LimitPolicy, ReplyPhrase


@dataclass(frozen=True)
class CategoryRef:
    """A stored category and its pure twin, which classification and routing read."""

    id: int
    parent_id: int | None
    pure: categories.Category
    questions: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        return self.pure.code

    @property
    def name(self) -> str:
        return self.pure.name


@dataclass(frozen=True)
class Rules:
    categories: Mapping[int, CategoryRef]
    by_code: Mapping[str, CategoryRef]
    lexicon: classification.Lexicon
    policies: tuple[tuple[datetime, int, sla.Policy], ...]  # newest first: valid from, version, policy
    organizations: tuple[routing.OrganizationRef, ...]
    names: Mapping[int, str]  # of every category, also of those no longer in use
    phrases: Mapping[str, tuple[str, ...]]  # the district's own, by move

    def policy(self, on: datetime | None = None) -> tuple[int, sla.Policy]:
        """Version and policy that hold for promises given at a moment (now by default)."""
        moment = on or clock.now()
        for valid_from, version, policy in self.policies:
            if valid_from <= moment:
                return version, policy
        # Replayed tickets are older than the first policy: the first one holds for them.
        return self.policies[-1][1:] if self.policies else (0, sla.Policy.default())

    def category_name(self, category_id: int | None) -> str:
        return "" if category_id is None else self.names.get(category_id, "")


@per_district
def rules() -> Rules:
    """The rules of the district in scope."""
    everything = list(Category.objects.order_by("code"))
    rows = [row for row in everything if row.is_active]
    parents = {row.pk: (row.code, row.name) for row in rows if row.parent_id is None}
    found = {row.pk: CategoryRef(row.pk, row.parent_id, _as_pure(row, parents), tuple(row.questions)) for row in rows}
    leaves = [ref.pure for ref in found.values() if ref.parent_id is not None]
    return Rules(
        categories=found,
        by_code={ref.code: ref for ref in found.values()},
        lexicon=classification.Lexicon(leaves),
        policies=tuple(
            (row.valid_from, row.version, sla.Policy.from_json(row.document))
            for row in LimitPolicy.objects.order_by("-valid_from", "-version")
        ),
        organizations=_routing_organizations(),
        names={row.pk: row.name for row in everything},
        phrases=_phrases(),
    )


def _phrases() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for move, text in ReplyPhrase.objects.order_by("move", "position").values_list("move", "text"):
        found[move] = (*found.get(move, ()), text)
    return found


def _as_pure(row: Category, parents: Mapping[int, tuple[str, str]]) -> categories.Category:
    parent_code, parent_name = parents.get(row.parent_id, ("", "")) if row.parent_id else ("", "")
    return categories.Category(
        code=row.code,
        name=row.name,
        parent_code=parent_code,
        parent_name=parent_name,
        urgency=row.urgency,
        limit_class=row.limit_class,
        start_level=row.start_level,
        departments=tuple(row.departments),
        is_safety=row.is_safety,
        is_restricted=row.is_restricted,
        keywords=tuple(row.keywords),
    )


def _routing_organizations() -> tuple[routing.OrganizationRef, ...]:
    found = territory()
    return tuple(
        routing.OrganizationRef(
            id=row.id,
            level=row.level,
            kind=row.kind,
            # A department of the whole district answers for no area in particular.
            # A stationed team (派驻) answers for its street, whatever its own bureau's area is (S4-04).
            area_id=row.stationed_street_id or (None if row.area_id == found.district_area_id else row.area_id),
            department_kind=row.department_kind,
        )
        for row in found.organizations.values()
    )
