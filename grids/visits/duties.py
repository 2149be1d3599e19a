"""Visits in a worker's month (S3-23)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.kernel.actors import Actor
from grids.duties import Duty, Line, register
from grids.households.presentation.places import place_words
from grids.visits.models import Visit


def _rows(actor: Actor, begin: datetime, end: datetime) -> QuerySet[Visit]:
    rows = Visit.objects.filter(by_id=actor.membership_id or 0, withdrawn_at=None, at__gte=begin, at__lt=end)
    return rows.select_related("household__building", "household__room__unit").order_by("-at", "-pk")


def _lines(rows: Sequence[Visit]) -> list[Line]:
    """Where and whether somebody was met; what was said stays on the household's page."""
    return [
        Line(
            place_words(row.household), row.get_met_display(), row.at,
            reverse("visits_phone:household", args=[row.household_id]),
        )
        for row in rows
    ]  # fmt: skip


register(Duty("visits", "collect", _("走访"), _rows, _lines))
