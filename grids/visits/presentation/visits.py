"""A household that waits for a visit, and a visit that was made, as pages and the API show them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.templatetags.ui import local_time
from grids.households.presentation.places import door_words, place_words
from grids.households.tagging import tags_of
from grids.visits.actions.visits import SLIP
from grids.visits.due import last_words, reasons
from grids.visits.models import REACHED, Visit
from grids.visits.reference import outcomes


def waiting_lines(rows: list[Any], actor: Actor) -> list[dict[str, Any]]:
    """Rows of ``due.to_visit``; one statement for the tags of all."""
    worn, today = tags_of([row.pk for row in rows], actor), clock.today()
    return [
        {
            "pk": row.pk,
            "place": place_words(row),
            "building": row.building.name,
            "door": door_words(row),
            "people": row.people_count,
            "reasons": reasons(row, today),
            "last": last_words(row, today),
            "tags": worn.get(row.pk, []),
        }
        for row in rows
    ]


def visit_lines(rows: Iterable[Visit], actor: Actor) -> list[dict[str, Any]]:
    """One statement for the names. Words stand in clear for whoever wrote them, others see that there are some."""
    found = list(rows)
    names, known, now = staff_names({row.by_id for row in found if row.by_id}), outcomes(), clock.now()
    return [
        {
            "pk": row.pk,
            "at": local_time(row.at),
            "who": names.get(row.by_id or 0, _("系统")),
            "met": row.get_met_display(),
            "is_reached": row.met in REACHED,
            "purpose": row.get_purpose_display() if row.purpose != Visit.Purpose.ROUTINE else "",
            "outcome": outcome.name if outcome else "",
            "may_mediate": bool(outcome and outcome.offers_mediation),
            "words": row.findings if row.by_id == actor.membership_id and row.by_id else "",
            "has_words": bool(row.findings),
            "next_on": row.next_visit_on,
            "is_withdrawn": row.withdrawn_at is not None,
            "may_withdraw": row.withdrawn_at is None
            and row.by_id == actor.membership_id
            and row.by_id is not None
            and now - row.recorded_at <= SLIP,
        }
        for row, outcome in ((row, known.get(row.outcome_id or 0)) for row in found)
    ]
