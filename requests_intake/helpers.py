"""Whom one may call to a matter, and who was called: read for pages, timeline and notices."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from grids.models import Level
from grids.posts.models import Force
from grids.posts.queries import helpers_for, skills_of
from grids.posts.skills import called_for
from grids.reference import territory
from requests_intake.actions.helpers import place_of
from requests_intake.models import Ticket, TicketTransition

MOST = 60
"""How many are offered; lists of one place are shorter."""


def offered(ticket: Ticket) -> tuple[list[str], list[tuple[Force, Sequence[str]]]]:
    """The skills a matter calls for, and the forces of its place: who has such a skill first, and of those the grid's
    before the community's before the street's; then the others in the same order. Two statements."""
    place = place_of(ticket)
    if place is None:
        return [], []
    rows = list(helpers_for(place).select_related("area")[:MOST])
    skills = skills_of(rows)
    known = sorted({word for words in skills.values() for word in words})
    wanted = called_for(f"{ticket.title} {ticket.content}", known)
    first = [row for row in rows if set(skills.get(row.pk, ())) & set(wanted)]
    rest = [row for row in rows if row not in first]
    return wanted, [(row, skills.get(row.pk, [])) for row in [*first, *rest]]


def words_of(force: Force, skills: Sequence[str]) -> str:
    """孙师傅·水电志愿者·会电工·网格·周末."""
    level = str(Level(territory().areas[force.area_id].level).label)
    role = "" if force.role == force.name else force.role
    parts = [force.name, role, _("会{skills}").format(skills="、".join(skills)) if skills else "", level]
    return "·".join(part for part in [*parts, force.availability] if part)


def names_of(rows: Iterable[TicketTransition]) -> dict[int, str]:
    """By force, for the timeline; one statement, none where nobody was called."""
    ids = {row.payload["force"] for row in rows if row.move == "call_helper"}
    if not ids:
        return {}
    return {row.pk: _("{name}（{role}）").format(name=row.name, role=row.role) if row.name else row.role
            for row in Force.objects.filter(pk__in=ids)}  # fmt: skip


def title_of(payload: dict[str, Any], names: dict[int, str]) -> str:
    return _("请{helper}帮忙").format(helper=names.get(payload.get("force", 0), _("人")))
