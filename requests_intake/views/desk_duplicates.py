"""疑似重复, merging several at once, splitting one, and who brings the same matter again."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once
from governance.kernel.templatetags.ui import local_day, local_time
from grids.queries import locate
from requests_intake import classification, duplicates, presentation, repeats, similarity, workflow
from requests_intake.actions.merge import MOST_AT_ONCE, merge_tickets, obstacle
from requests_intake.actions.split import MOST, split_ticket
from requests_intake.duplicate_ledgers import LOOKERS, MERGERS
from requests_intake.forms.duplicates import MergeManyForm, PartForm, SplitForm
from requests_intake.models import Ticket
from requests_intake.policies import TicketPolicy, find_visible
from requests_intake.presentation.duplicates import hint as hint_rows
from requests_intake.queries import RUNNING, with_facts
from requests_intake.reference import rules
from requests_intake.similarity import Spot
from requests_intake.views.acts import said
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, page_frame, safe_next
from requests_intake.whose import refusal

RECORDERS = DESK_KINDS & workflow.RECORDERS
_PER_PAGE = 20
_MEMBERS = 6
"""Tickets of a group that the list shows; the preview shows them all."""


# ---------------------------------------------------------------- lists
@staff_required(kinds=MERGERS)
@require_safe
def suspected(request: HttpRequest) -> HttpResponse:
    """Groups of open tickets that may be one matter, most tickets first."""
    actor = actor_of_page(request)
    page = Paginator(duplicates.groups(actor), _PER_PAGE).get_page(request.GET.get("page"))
    groups = [_group(group, request.get_full_path()) for group in duplicates.filled(page.object_list, actor)]
    return render(request, "desk/duplicates.html", {**page_frame(request), "page": page, "groups": groups})


def _group(group: duplicates.Group, back: str) -> dict[str, Any]:
    first = group.tickets[0]
    ids = "&".join(f"ticket={row.pk}" for row in group.tickets[:MOST_AT_ONCE])
    return {
        "place": presentation.place_text(first),
        "category": rules().category_name(first.category_id),
        "count": group.count,
        "percent": round(group.words * 100),
        "is_alike": group.words >= similarity.LIKELY,
        "merge_url": f"{reverse('desk:merge_many')}?{ids}",
        "rows": [
            {
                "title": row.title,
                "number": row.number,
                "url": reverse("desk:ticket", args=[row.number]),
                "state": row.get_state_display(),
                "day": local_day(row.submitted_at),
            }
            for row in group.tickets[:_MEMBERS]
        ],
        "more": max(0, group.count - _MEMBERS),
    }


@staff_required(kinds=LOOKERS)
@require_safe
def repeated(request: HttpRequest) -> HttpResponse:
    """Who brings the same matter again within 90 days, the newest first. Without a name: the ticket has it, masked."""
    actor = actor_of_page(request)
    found = repeats.repeated(actor).select_related("building", "compound")
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "title": row.title,
            "number": row.number,
            "url": reverse("desk:ticket", args=[row.number]),
            "times": row.before + 1,
            "place": presentation.place_text(row),
            "category": rules().category_name(row.category_id),
            "state": row.get_state_display(),
            "day": local_day(row.submitted_at),
        }
        for row in page.object_list
    ]
    return render(request, "desk/repeats.html", {**page_frame(request), "page": page, "rows": rows})


# ---------------------------------------------------------------- while somebody's words are written down
@staff_required(kinds=RECORDERS)
@require_POST
def hint(request: HttpRequest) -> HttpResponse:
    """Fragment: what was reported before that sounds the same. Posted: words do not end up in a log of addresses."""
    return render(request, "desk/_duplicate_hint.html", {"duplicates": hints_of(request, actor_of_page(request))})


def hints_of(request: HttpRequest, actor: Actor) -> list[dict[str, str]]:
    """Suggestions for what the form of 代为登记 says so far; recording it anyway is always possible."""
    words = request.POST.get("content", "").strip()
    building, community = request.POST.get("building", ""), request.POST.get("community", "")
    address = request.POST.get("address", "").strip()[:200]
    if not words or not (address or _id(building) or _id(community)):
        return []
    ref = rules().by_code.get(request.POST.get("category", ""))
    if ref is None:
        heard = classification.suggest(words, rules().lexicon, 1)
        ref = rules().by_code[heard[0].code] if heard else None
    place = locate(building_id=_id(building), address=address, community_id=_id(community))
    probe = duplicates.Probe(
        text=words,
        category_id=ref.id if ref else None,
        spot=Spot(place.building_id, place.compound_id, place.grid_id),
        is_restricted=bool(ref and ref.pure.is_restricted),
    )
    return hint_rows(duplicates.suggestions(probe, actor))


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


# ---------------------------------------------------------------- merging several
@staff_required(kinds=MERGERS)
@require_http_methods(["GET", "HEAD", "POST"])
def merge_many(request: HttpRequest) -> HttpResponse:
    """GET: which of the ticked ones become one, and why a row cannot. POST: merge those that can."""
    actor = actor_of_page(request)
    sent = request.POST if request.method == "POST" else request.GET
    back = safe_next(request, reverse("desk:inbox"))
    tickets = _chosen(sent.getlist("ticket"), actor)
    master = _master(tickets, sent.get("master", ""), actor)
    form = MergeManyForm(request.POST if request.method == "POST" else None)
    errors: list[str] = []
    if request.method == "POST" and form.is_valid():
        ticked = {_id(text) for text in sent.getlist("merge")}
        followers = [row for row in tickets if row.pk in ticked and row is not master]
        if master is None or not followers:
            errors = [_("请选一件作主件，再勾选至少一件并进去。")]
        else:
            return _merge(request, form, followers, master, actor, back)
    context = {
        **page_frame(request),
        "form": form,
        "rows": [_row(row, master, actor) for row in tickets],
        "master": master,
        "errors": errors,
        "back": back,
        "is_over": len(sent.getlist("ticket")) > MOST_AT_ONCE,
        "most": MOST_AT_ONCE,
    }
    return render(request, "desk/merge.html", context, status=422 if form.is_bound else 200)


def _chosen(texts: list[str], actor: Actor) -> list[Ticket]:
    """The ticked ones the actor may see, the oldest first: it usually becomes the master."""
    ids = [pk for text in texts[:MOST_AT_ONCE] if (pk := _id(text)) is not None]
    rows = with_facts(TicketPolicy.visible(actor).filter(pk__in=ids))
    return list(rows.order_by("submitted_at", "pk"))


def _master(tickets: list[Ticket], wanted: str, actor: Actor) -> Ticket | None:
    """The one that was chosen, else the oldest that can take others in."""
    fit = [row for row in tickets if row.state in RUNNING and TicketPolicy.allows(actor, "merge", row)]
    chosen = next((row for row in fit if row.pk == _id(wanted)), None)
    # One that has followers already stays what it is.
    return chosen or max(fit, key=lambda row: row.follower_count > 0, default=None)


def _row(ticket: Ticket, master: Ticket | None, actor: Actor) -> dict[str, Any]:
    is_master = master is not None and ticket.pk == master.pk
    reason = ""
    if not TicketPolicy.allows(actor, "merge", ticket):
        reason = refusal("merge", is_letter=ticket.is_letter).message
    elif master is not None and not is_master:
        reason = obstacle(ticket, master, actor)
    percent = 0 if master is None else round(similarity.likeness(ticket.content, master.content) * 100)
    return {
        "ticket": ticket,
        "row": presentation.list_row(ticket),
        "is_master": is_master,
        "may_lead": ticket.state in RUNNING and not reason,
        "reason": reason,
        "percent": percent,
        "promise": local_time(ticket.promise_due_at) if ticket.promise_due_at else "",
        "submitted": local_time(ticket.submitted_at),
    }


def _merge(
    request: HttpRequest, form: MergeManyForm, followers: list[Ticket], master: Ticket, actor: Actor, back: str
) -> HttpResponse:
    def act() -> dict[str, Any]:
        outcome = merge_tickets(followers, into=master, actor=actor, note=form.cleaned_data["note"])
        return {
            "done": [row.number for row in outcome.done],
            "refused": [f"{row.ticket.number}：{row.reason}" for row in outcome.refused],
        }

    key = form.cleaned_data["idempotency_key"]
    result = once(principal=actor.principal, key=key, body=said(request), act=act).result
    if result["done"]:
        words = _("{n} 件并入了 {number}").format(n=len(result["done"]), number=master.number)
        messages.success(request, words)
    for text in result["refused"]:
        messages.warning(request, _("没有合并 {text}").format(text=text))
    return redirect(f"{reverse('desk:ticket', args=[master.number])}?next={back}")


# ---------------------------------------------------------------- splitting one
@staff_required
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, number: str) -> HttpResponse:
    """One form per matter to take out; one more with a button, without losing what was written."""
    actor = actor_of_page(request)
    ticket = find_visible(actor, number)
    TicketPolicy.require(actor, "split", ticket)
    back = safe_next(request, reverse("desk:ticket", args=[ticket.number]))
    data = request.POST if request.method == "POST" else None
    form = SplitForm(data)
    count = _count(request.POST.get("count", "1"))
    adds = "add" in request.POST
    if data is not None and not adds:
        parts = [PartForm(ticket, place, data) for place in range(count)]
        judged = [form.is_valid(), *(part.is_valid() for part in parts)]
        if all(judged):
            try:
                fresh = _split(request, ticket, form, parts, actor)
            except DomainError as error:
                if error.status in (403, 404):
                    raise
                form.refused(error)
            else:
                messages.success(request, _("拆出了 {numbers}").format(numbers="、".join(fresh)))
                return redirect(back)
    else:
        count = min(count + adds, MOST)
        parts = [_unchecked(ticket, place, request) for place in range(count)]
        form = SplitForm(initial={**request.POST.dict(), "count": count} if adds else {"count": count})
    context = {
        **page_frame(request), "form": form, "parts": parts, "ticket": ticket, "back": back, "count": count,
        "may_add": count < MOST,
    }  # fmt: skip
    return render(request, "desk/split.html", context, status=422 if data is not None and not adds else 200)


def _count(text: str) -> int:
    return max(1, min(int(text), MOST)) if text.isascii() and text.isdigit() and len(text) < 3 else 1


def _unchecked(ticket: Ticket, place: int, request: HttpRequest) -> PartForm:
    """A part as it was written so far, not yet judged."""
    prefix = f"part_{place}-"
    written = {name.removeprefix(prefix): value for name, value in request.POST.items() if name.startswith(prefix)}
    return PartForm(ticket, place, initial=written)


def _split(request: HttpRequest, ticket: Ticket, form: SplitForm, parts: list[PartForm], actor: Actor) -> list[str]:
    def act() -> dict[str, Any]:
        wanted = [part.part() for part in parts]
        fresh = split_ticket(ticket, parts=wanted, actor=actor, note=form.cleaned_data["note"])
        return {"numbers": [row.number for row in fresh]}

    key = form.cleaned_data["idempotency_key"]
    numbers: list[str] = once(principal=actor.principal, key=key, body=said(request), act=act).result["numbers"]
    return numbers
