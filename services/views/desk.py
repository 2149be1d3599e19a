"""Announcements at the desk: what the own offices have sent, what was received, one announcement with its delivery."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel.actors import HEADS, Actor
from grids.context_processors import shell as frame
from grids.heads import held
from grids.models.organization import PostKind
from grids.reference import territory
from services.models import Announcement, Delivery
from services.policies import AnnouncementPolicy, find_visible, no_publisher, publishing_organizations
from services.queries import received, sent, unread_count
from services.views.cards import audiences, card, page_of, to_words

PAGE = 30
_KINDS = list(PostKind.values)
DELIVERIES = 50
STATES = (
    ("draft", gettext_lazy("草稿")),
    ("published", gettext_lazy("发布中")),
    ("over", gettext_lazy("已过期")),
    ("withdrawn", gettext_lazy("已撤回")),
)


def actor_of(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def page_frame(request: HttpRequest, current: str) -> dict[str, Any]:
    """The desk's frame and the ways between the pages of announcements. Who cannot publish sees only what is theirs."""
    actor = actor_of(request)
    unread = unread_count(actor)
    items = [("received", _("给我的"), unread or None)]
    if publishing_organizations(actor):
        items = [("compose", _("发公告"), None), ("sent", _("已发的"), None), *items]
    segments = [
        {"label": label, "url": reverse(f"services_desk:{name}"), "current": name == current, "count": count}
        for name, label, count in items
    ]
    return {"shell": frame(request)["shell"], "segments": segments}


def desk_card(row: Announcement) -> dict[str, Any]:
    return {**card(row), "url": reverse("services_desk:announcement", args=[row.number])}


@staff_required
@require_safe
def sent_list(request: HttpRequest) -> HttpResponse:
    """Of the own offices and those below; ``q`` words, ``state``."""
    if not publishing_organizations(actor_of(request)):
        raise no_publisher()
    text, state = request.GET.get("q", "").strip()[:60], request.GET.get("state", "")
    state = state if state in dict(STATES) else ""
    page = Paginator(sent(actor_of(request), state=state, text=text), PAGE).get_page(request.GET.get("page"))
    to = audiences(page.object_list)
    context = {
        **page_frame(request, "sent"),
        "page": page,
        "rows": [{**desk_card(row), "to": to_words(to[row.pk], at_most=3)} for row in page.object_list],
        "q": text,
        "states": [{"value": value, "label": label, "chosen": value == state} for value, label in STATES],
        "is_filtered": bool(text or state),
    }
    return render(request, "desk/announcements_sent.html", context)


@staff_required
@require_safe
def received_list(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    page = Paginator(received(actor), PAGE).get_page(request.GET.get("page"))
    told = Delivery.objects.filter(membership_id=actor.membership_id, announcement__in=[row.pk for row in page])
    read = dict(told.values_list("announcement_id", "read_version"))
    rows = [
        {**desk_card(row), "is_unread": read.get(row.pk) != row.version and row.state == "published"} for row in page
    ]
    context = {**page_frame(request, "received"), "page": page, "rows": rows}
    return render(request, "desk/announcements_received.html", context)


@staff_required
@require_safe
def detail(request: HttpRequest, number: int) -> HttpResponse:
    """The words, the corrections, and for its office and those above the list of deliveries: facts, no figures."""
    actor = actor_of(request)
    row = find_visible(actor, number)
    own = Delivery.objects.filter(announcement=row, membership_id=actor.membership_id).first()
    verbs = {name: AnnouncementPolicy.allows(actor, name, row) for name in ("publish", "edit", "correct", "withdraw")}
    is_published = row.state == Announcement.State.PUBLISHED
    context = {
        **page_frame(request, ""),
        "row": page_of(row),
        "may": verbs,
        "is_draft": row.state == Announcement.State.DRAFT,
        "is_withdrawn": row.state == Announcement.State.WITHDRAWN,
        "asks": own is not None and is_published and own.read_version != row.version,
        "confirmed": own is not None and own.read_version == row.version,
        "public_url": reverse("services:announcement", args=[row.number]) if row.is_public else "",
        **(_deliveries(request, row) if AnnouncementPolicy.allows(actor, "deliveries", row) else {}),
    }
    return render(request, "desk/announcement.html", context)


def _post_words(kind: str, membership_id: int = 0) -> str:
    """The post in words; a head's as long as they hold one with its building."""
    if kind in HEADS and membership_id:
        held_now = [head.post_name for head in held(membership_id) if head.kind == kind]
        if held_now:
            return "、".join(held_now)
    return str(PostKind(kind).label) if kind in _KINDS else ""


def _deliveries(request: HttpRequest, row: Announcement) -> dict[str, Any]:
    """Who was told, in the order of offices; four statements, whatever their number."""
    rows = Delivery.objects.filter(announcement=row).order_by("organization_id", "pk")
    page = Paginator(rows, DELIVERIES).get_page(request.GET.get("page"))
    names = staff_names(each.membership_id for each in page.object_list)
    places = territory()
    by_kind = rows.order_by().values("post_kind").annotate(addressed=Count("pk"), delivered=Count("delivered_at"))
    counts = sorted(by_kind, key=lambda row: _KINDS.index(row["post_kind"]) if row["post_kind"] in _KINDS else 0)
    return {
        "shows_deliveries": row.state != Announcement.State.DRAFT,
        "page": page,
        "delivered": sum(each["delivered"] for each in counts),
        "by_post": [{**each, "post": _post_words(each["post_kind"])} for each in counts],
        "addressed": page.paginator.count,
        "deliveries": [
            {
                "name": names.get(each.membership_id, ""),
                "post": _post_words(each.post_kind, each.membership_id),
                "office": places.organization_name(each.organization_id),
                "delivered_at": each.delivered_at,
                "read_at": each.read_at,
                "read_earlier": each.read_at is not None and each.read_version != row.version,
            }
            for each in page.object_list
        ],
    }
