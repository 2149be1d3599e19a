"""What several desk pages share: who may enter, the frame, the rail, filters, buttons, the ticket's panels."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from grids.context_processors import shell as frame
from grids.reference import territory
from requests_intake import presentation, workflow
from requests_intake.channels import channel_choices, channel_name
from requests_intake.follow_ups import beside_the_point
from requests_intake.forms.moves import fresh_key
from requests_intake.mediation import MEDIATOR, open_case_of, visible
from requests_intake.models import Ticket, Urgency
from requests_intake.pool import pools_of
from requests_intake.presentation.duplicates import kin
from requests_intake.presentation.hands import who_is_at_it
from requests_intake.queries import LAMP_QUEUES, QUEUES, TicketFilter, open_groups, own_organizations, totals_of
from requests_intake.reference import rules
from requests_intake.standing import Standing, standing_of
from requests_intake.views.desk_advice import suggestion
from requests_intake.views.desk_offers import ticket_answers

DESK_KINDS = workflow.READERS - {"grid_worker"}
"""Kinds of post that work at the desk. A grid worker's own surface is the phone."""

_WORK_QUEUES = {
    "unaccepted": "accept", "undispatched": "dispatch", "pool": "claim", "to_sign": "sign", "at_hand": "resolve",
    "helping": "co_resolve",
    "to_visit": "return_visit", "review": "close",
}  # fmt: skip
"""What waits for somebody, and the move it waits for: each sees the queues of the moves their post makes."""
_DIRECT = ("accept", "claim", "sign")
"""Moves that ask nothing: their button makes them at once."""
_PAGES = ("split", "mediate")
"""Moves that ask more than a dialog holds: their button leads to a page."""
_FORWARD = (
    "grant_return", "grant_extension", "grant_pause", "grant_suspension", "refuse",
    "accept", "claim", "sign", "contact", "arrive", "control_danger", "tell_plan", "report_danger", "resolve", "verify",
    "return_visit", "close", "reopen",
    "judge_unreasonable", "order_again", "review_up", "ask_unreasonable",
    "co_resolve", "answer_supervision", "resume", "unsuspend", "publish_circular", "drop_circular",
    "dispatch", "rework", "assign", "escalate", "solve_on_site", "urge", "relocate", "classify",
    "merge", "split", "mediate", "unmerge", "reject",
    "delegate_down", "add_handler", "call_helper", "cancel_handler", "review_suspension", "take_back", "give_back",
    "ask_return", "ask_extension", "ask_pause", "ask_suspension", "supervise", "withdraw_circular", "archive",
    "reply_letter", "convert_letter", "ask_consent", "end_letter",
)  # fmt: skip
"""Order of the buttons: the first lawful one is the next step."""
_AHEAD = (
    "grant_return", "grant_extension", "grant_pause", "grant_suspension",
    "accept", "claim", "sign", "contact", "arrive", "control_danger", "resolve", "co_resolve", "verify",
    "return_visit", "close", "reply_letter",
)  # fmt: skip
"""What a ticket waits for: only such a move is the primary button (and the first dispatch)."""
_BUTTONS = 4
"""How many stand in the bar; the others are behind 更多."""
_KEYS = {
    "dispatch": "d", "sign": "s", "claim": "s", "accept": "s", "escalate": "u", "resolve": "r", "co_resolve": "r",
    "reply_letter": "r", "rework": "b", "classify": "c", "assign": "a", "contact": "t", "merge": "m", "urge": "g",
    "delegate_down": "n",
}  # fmt: skip
"""A letter for one move each; of two with the same letter a ticket never has both."""


