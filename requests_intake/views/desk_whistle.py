"""吹哨台 of the street, 待报到 of the departments, the district's log and what it decides: one list, one page."""

from __future__ import annotations

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import NotAllowed
from governance.kernel.keyed import act_once
from grids.patrols.months import months_back
from grids.reference import territory
from requests_intake import presentation
from requests_intake import whistle_workflow as workflow
from requests_intake.actions.whistle import ask_whistle, blow_now
from requests_intake.forms.whistle import TARGET_MOVES, WHISTLE_MOVES, CallForm, WhistleMoveForm, limit_words
from requests_intake.models import Ticket, Whistle, WhistleKind
from requests_intake.policies import TicketPolicy, find_visible
from requests_intake.presentation.whistle import begins, detail_of, label_of, row_of
from requests_intake.views.desk_parts import actor_of_page, page_frame, safe_next
from requests_intake.whistle_policies import (
    READERS,
    WhistlePolicy,
    committees_of,
    find_target,
    find_whistle,
    offices_of,
)
from requests_intake.whistle_queries import (
    PER_PAGE,
    VIEWS,
    counts,
    direct_dispatches,
    figures,
    listed,
    targets_of,
    tickets_about,
)

_HEADINGS = (
    (frozenset(workflow.STREET), "吹哨台", "一次叫几个单位到现场；谁没来、谁迟了，一眼看得到。"),
    (frozenset(workflow.COMMUNITY), "吹哨", "社区叫不动的，请街道吹哨；办完由您来评。"),
    (frozenset(workflow.RESPONDERS), "待报到", "街道叫您来的：先应哨，到了现场点“我到了”。"),
    (frozenset(workflow.OVERSEERS), "吹哨报到", "全区吹过的哨；拒哨的等区调度员裁定。"),
)


