"""Pages of what a desk keeps: views of the inbox, sentences; each with its form and its question before it goes."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel.keyed import act_once, once_only
from grids.reference import territory
from requests_intake import workflow
from requests_intake.desks.actions.keep import PHRASE_MOVES, drop_kept, save_phrase, save_view
from requests_intake.desks.forms import PhraseForm, ViewForm
from requests_intake.desks.models import Kept, SavedPhrase, SavedView
from requests_intake.desks.placeholders import PLACEHOLDERS
from requests_intake.desks.policies import find, may_change, readable, require_change
from requests_intake.desks.queries import conditions_of, said_of, view_counts, views_of
from requests_intake.phrases import phrases_for
from requests_intake.queries import TicketFilter
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, inbox_url, page_frame


def _owner(row: Kept, names: dict[int, str]) -> str:
    if not row.is_shared:
        return _("只有我")
    by = names.get(row.made_by_id or 0, "")
    place = territory().organization_name(row.organization_id)
    return _("{place}共用，{name}存的").format(place=place, name=by) if by else _("{place}共用").format(place=place)


@staff_required(kinds=DESK_KINDS)
@require_safe
def views(request: HttpRequest) -> HttpResponse:
    """All views one may open, what each asks for, how many it finds, and the way to change it."""
    actor = actor_of_page(request)
    found = views_of(actor)
    counts, names = view_counts(actor, found), staff_names(row.made_by_id for row in found)
    rows = [
        {
            "view": row,
            "url": inbox_url(TicketFilter.from_query(row.query)),
            "conditions": conditions_of(row),
            "count": counts.get(row.pk),
            "owner": _owner(row, names),
            "may_change": may_change(row, actor),
        }
        for row in found
    ]
    return render(request, "desk/views.html", {**page_frame(request), "rows": rows})


@staff_required(kinds=DESK_KINDS)
@require_http_methods(["GET", "HEAD", "POST"])
def view_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new view of what the address asks for, or another name for one there is; ``from`` brings other conditions."""
    actor = actor_of_page(request)
    row = find(SavedView, pk, actor=actor) if pk is not None else None
    if row is not None:
        require_change(row, actor)
    sent = request.POST.get("query", "") if request.method == "POST" else ""
    asked: Any = dict(parse_qsl(sent)) if sent else (row.query if row else request.GET.dict())
    query = TicketFilter.from_query(asked).as_query()
    form = ViewForm(actor, request.POST if request.method == "POST" else None, kept=row)
    made: dict[str, Any] = {}

    def act() -> dict[str, Any]:
        made["view"] = save_view(row, form.said(query), actor=actor)
        return {"view": made["view"].pk}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("视图存好了：{name}").format(name=form.cleaned_data["name"]))
        return redirect(inbox_url(TicketFilter.from_query(query)))
    context = {
        **page_frame(request), "form": form, "view": row, "query": urlencode(query),
        "conditions": said_of(TicketFilter.from_query(query), asked=asked),
        "back": inbox_url(TicketFilter.from_query(query)) if row is None else reverse("desk:views"),
    }  # fmt: skip
    return render(request, "desk/view_edit.html", context, status=422 if form.is_bound else 200)


@staff_required(kinds=DESK_KINDS)
@require_http_methods(["GET", "HEAD", "POST"])
def view_drop(request: HttpRequest, pk: int) -> HttpResponse:
    row = find(SavedView, pk, actor=actor_of_page(request))
    return _drop(request, row, title=_("删掉视图“{name}”？").format(name=row.name), back=reverse("desk:views"))


@staff_required(kinds=DESK_KINDS)
@require_safe
def phrases(request: HttpRequest) -> HttpResponse:
    """Sentences by the move they are for: one's own, the organization's, and the district's as they stand."""
    actor = actor_of_page(request)
    found = list(readable(SavedPhrase, actor))
    names = staff_names(row.made_by_id for row in found)
    groups = [
        {
            "move": name,
            "label": workflow.MOVES[name].label,
            "rows": [
                {"phrase": row, "owner": _owner(row, names), "may_change": may_change(row, actor)}
                for row in found
                if row.move == name
            ],
            "usual": phrases_for(name),
        }
        for name in PHRASE_MOVES
    ]
    # What somebody has written themselves comes first: that is what they are here for.
    groups = sorted((each for each in groups if each["rows"] or each["usual"]), key=lambda each: not each["rows"])
    context = {**page_frame(request), "groups": groups}
    return render(request, "desk/phrases.html", {**context, "count": len(found)})


@staff_required(kinds=DESK_KINDS)
@require_http_methods(["GET", "HEAD", "POST"])
def phrase_edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    actor = actor_of_page(request)
    row = find(SavedPhrase, pk, actor=actor) if pk is not None else None
    if row is not None:
        require_change(row, actor)
    first = {"move": request.GET["move"]} if request.GET.get("move", "") in PHRASE_MOVES else {"move": "resolve"}
    form = PhraseForm(actor, request.POST if request.method == "POST" else None, kept=row, initial=first)

    def act() -> dict[str, Any]:
        return {"phrase": save_phrase(row, form.said(), actor=actor).pk}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("常用语存好了"))
        return redirect("desk:phrases")
    context = {**page_frame(request), "form": form, "phrase": row, "placeholders": PLACEHOLDERS.items()}
    return render(request, "desk/phrase_edit.html", context, status=422 if form.is_bound else 200)


@staff_required(kinds=DESK_KINDS)
@require_http_methods(["GET", "HEAD", "POST"])
def phrase_drop(request: HttpRequest, pk: int) -> HttpResponse:
    row = find(SavedPhrase, pk, actor=actor_of_page(request))
    return _drop(request, row, title=_("删掉这一句？"), what=row.text, back=reverse("desk:phrases"))


def _drop(request: HttpRequest, row: Kept, *, title: str, back: str, what: str = "") -> HttpResponse:
    actor = actor_of_page(request)
    require_change(row, actor)
    if request.method == "POST":
        return _dropped(request, row, back)
    shared = _("本单位的人都用不了它了。") if row.is_shared else ""
    context = {
        **page_frame(request), "title": title, "what": " ".join(part for part in (what, shared) if part),
        "action": request.path, "back": back,
    }  # fmt: skip
    return render(request, "desk/drop_kept.html", context)


@once_only
def _dropped(request: HttpRequest, row: Kept, back: str) -> HttpResponse:
    drop_kept(row, actor=actor_of_page(request))
    messages.success(request, _("删掉了"))
    return redirect(back)