def actor_of_page(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def page_frame(request: HttpRequest, text: str = "") -> dict[str, Any]:
    """The frame's context with the search box of the desk."""
    search = {"search_url": reverse("desk:inbox"), "search_value": text, "search_hint": _("编号、词语、电话后四位")}
    if actor_of_page(request).role_kinds == {MEDIATOR}:
        search |= {"search_url": reverse("desk:mediation"), "search_hint": _("编号，或当事人的完整电话")}
    return {"shell": {**frame(request)["shell"], **search}}


def safe_next(request: HttpRequest, fallback: str) -> str:
    """Where the page was opened from, if that is one of our own addresses."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else fallback


def inbox_url(found: TicketFilter, **more: Any) -> str:
    return f"{reverse('desk:inbox')}?{urlencode({**found.as_query(), **{k: v for k, v in more.items() if v}})}"


def first_queue(actor: Actor) -> str:
    """What somebody finds on coming to the desk: whoever only visits, the visits; everybody else what is open."""
    return "to_visit" if actor.role_kinds == {"return_visitor"} else "open"


def around(actor: Actor) -> list[dict[str, Any]]:
    """What the numbers around a list are added up from; one statement."""
    return open_groups(actor, column_below(actor))


def rail(actor: Actor, found: TicketFilter, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Queues with their numbers, and the actor's own sub-areas; ``groups`` of ``around``."""
    counts = {name: sum(row[name] for row in groups) for name, queue in QUEUES.items() if queue.is_open}

    def item(name: str) -> dict[str, Any]:
        queue = QUEUES[name]
        return {
            "label": str(queue.label),
            "url": inbox_url(TicketFilter(queue=name)),
            "count": counts.get(name),
            "key": f"q-{name}",
            "current": found.queue == name and found.area_id is None,
            "icon": queue.icon,
            "state": queue.lamp,
        }

    kinds = actor.role_kinds
    work = [name for name, move in _WORK_QUEUES.items() if kinds & {kind for kind, _to in workflow.ALLOWED[move]}]
    work = [name for name in work if name != "pool" or pools_of(actor)]
    everything = _("{place}在办 {number}").format(place=_scope_word(actor), number=counts["open"])
    parts = [
        {"title": _("我的工作"), "items": [item(name) for name in work]},
        {"title": everything, "items": [item(name) for name in ("open", *LAMP_QUEUES)]},
        {"title": _("查阅"), "items": [item(name) for name in ("finished", "all")]},
    ]
    areas = _areas(actor, found, totals_of(groups, column_below(actor)))
    return [group for group in (*parts, areas) if group["items"]]


def _scope_word(actor: Actor) -> str:
    levels = {role.level for role in actor.roles}
    words = {"district": _("全区"), "street": _("全街道"), "community": _("全社区"), "grid": _("本网格")}
    return next((word for level, word in words.items() if level in levels), _("本单位"))


def own_area(actor: Actor) -> int | None:
    """The widest area among the actor's posts; None for a department's."""
    found = territory()
    order = ("district", "street", "community", "grid")
    # A department's area says where it sits, not what it may read.
    ids = [role.area_id for role in actor.roles if role.level in order and role.area_id is not None]
    areas = [found.areas[pk] for pk in ids if pk in found.areas]
    return min(areas, key=lambda area: order.index(area.level)).id if areas else None


def column_below(actor: Actor) -> str:
    return f"{_level_below(actor) or 'street'}_id"


def _level_below(actor: Actor) -> str | None:
    """The level right below the actor's own area; a department's list is told apart by street. None below a grid."""
    top = own_area(actor)
    below = {"district": "street", "street": "community", "community": "grid"}
    return below.get(territory().areas[top].level) if top is not None else "street"


def _areas(actor: Actor, found: TicketFilter, counts: dict[Any, int]) -> dict[str, Any]:
    """Open tickets by the areas right below the actor's own; departments see the streets their orders lie in."""
    places, top, level = territory(), own_area(actor), _level_below(actor)
    if level is None:
        return {"title": "", "items": []}
    if top is None:
        areas = [area for area in places.at_level("street") if counts.get(area.id)]
    else:
        areas = places.children(top, level)
    items = [
        {
            "label": area.name,
            "url": inbox_url(TicketFilter(area_id=area.id)),
            "count": counts.get(area.id, 0),
            "key": f"a-{area.id}",
            "current": found.area_id == area.id,
        }
        for area in areas
    ]
    return {"title": {"street": _("街道"), "community": _("社区"), "grid": _("网格")}[level], "items": items}


def filter_fields(actor: Actor, found: TicketFilter) -> list[dict[str, Any]]:
    """The selects of the filter form: place, category, urgency, organization."""
    places = territory()
    top = own_area(actor)
    prefix = places.areas[top].path if top is not None else ""
    areas = [
        (area.id, area.name if area.level == "street" else f"　{area.name}")
        for area in places.areas.values()
        if area.level in ("street", "community") and area.path.startswith(prefix)
    ]
    categories = [(ref.id, ref.name) for ref in rules().categories.values() if ref.parent_id is not None]
    own = own_organizations(actor)
    known = places.organizations.values()
    organizations = [(row.id, row.name) for row in known if row.level != "grid" or row.id in own]
    return [
        _select("area", _("地方"), areas, found.area_id),
        _select("category", _("分类"), categories, found.category_id),
        _select("urgency", _("紧急程度"), Urgency.choices, found.urgency),
        _select("channel", _("渠道"), channel_choices(), found.channel),
        _select("organization", _("承办单位"), organizations, found.organization_id),
    ]


def _select(name: str, label: str, choices: Any, chosen: Any) -> dict[str, Any]:
    options = [{"value": value, "label": text, "chosen": value == chosen} for value, text in choices]
    return {"name": name, "label": label, "options": options}


def buttons(actor: Actor, standing: Standing, back: str, *, advised: bool) -> list[dict[str, Any]]:
    """The moves the actor may make now, the next lawful one first and primary; others open their form.

    ``advised``: a suggestion stands on the page and dispatching is what the ticket waits for here; then its button
    comes first and the other dispatch is called 改派 or 派给其他单位.
    """
    ticket, order = standing.ticket, standing.order_for("contact", actor)
    hidden = beside_the_point(actor, ticket)
    lawful = {move.name: move for move in standing.moves(actor) if move.name not in hidden}
    names = [name for name in _FORWARD if name in lawful]
    if order is not None and order.contacted_at is None and "contact" in names and order.state == "signed":
        names.sort(key=lambda name: name != "contact")
    elif "resolve" in names and not {"arrive", "control_danger"} & set(names):
        names.sort(key=lambda name: name != "resolve")
    found: list[dict[str, Any]] = []
    for name in names:
        first_dispatch = name == "dispatch" and order is None
        label = workflow.MOVES[name].label
        if name == "dispatch" and ticket.state == "handling":
            label = _("改派")
        elif name == "dispatch" and advised:
            label = _("派给其他单位")
        found.append(
            {
                "name": name,
                "label": label,
                "url": f"{reverse('desk:move', args=[ticket.number, name])}?{urlencode({'next': back})}",
                "action": reverse("desk:move", args=[ticket.number, name]),
                "direct": name in _DIRECT,
                "is_page": name in _PAGES,
                "key": _KEYS.get(name, ""),
                "idempotency_key": fresh_key(),
                "primary": not found and not advised and (name in _AHEAD or first_dispatch),
            }
        )
    return found


def _mediation(ticket: Ticket, actor: Actor) -> dict[str, str] | None:
    """Number of the mediation a ticket is in, for whoever sees the ticket; its address for those inside."""
    case = open_case_of(ticket) if ticket.state == "handling" else None
    if case is None:
        return None
    inside = visible(actor).filter(pk=case.pk).exists()
    return {"number": case.number, "url": reverse("desk:mediation_case", args=[case.number]) if inside else ""}


def detail(request: HttpRequest, ticket: Ticket, back: str) -> dict[str, Any]:
    """Everything the panels of one ticket show."""
    actor = actor_of_page(request)
    standing = standing_of(ticket)
    may_dispatch = any(move.name == "dispatch" for move in standing.moves(actor))
    # Dispatching is what the ticket waits for before its first order, and where it lies with the actor's own office:
    # street and district coordinate, a community handles.
    own = ticket.organization_id in own_organizations(actor) and ticket.level in ("street", "district")
    waits = ticket.state == "accepted" or own
    advice = suggestion(ticket) if may_dispatch and waits else None
    if advice:
        advice["other_url"] = f"{reverse('desk:move', args=[ticket.number, 'dispatch'])}?{urlencode({'next': back})}"
    steps = presentation.timeline(ticket, outward=False)
    lawful = buttons(actor, standing, back, advised=advice is not None)
    shown = _BUTTONS - 1 if advice else _BUTTONS
    return {
        "ticket": ticket,
        "row": presentation.list_row(ticket),
        "number": ticket.number,
        "channel": channel_name(ticket.channel),
        "level": ticket.get_level_display(),
        "holder": territory().organization_name(ticket.organization_id),
        "category": rules().category_name(ticket.category_id),
        "requester": presentation.requester_card(ticket, actor),
        "reveal_url": f"{reverse('desk:reveal', args=[ticket.number])}?{urlencode({'next': back})}",
        "photos": presentation.photo_strip(ticket),
        # A follower has no clock of its own: what it was promised stands on its master.
        "clocks": [] if ticket.state == "merged" else presentation.clock_bars(ticket, wide=True),
        "advice": advice,
        "advice_key": fresh_key(),
        "knowledge": ticket_answers(ticket, [button["name"] for button in lawful], back),
        "dispatch_url": reverse("desk:move", args=[ticket.number, "dispatch"]),
        "kin": kin(ticket, actor, may_merge=any(row["name"] == "merge" for row in lawful), back=back),
        "steps": steps,
        "standing": standing,
        "hands": who_is_at_it(ticket, standing, {button["name"]: button for button in lawful}),
        "buttons": lawful[:shown],
        "more": lawful[shown:],
        "back": back,
        "mediation": _mediation(ticket, actor),
        "circle_url": reverse("desk:circle", args=[ticket.number]) if ticket.is_restricted else "",
        "url": reverse("desk:ticket", args=[ticket.number]),
    }