@staff_required(kinds=READERS)
@require_safe
def whistles(request: HttpRequest) -> HttpResponse:
    """What waits for the actor first, then everything they may see; the month's figures at the head."""
    actor = actor_of_page(request)
    found = counts(actor)
    view = request.GET.get("view", "waiting" if found["waiting"] else "running")
    view = view if view in VIEWS else ""
    kind = request.GET.get("kind", "")
    kind = kind if kind in WhistleKind.values else ""
    page = Paginator(listed(actor, view, kind), PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    targets = targets_of(rows)
    month = _month(request)
    title, about = next(((t, a) for kinds, t, a in _HEADINGS if kinds & actor.role_kinds), _HEADINGS[-1][1:])
    url = reverse("desk:whistles")
    context = {
        **page_frame(request),
        "title": _(title),
        "about": _(about),
        "page": page,
        "rows": [row_of(row, targets[row.pk]) for row in rows],
        "view": view,
        "kind": kind,
        "kinds": [{"value": value, "label": label, "chosen": value == kind} for value, label in WhistleKind.choices],
        "segments": [
            {"label": label, "url": f"{url}?view={name}", "current": name == view, "count": found.get(name)}
            for name, label in VIEWS.items()
        ],
        "figures": figures(actor, month),
        "months": [{"value": f"{each:%Y-%m}", "chosen": each == month} for each in _months(month)],
        "blow": begins(actor),
        "responds": bool(actor.role_kinds & set(workflow.RESPONDERS)),
        "overview": bool(actor.role_kinds & set(workflow.OVERSEERS)),
    }
    return render(request, "desk/whistles.html", context)


def _month(request: HttpRequest) -> date:
    """The month asked for (``2026-11``), else the running one."""
    try:
        return date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        return clock.today().replace(day=1)


def _months(chosen: date) -> list[date]:
    """A year of months, the newest first, and the one that is shown. Not the browser's own field: it speaks the
    language of the browser, and some have none."""
    return sorted({*months_back(12), chosen}, reverse=True)


@staff_required(kinds=READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Blow, or ask the street to; from a ticket its place and matter are filled in."""
    actor = actor_of_page(request)
    offices, committees = offices_of(actor), committees_of(actor)
    if not offices and not committees:
        raise NotAllowed("not_allowed", _("吹哨由街道吹，社区可以请街道吹哨。"), move="draft")
    places = territory()
    street_id = offices[0].area_id if offices else places.areas[committees[0].area_id].street_id or 0
    number = request.GET.get("ticket", "")
    ticket = find_visible(actor, number) if number else None
    if ticket is not None and ticket.is_restricted:
        raise NotAllowed("restricted", _("这件诉求限制知悉，不能为它吹哨。"), move="draft")
    form = CallForm(request.POST if request.method == "POST" else None, street_id=street_id, ticket=ticket)
    if ticket is not None:
        form.initial["place"] = presentation.place_text(ticket)
    made: list[Whistle] = []

    def act() -> dict[str, Any]:
        act_of = blow_now if offices else ask_whistle
        made.append(act_of(form.call(), actor=actor))
        return {"number": made[0].number}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("吹哨了，被叫的单位都收到了") if offices else _("请求交给街道了"))
        return redirect("desk:whistle", number=made[0].number) if made else redirect("desk:whistles")
    context = {
        **page_frame(request),
        "form": form,
        "ticket": ticket,
        "verb": begins(actor),
        "back": safe_next(request, reverse("desk:ticket", args=[number]) if ticket else reverse("desk:whistles")),
        "limits": [{"key": label, "value": limit_words(kind)} for kind, label in WhistleKind.choices],
    }
    return render(request, "desk/whistle_new.html", context, status=422 if form.is_bound else 200)


@staff_required(kinds=READERS)
@require_safe
def whistle(request: HttpRequest, number: int) -> HttpResponse:
    """One whistle: who was called and came, what happened, what may be done now."""
    actor = actor_of_page(request)
    found = find_whistle(actor, number)
    context = {
        **page_frame(request),
        "detail": detail_of(found, targets_of([found])[found.pk], actor),
        "tickets": _tickets(found, actor),
    }
    return render(request, "desk/whistle.html", context)


def _tickets(found: Whistle, actor: Actor) -> list[dict[str, Any]]:
    """The matters it was blown for; whoever may call in helpers from the list of forces (S3-28) does it from here."""
    back = urlencode({"next": reverse("desk:whistle", args=[found.number])})

    def helpers_of(row: Ticket) -> str:
        allowed = TicketPolicy.allows(actor, "call_helper", row)
        return f"{reverse('desk:move', args=[row.number, 'call_helper'])}?{back}" if allowed else ""

    return [
        {"number": row.number, "title": row.title, "url": reverse("desk:ticket", args=[row.number]),
         "lamp": presentation.lamp_state(row), "helpers_url": helpers_of(row)}
        for row in tickets_about(found, actor)
    ]  # fmt: skip


@staff_required(kinds=READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, number: int, name: str) -> HttpResponse:
    """GET asks, POST does: what the caller does with the whistle as a whole."""
    if name not in WHISTLE_MOVES:
        raise Http404
    actor = actor_of_page(request)
    found = find_whistle(actor, number)
    WhistlePolicy.require(actor, name, found)
    return _act(request, WHISTLE_MOVES[name](found, None, request.POST if request.method == "POST" else None), actor)


@staff_required(kinds=READERS)
@require_http_methods(["GET", "HEAD", "POST"])
def target_move(request: HttpRequest, number: int, pk: int, name: str) -> HttpResponse:
    """The same for what is done about one organization called."""
    if name not in TARGET_MOVES:
        raise Http404
    actor = actor_of_page(request)
    found, target = find_target(actor, number, pk)
    WhistlePolicy.require(actor, name, found, target)
    form = TARGET_MOVES[name](found, target, request.POST if request.method == "POST" else None)
    return _act(request, form, actor)


def _act(request: HttpRequest, form: WhistleMoveForm, actor: Actor) -> HttpResponse:
    found, target = form.whistle, form.target
    back = safe_next(request, reverse("desk:whistle", args=[found.number]))
    if form.is_bound and act_once(request, form, lambda: form.perform(actor)):
        messages.success(request, str(form.done))
        return redirect(back)
    context = {
        **page_frame(request),
        "form": form,
        "action": request.path,
        "back": back,
        "verb": label_of(form.name),
        "name": territory().organization_name(target.organization_id) if target else "",
    }
    return render(request, "desk/whistle_move.html", context, status=422 if form.is_bound else 200)


@staff_required(kinds=workflow.OVERSEERS)
@require_safe
def direct(request: HttpRequest) -> HttpResponse:
    """直接调派 (S4-04): what streets sent straight to teams stationed with them, as the district's log."""
    actor = actor_of_page(request)
    page = Paginator(direct_dispatches(actor), PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    people = staff_names([row.actor_id for row in rows])
    names = territory().organization_name
    context = {
        **page_frame(request),
        "page": page,
        "rows": [
            {
                "ticket": row.ticket,
                "url": reverse("desk:ticket", args=[row.ticket.number]),
                "at": row.at,
                "by": people.get(row.actor_id or 0, ""),
                "street": _street_of(row.ticket),
                "team": names(row.payload.get("to_organization")),
            }
            for row in rows
        ],
    }
    return render(request, "desk/direct_dispatches.html", context)


def _street_of(ticket: Ticket) -> str:
    return territory().area_name(ticket.street_id)
