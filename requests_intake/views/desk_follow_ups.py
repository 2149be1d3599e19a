"""Lists of what comes after the handling: 待核查, 回访名单, 待复核; and the page on which a leader decides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import NotFound
from governance.kernel.templatetags.ui import local_time
from grids.models import Level
from grids.reference import territory
from requests_intake import follow_ups
from requests_intake.actions.follow_up import HANDLED
from requests_intake.actions.orders import lead_order
from requests_intake.actions.review import was_ordered_again
from requests_intake.follow_ups import CHECK_VIEWS, PER_PAGE, REVIEW_VIEWS, VISIT_VIEWS, FollowUpFilter
from requests_intake.models import Note, Rating, Ticket, TicketTransition, UnreasonableClaim, WorkOrder
from requests_intake.policies import TicketPolicy, find_visible
from requests_intake.presentation import place_text, requester_card
from requests_intake.queries import TicketFilter
from requests_intake.reference import rules
from requests_intake.views.desk_parts import actor_of_page, filter_fields, page_frame

CHECKERS, VISITORS = follow_ups.kinds_of("verify"), follow_ups.kinds_of("return_visit")
REVIEWERS = follow_ups.kinds_of("order_again", "judge_unreasonable")


def _list(
    request: HttpRequest, name: str, rows: Any, wanted: FollowUpFilter, views: Mapping[str, Any]
) -> tuple[Any, dict[str, Any]]:
    """A page of rows, and what its head needs: the views as segments and the filters."""
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    url, kept = reverse(f"desk:{name}"), wanted.as_query()
    kept.pop("view", None)
    segments = [
        {
            "label": label,
            "url": f"{url}?{urlencode({**({'view': view} if view else {}), **kept})}",
            "current": view == wanted.view,
            "count": page.paginator.count if view == wanted.view else None,
        }
        for view, label in views.items()
    ]
    same = TicketFilter(area_id=wanted.area_id, organization_id=wanted.organization_id)
    fields = [row for row in filter_fields(actor_of_page(request), same) if row["name"] in ("area", "organization")]
    return page, {"page": page, "segments": segments, "fields": fields, "view": wanted.view, "narrowed": bool(kept)}


def _common(ticket: Any, now: Any) -> dict[str, Any]:
    return {
        "ticket": ticket,
        "place": place_text(ticket),
        "category": rules().category_name(ticket.category_id),
        "organization": territory().organization_name(ticket.organization_id),
        "due": ticket.task_due,
        "is_over": ticket.task_due is not None and ticket.task_due < now,
    }


@staff_required(kinds=CHECKERS)
@require_safe
def checks(request: HttpRequest) -> HttpResponse:
    """待核查: whose turn, by when, what went up because nobody looked."""
    actor, now = actor_of_page(request), clock.now()
    wanted = FollowUpFilter.from_query(request.GET, CHECK_VIEWS)
    page, head = _list(request, "checks", follow_ups.checks_of(actor, wanted), wanted, CHECK_VIEWS)
    back = request.get_full_path()
    rows = [
        {
            **_common(ticket, now),
            "turn": str(Level(ticket.task_level).label) if ticket.task_level else "",
            "raised": ticket.task_raised,
            "done_at": ticket.resolved_at,
            "pass_url": f"{reverse('desk:move', args=[ticket.number, 'verify'])}?{urlencode({'next': back})}",
            "fail_url": f"{reverse('desk:move', args=[ticket.number, 'rework'])}?{urlencode({'next': back})}",
        }
        for ticket in page.object_list
    ]
    return render(request, "desk/checks.html", {**page_frame(request), **head, "rows": rows})


@staff_required(kinds=VISITORS)
@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    """回访名单: whom to call, the longest due first; who is being called just now."""
    actor, now = actor_of_page(request), clock.now()
    wanted = FollowUpFilter.from_query(request.GET, VISIT_VIEWS)
    page, head = _list(request, "visits", follow_ups.visits_of(actor, wanted), wanted, VISIT_VIEWS)
    tickets = list(page.object_list)
    names = staff_names(ticket.task_claimed_by for ticket in tickets)
    rows = [
        {
            **_common(ticket, now),
            "requester": requester_card(ticket, actor),
            "tries": ticket.tries,
            "calling": _calling(ticket, actor, names, now),
            "url": reverse("desk:visit", args=[ticket.number]),
        }
        for ticket in tickets
    ]
    attempts = [{"value": n, "label": _("打过 {n} 次以上").format(n=n), "chosen": wanted.attempts == n} for n in (1, 2)]
    _version, policy = rules().policy()
    context = {**page_frame(request), **head, "rows": rows, "attempts": attempts, "policy": policy.return_visit}
    return render(request, "desk/visits.html", context)


def _calling(ticket: Any, actor: Actor, names: Mapping[int, str], now: Any) -> str:
    """Who is calling this person, where it is somebody else."""
    until, who = ticket.task_claimed_until, ticket.task_claimed_by
    if until is None or until <= now or who in (None, actor.membership_id):
        return ""
    return _("{name}正在打，到{time}").format(name=names.get(who, _("同事")), time=local_time(until))


@staff_required(kinds=REVIEWERS)
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """待复核: handled twice and still not solved."""
    actor = actor_of_page(request)
    wanted = FollowUpFilter.from_query(request.GET, REVIEW_VIEWS)
    page, head = _list(request, "reviews", follow_ups.reviews_of(actor, wanted), wanted, REVIEW_VIEWS)
    rows = [
        {
            "ticket": ticket,
            "place": place_text(ticket),
            "organization": territory().organization_name(ticket.organization_id),
            "url": reverse("desk:review", args=[ticket.number]),
        }
        for ticket in page.object_list
    ]
    return render(request, "desk/reviews.html", {**page_frame(request), **head, "rows": rows})


_DECISIONS = ("judge_unreasonable", "close", "order_again", "review_up", "ask_unreasonable")


@staff_required(kinds=REVIEWERS)
@require_safe
def review(request: HttpRequest, number: str) -> HttpResponse:
    """What the resident said first and finally, what was done each time, and what may be decided."""
    actor = actor_of_page(request)
    found = find_visible(actor, number)
    if not found.needs_review:
        raise NotFound("not_under_review", _("这件诉求不在复核里。"))
    TicketPolicy.require(
        actor, "order_again" if actor.role_kinds & follow_ups.kinds_of("order_again") else "judge_unreasonable", found
    )
    claim = UnreasonableClaim.objects.filter(ticket=found).order_by("-pk").first()
    back = reverse("desk:review", args=[found.number])
    context = {
        **page_frame(request),
        "ticket": found,
        "place": place_text(found),
        "rounds": _rounds(found),
        "claim": _claim(found, claim) if claim else None,
        "decisions": _decisions(actor, found, back),
        "ordered": was_ordered_again(found),
        "url": f"{reverse('desk:ticket', args=[found.number])}?{urlencode({'next': back})}",
    }
    return render(request, "desk/review.html", context)


def _decisions(actor: Actor, found: Ticket, back: str) -> list[dict[str, Any]]:
    order = lead_order(found)
    hidden = follow_ups.beside_the_point(actor, found)
    lawful = {move.name: move for move in TicketPolicy.moves(actor, found, order) if move.name not in hidden}
    names = [name for name in _DECISIONS if name in lawful]
    # The decided ticket leaves this page.
    after = reverse("desk:reviews")
    return [
        {
            "label": lawful[name].label,
            "url": f"{reverse('desk:move', args=[found.number, name])}?{urlencode({'next': after})}",
            # Where there is a choice, no button says which way to choose.
            "primary": len(names) == 1,
        }
        for name in names
    ]


def _rounds(found: Ticket) -> list[dict[str, Any]]:
    """Each handling with what was done and what the resident then said, the first one first. Four statements."""
    orders = {row.pk: row for row in WorkOrder.objects.filter(ticket=found)}
    moves = list(
        TicketTransition.objects.filter(ticket=found, move__in=(*HANDLED, "rate", "return_visit")).order_by("pk")
    )
    notes = dict(Note.objects.filter(ticket=found, transition__in=moves).values_list("transition_id", "text"))
    ratings = {row.at: row for row in Rating.objects.filter(ticket=found)}
    rounds: list[dict[str, Any]] = []
    for row in moves:
        if row.move in HANDLED:
            order = orders.get(row.work_order_id or 0)
            name = territory().organization_name(order.organization_id) if order else ""
            rounds.append({"organization": name, "at": row.at, "done": notes.get(row.pk, ""), "said": []})
        elif row.at in ratings and rounds:
            rating = ratings[row.at]
            words = {"face": rating.get_face_display(), "at": row.at, "words": notes.get(row.pk, "")}
            rounds[-1]["said"].append(words)
    return rounds


def _claim(found: Ticket, claim: UnreasonableClaim) -> dict[str, Any]:
    asked = TicketTransition.objects.filter(ticket=found, move="ask_unreasonable").order_by("-pk").first()
    words = Note.objects.filter(transition=asked).values_list("text", flat=True).first() or ""
    by = staff_names([claim.asked_by_id]).get(claim.asked_by_id, "")
    return {"words": words, "by": by, "at": claim.asked_at, "waits": claim.decided_at is None}
