"""The district's own words for what came of a visit (S2-06)."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid
from governance.kernel.models import District
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import current_district
from grids.households.actions.tags import stigma_sentence
from grids.visits.models import VisitOutcome

MOST_OUTCOMES = 8
USUAL_OUTCOMES = (
    ("讲清小道理", False),
    ("解决小问题", False),
    ("开展小活动", False),
    ("树立小典型", False),
    ("化解小纠纷", True),
)
"""五小工作法, with whether it offers a mediation: what a new district begins with, to be changed by it."""


@transaction.atomic
def set_outcomes(wanted: Iterable[tuple[str, bool]], *, actor: Actor) -> tuple[VisitOutcome, ...]:
    """The district's outcomes (name, offers a mediation), in this order, at most eight; one left out ends.

    Raises ``NotAllowed`` and ``Invalid`` with ``name_<n>``.
    """
    require_administrator(actor)
    # The district's row is the lock: two administrators change its words one after the other.
    District.objects.select_for_update().get(pk=current_district().pk)
    rows = [(name.strip(), offers) for name, offers in wanted if name.strip()]
    wrong: dict[str, list[str]] = {}
    for place, (name, _offers) in enumerate(rows):
        if len(name) > 12:
            wrong[f"name_{place}"] = [_("最多 12 字。")]
        elif name in [other for other, _mediates in rows[:place]]:
            wrong[f"name_{place}"] = [_("名称重复了。")]
        elif said := stigma_sentence(name):
            wrong[f"name_{place}"] = [said]
    if len(rows) > MOST_OUTCOMES:
        raise Invalid("eight_outcomes", _("最多八种。"))
    if wrong:
        raise Invalid("outcome_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    known = {row.name: row for row in VisitOutcome.objects.filter(ended_on=None)}
    for name, row in known.items():
        if name not in [each for each, _offers in rows]:
            row.ended_on = clock.today()
            row.save(update_fields=["ended_on"])
    kept = []
    for place, (name, offers) in enumerate(rows):
        row = known.get(name) or VisitOutcome(name=name)
        row.offers_mediation, row.position = offers, place
        row.save()
        kept.append(row)
    audit.record("visit_outcome.change", actor=actor, object_kind="visit_outcome", object_id=None, count=len(kept))
    bump_reference()
    return tuple(kept)
