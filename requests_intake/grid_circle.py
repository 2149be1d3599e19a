"""Reading a grid's circle: the messages with their answers, as residents and as staff see them."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q
from django.utils.translation import gettext as _

from governance.accounts.models import Resident
from governance.accounts.queries import staff_names
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hashes
from governance.kernel.templatetags.ui import local_time
from grids.reference import territory
from requests_intake.actions.grid_messages import serves
from requests_intake.models import GridMessage, GridMessageFlag
from requests_intake.presentation.people import masked_name

PER_PAGE = 20


def page_of(
    grid_id: int, number: Any, *, resident: Resident | None = None
) -> tuple[Page[GridMessage], list[dict[str, Any]]]:
    """A page of messages, the newest first, each with its answers, the oldest first.

    With ``resident`` as they see it: hidden ones only if they wrote them, the number of a ticket only of their own
    message. Without, as the staff of the grid do: everything, with how often it was reported.
    """
    own = frozenset(keyed_hashes(resident.phone)) if resident is not None else frozenset()
    rows = GridMessage.objects.filter(grid=grid_id)
    if resident is not None:
        rows = rows.filter(Q(hidden_at=None) | Q(poster_hash__in=own))
    tops = rows.filter(parent=None).select_related("ticket").order_by("-created_at", "-pk")
    page = Paginator(tops, PER_PAGE).get_page(number)
    shown = list(page.object_list)
    answers = list(rows.filter(parent__in=shown).select_related("ticket").order_by("created_at", "pk"))
    names = staff_names({row.member_id for row in [*shown, *answers] if row.member_id})
    flags: Counter[int] = Counter()
    if resident is None:
        ids = [row.pk for row in [*shown, *answers]]
        flags.update(GridMessageFlag.objects.filter(message__in=ids).values_list("message_id", flat=True))
    by_parent: dict[int, list[dict[str, Any]]] = {}
    for row in answers:
        by_parent.setdefault(row.parent_id or 0, []).append(_line(row, own, names, flags, is_staff=resident is None))
    lines = [_line(row, own, names, flags, is_staff=resident is None) for row in shown]
    for line in lines:
        line["answers"] = by_parent.get(line["id"], [])
    return page, lines


def _line(
    row: GridMessage, own: frozenset[str], names: dict[int, str], flags: Counter[int], *, is_staff: bool
) -> dict[str, Any]:
    is_own = bool(row.poster_hash) and row.poster_hash in own
    if row.member_id:
        who = _("{name}（社区工作人员）").format(name=masked_name(names.get(row.member_id, "")) or _("工作人员"))
        if is_staff:
            who = names.get(row.member_id, _("工作人员"))
    else:
        who = _("我") if is_own else masked_name(row.poster_name) or _("邻居")
    knows = is_staff or is_own
    status = ""
    if row.ticket is not None:
        status = row.ticket.get_state_display() if knows else _("社区接手了")
    return {
        "id": row.pk,
        "who": who,
        "is_own": is_own,
        "is_staff": bool(row.member_id),
        "text": row.text,
        "at": local_time(row.created_at),
        "number": row.ticket.number if row.ticket is not None and knows else "",
        "status": status,
        "hidden": row.get_hidden_reason_display() if row.hidden_at else "",
        "flags": flags[row.pk],
        "may_turn": is_staff and bool(row.poster_hash) and row.ticket is None and row.erased_at is None,
        "answers": [],
    }


def grids_served(actor: Actor) -> list[dict[str, Any]]:
    """The circles somebody answers in, with how many of the messages wait for an answer; two statements."""
    places = territory()
    grids = sorted((area for area in places.at_level("grid") if serves(actor, area.id)), key=lambda area: area.path)
    waiting = waiting_by_grid([area.id for area in grids])
    return [{"id": area.id, "name": area.name, "waiting": waiting.get(area.id, 0)} for area in grids]


def _waiting(grid_ids: list[int]) -> Any:
    answered = GridMessage.objects.filter(parent__isnull=False, member__isnull=False).values("parent_id")
    rows = GridMessage.objects.filter(
        grid__in=grid_ids, parent=None, member=None, ticket=None, hidden_at=None, erased_at=None
    )
    return rows.exclude(pk__in=answered)


def waiting_by_grid(grid_ids: list[int]) -> Counter[int]:
    """Messages of residents that nobody of the staff has answered, turned into a ticket or hidden."""
    return Counter(_waiting(grid_ids).values_list("grid_id", flat=True))


def waiting(actor: Actor) -> int:
    """How many of them wait for an actor."""
    return int(_waiting([area.id for area in territory().at_level("grid") if serves(actor, area.id)]).count())
