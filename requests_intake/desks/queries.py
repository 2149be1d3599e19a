"""Reading what a desk has kept: views with their numbers, sentences for the form of a move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _

from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.models import Level
from grids.reference import territory
from requests_intake.channels import channel_name
from requests_intake.desks.models import SavedPhrase, SavedView
from requests_intake.desks.placeholders import fill
from requests_intake.desks.policies import default_of, readable
from requests_intake.models import Ticket, Urgency
from requests_intake.phrases import phrases_for
from requests_intake.policies import TicketPolicy
from requests_intake.presentation import place_text
from requests_intake.queries import QUEUES, TicketFilter, narrowing
from requests_intake.reference import rules


def views_of(actor: Actor) -> list[SavedView]:
    """One's own, then those of one's organizations; at most some dozens. One statement."""
    return list(readable(SavedView, actor))


def opening_view(actor: Actor) -> SavedView | None:
    """With what the desk opens where the address asks for nothing; None: with its usual list. One statement."""
    found: SavedView | None = default_of(readable(SavedView, actor).filter(is_default=True))
    return found


def view_counts(actor: Actor, views: list[SavedView]) -> dict[int, int]:
    """How many tickets each view finds now, in one statement. Lists of ended matters are not counted."""
    now, numbers = clock.now(), {}
    for view in views:
        found = TicketFilter.from_query(view.query)
        if QUEUES[found.queue].is_open:
            asked = QUEUES[found.queue].where(actor, now) & narrowing(found)
            numbers[f"v{view.pk}"] = Count("pk", filter=asked)
    if not numbers:
        return {}
    counted = TicketPolicy.visible(actor).filter(closed_at=None).order_by().aggregate(**numbers)
    return {int(name[1:]): number for name, number in counted.items()}


@dataclass(frozen=True)
class Conditions:
    """A view in words; ``lost``: what it asked for that is not there any more and is passed over."""

    words: list[str]
    lost: list[str]


def conditions_of(view: SavedView) -> Conditions:
    return said_of(TicketFilter.from_query(view.query), asked=view.query)


def said_of(found: TicketFilter, *, asked: dict[str, Any] | None = None) -> Conditions:
    """Every condition of a filter as somebody would say it."""
    places, lost = territory(), []
    words = [str(QUEUES[found.queue].label)]
    if asked and asked.get("queue") and asked["queue"] != found.queue:
        lost.append(_("列表“{name}”").format(name=asked["queue"]))
    if found.area_id is not None:
        name = _("地点待核实") if found.area_id == 0 else places.area_name(found.area_id)
        (words if name else lost).append(name or _("一个已撤销的地方"))
    if found.category_id is not None:
        name = rules().category_name(found.category_id)
        (words if name else lost).append(name or _("一个已停用的分类"))
    if found.organization_id is not None:
        name = places.organization_name(found.organization_id)
        (words if name else lost).append(name or _("一个已撤销的单位"))
    words += [str(label) for value, label in Level.choices if value == found.level]
    words += [str(label) for value, label in Urgency.choices if value == found.urgency]
    words += [channel_name(found.channel)] if found.channel else []
    words += [_("“{text}”").format(text=found.text)] if found.text else []
    return Conditions(words, lost)


@dataclass(frozen=True)
class Offered:
    """A sentence in a form: ``key`` names it in the address or form, ``text`` is filled for the ticket."""

    key: str
    text: str
    source: str


def offered(move: str, ticket: Ticket, actor: Actor) -> tuple[list[Offered], str]:
    """Sentences for the form of a move, one's own first, then the organization's, then the district's; and what stands
    in the empty form. Two statements at most."""
    rows = list(readable(SavedPhrase, actor).filter(move=move))
    values = values_of(ticket, actor)
    found = [Offered(str(row.pk), fill(row.text, values), _("本单位") if row.is_shared else _("我的")) for row in rows]
    usual = phrases_for(move)
    found += [Offered(f"u{index}", text, "") for index, text in enumerate(usual)]
    first = default_of(rows)
    return found, fill(first.text, values) if first else ""


def values_of(ticket: Ticket, actor: Actor) -> dict[str, str]:
    """What the placeholders stand for in a form about this ticket. Nothing of the requester: a sentence that goes to
    several people must not carry one's name."""
    today, due = clock.today(), ticket.promise_due_at
    local = clock.local(due) if due else None
    by = actor.membership_id
    return {
        "编号": ticket.number,
        "地点": place_text(ticket),
        "分类": rules().category_name(ticket.category_id),
        "单位": territory().organization_name(ticket.organization_id),
        "承办人": staff_names([by]).get(by, "") if by else "",
        "今天": f"{today.month}月{today.day}日",
        "期限": f"{local.month}月{local.day}日" if local else "",
    }
