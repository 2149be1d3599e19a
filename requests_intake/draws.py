"""Reading the draws of what is looked at on site: of a month, with what they give when recomputed (ADR 31)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from governance.kernel import clock
from governance.kernel.actors import Actor
from requests_intake.actions.draw import next_month
from requests_intake.models import DrawSeed, SampleDraw
from requests_intake.policies import TicketPolicy
from requests_intake.sampling import value_of

MONTHS = 24


def seeds() -> list[DrawSeed]:
    """Months in which something may have been drawn, the newest first; not those still to come."""
    return list(DrawSeed.objects.filter(month__lte=clock.today()).order_by("-month")[:MONTHS])


def month_of(text: str) -> date | None:
    """``2026-11`` as its first day; None for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def draws_of(actor: Actor, month: date | None, *, rule: str = "") -> QuerySet[SampleDraw]:
    """Draws on tickets the actor may see, the newest first; ``month`` is its first day."""
    rows = SampleDraw.objects.filter(ticket__in=TicketPolicy.visible(actor).values("pk"))
    if month is not None:
        begin, end = (datetime(day.year, day.month, 1, tzinfo=clock.SHANGHAI) for day in (month, next_month(month)))
        rows = rows.filter(drawn_at__gte=begin, drawn_at__lt=end)
    if rule:
        rows = rows.filter(rule=rule)
    return rows.select_related("ticket", "work_order").order_by("-drawn_at", "-pk")


def recomputed(draw: SampleDraw, seed: str) -> dict[str, Any]:
    """``again``: the value as it follows from the seed (None where nothing was drawn); ``same``: as it was stored."""
    if draw.value is None:
        return {"again": None, "same": draw.chosen == (draw.percent == 100)}
    value = value_of(seed, draw.ticket.number, draw.turn)
    return {"again": value, "same": value == draw.value and draw.chosen == (value < draw.percent)}


@dataclass(frozen=True)
class Summary:
    counted: int
    chosen: int
    different: int


def summary(rows: QuerySet[SampleDraw], seed: str) -> Summary:
    """Of all rows, recomputed one by one. One statement."""
    counted = chosen = different = 0
    for row in rows.iterator(chunk_size=2_000):
        counted += 1
        chosen += row.chosen
        different += not recomputed(row, seed)["same"]
    return Summary(counted, chosen, different)
