"""Patrols in a worker's month (S3-23)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.actors import Actor
from grids.duties import Duty, Line, register
from grids.patrols.models import Patrol
from grids.patrols.queries import name_of
from grids.reference import territory


def _rows(actor: Actor, begin: datetime, end: datetime) -> QuerySet[Patrol]:
    rows = Patrol.objects.filter(
        walker_id=actor.membership_id or 0, state=Patrol.State.FINISHED, started_at__gte=begin, started_at__lt=end
    )
    return rows.prefetch_related("crew").order_by("-started_at", "-pk")


def _lines(rows: Sequence[Patrol]) -> list[Line]:
    places = territory()
    return [
        Line(
            name_of(row),
            "·".join(
                part
                for part in (
                    places.area_name(row.grid_id),
                    row.get_result_display(),
                    _("{count} 件").format(count=row.find_count) if row.find_count else "",
                )
                if part
            ),
            row.started_at,
            reverse("patrols_phone:patrol", args=[row.client_id]),
        )
        for row in rows
    ]


register(Duty("patrols", "collect", gettext_lazy("巡查"), _rows, _lines))
