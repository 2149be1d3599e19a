"""What all pages of the grid worker's phone share: who may enter, the frame, and a matter as a card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.accounts.guards import staff_required
from governance.accounts.models import Notice
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.actors import HEADS, Actor
from governance.kernel.templatetags.ui import local_day
from grids.heads import held
from grids.models import Area
from grids.reference import AreaRef, areas_of, territory
from requests_intake.models import Ticket, Urgency
from requests_intake.presentation import place_text, remaining
from requests_intake.reference import rules

KINDS = ("grid_worker", "grid_leader")
KEPT = ("home", "tickets", "report", "building", "building_report", "building_round")
"""Tabs whose pages a phone fetches ahead, to have them without a network."""

worker_required = staff_required(kinds=KINDS)

phone_required = staff_required(kinds=HEADS.union(KINDS))
"""For what every phone has: announcements and messages."""


def own_grids(actor: Actor) -> list[AreaRef]:
    """The grids of the actor's posts on the ground, in the order of their codes."""
    return [area for area in areas_of(actor, KINDS) if area.level == "grid"]


def frame(request: HttpRequest, current: str, **context: Any) -> dict[str, Any]:
    """Context of a page with the tab bar. ``current`` names the tab; two statements, three with ``households``."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    grids = own_grids(actor)
    if not grids and actor.role_kinds & HEADS:
        return head_frame(request, current, **context)
    today = clock.local(clock.now())
    name = staff_names([actor.membership_id]).get(actor.membership_id or 0, "")
    parts = [name, _("{month}月{day}日").format(month=today.month, day=today.day)]
    if current == "home":
        rows = Area.objects.filter(pk__in=[area.id for area in grids])
        households = sum(rows.values_list("household_count", flat=True))
        parts.insert(1, _("{count} 户").format(count=households))
    heading = "、".join(area.name for area in grids)
    return {
        "shell": {
            "heading": heading,
            "note": "·".join(part for part in parts if part),
            "logout_url": reverse("accounts:sign_out"),
        },
        "tabs": _tabs(actor, current),
        "grids": grids,
        **context,
    }


def head_frame(request: HttpRequest, current: str, **context: Any) -> dict[str, Any]:
    """The same for the head of a building or unit: fewer tabs, the own posts as heading; two statements."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    mine = held(actor.membership_id or 0)
    of_head = (
        ("building", _("我的楼"), "bld"),
        ("building_round", _("巡楼"), "walk"),
        ("building_report", _("报事"), "camera"),
    )
    return {
        "shell": {
            "heading": "、".join(dict.fromkeys(head.post_name for head in mine)),
            "note": mine[0].name if mine else "",
            "logout_url": reverse("accounts:sign_out"),
        },
        "tabs": _tabs(actor, current, of_head),
        "grids": [],
        **context,
    }


def inner(heading: str, back_url: str, **context: Any) -> dict[str, Any]:
    """Context of a page with 返回 instead of the tab bar; no statement."""
    return {"heading": heading, "back_url": back_url, **context}


def _tabs(actor: Actor, current: str, of_head: Sequence[tuple[str, str, str]] = ()) -> list[dict[str, Any]]:
    unread = Notice.objects.filter(membership_id=actor.membership_id, read_at=None).count()
    news = _("消息 {count}").format(count=unread if unread < 100 else "99+") if unread else _("消息")
    tabs: Sequence[tuple[str, str, str]] = (
        ("home", _("今天"), "list"),
        ("tickets", _("全部"), "inbox"),
        ("report", _("报事"), "camera"),
        ("notices", news, "bell"),
        ("me", _("我的"), "user"),
    )
    if of_head:
        tabs = (*of_head, ("notices", news, "bell"))
    return [
        {
            "label": label, "url": reverse(f"worker:{name}"), "icon": icon,
            "current": name == current, "main": name in ("report", "building_report"),
            "keep": name in KEPT,
        }
        for name, label, icon in tabs
    ]  # fmt: skip


def card(ticket: Ticket, *, looks: bool = False) -> dict[str, Any]:
    """For ``components/ticket_card.html``. ``looks``: somebody is to go and see whether it is really fixed."""
    left = remaining(ticket)
    # The worker knows the own community: the place begins behind it.
    community = territory().area_name(ticket.community_id)
    spot = place_text(ticket).removeprefix(f"{community}·")
    urgency = ticket.get_urgency_display() if ticket.urgency in (Urgency.CRITICAL, Urgency.URGENT) else ""
    parts = [urgency, spot, rules().category_name(ticket.category_id)]
    title, phrase = ticket.title, left["text"]
    if looks:
        organization = territory().organization_name(ticket.organization_id)
        day = local_day(ticket.resolved_at)
        parts = [spot, _("{organization}{day}报办结").format(organization=organization, day=day)]
        title, phrase = _("去看看：{title}").format(title=ticket.title), ""
    return {
        "url": reverse("worker:ticket", args=[ticket.number]),
        "number": ticket.number,
        "title": title,
        "state": left["state"],
        "left": phrase,
        "note": "·".join(part for part in parts if part),
    }
