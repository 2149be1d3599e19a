"""The own house of a head of a building or unit (S1-04a): walking through it (巡楼), and what everybody there may know.

Neighbours' matters stand there without words, number, name or phone (``building_matters``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.models import Staff
from governance.accounts.offline import kept_offline
from governance.kernel.actors import HEADS, Actor
from governance.kernel.keyed import act_once
from governance.kernel.templatetags.ui import local_day
from grids.heads import Head, held
from grids.patrols.actions.rounds import find_own_round, latest_rounds, record_round
from grids.patrols.models import BuildingRound
from requests_intake.building_matters import matters_of, own_among
from requests_intake.forms.head_round import RoundForm
from requests_intake.forms.places import building_name
from requests_intake.models import Ticket
from requests_intake.reference import rules
from requests_intake.views.resident_words import progress
from requests_intake.views.worker_frame import head_frame, inner

PAGE = 20
ON_HOME = 3
head_required = staff_required(kinds=HEADS)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


@head_required
@kept_offline
@require_http_methods(["GET", "HEAD", "POST"])
def walk(request: HttpRequest) -> HttpResponse:
    """巡楼: what is wrong leads to the form that reports it, with the building and the words already there."""
    actor = _actor(request)
    heads = held(actor.membership_id or 0)
    if request.method != "POST":
        return _walk(request, RoundForm(heads, initial=_asked_place(request, heads)))
    form, kept = RoundForm(heads, request.POST), {}

    def act() -> dict[str, Any]:
        said = form.cleaned_data
        kept["pk"] = record_round(said["place"], marks=form.marks, at=said["at"], actor=actor).pk
        return kept

    if not act_once(request, form, act):
        return _walk(request, form, status=422)
    row = find_own_round(actor, kept["pk"]) if kept else latest_rounds(actor).get(form.cleaned_data["place"])
    if row is not None and row.problem_count and row.reported_at is None:
        messages.success(request, _("巡楼记下了。有问题的，现在报上去。"))
        return redirect(f"{reverse('worker:building_report')}?round={row.pk}")
    messages.success(request, _("巡楼记下了"))
    return redirect("worker:building")


def _asked_place(request: HttpRequest, heads: Sequence[Head]) -> dict[str, Any]:
    asked = request.GET.get("place", "")
    return {"place": int(asked)} if asked in {str(head.building_id) for head in heads} else {}


def _walk(request: HttpRequest, form: RoundForm, *, status: int = 200) -> HttpResponse:
    context = inner(_("巡楼"), reverse("worker:building"), form=form)
    return render(request, "worker/head_round.html", context, status=status)


@head_required
@kept_offline
@require_safe
def matters(request: HttpRequest) -> HttpResponse:
    """楼里的事: what is public or one's own, and nothing of anybody else."""
    actor = _actor(request)
    heads = held(actor.membership_id or 0)
    phone = phone_of(actor)
    page = Paginator(matters_of({head.building_id for head in heads}, phone=phone), PAGE).get_page(
        request.GET.get("page")
    )
    rows = lines(page.object_list, phone=phone)
    return render(request, "worker/head_matters.html", head_frame(request, "building", rows=rows, page=page))


def phone_of(actor: Actor) -> str:
    """The number the head is known by; empty where there is none."""
    return Staff.objects.filter(membership_id=actor.membership_id or 0).values_list("phone", flat=True).first() or ""


def newest(actor: Actor, heads: Sequence[Head], *, phone: str) -> list[dict[str, Any]]:
    """The first of 楼里的事."""
    return lines(matters_of({head.building_id for head in heads}, phone=phone)[:ON_HOME], phone=phone)


def lines(rows: Iterable[Ticket], *, phone: str) -> list[dict[str, Any]]:
    """Of one's own matters the words and the way to follow them; of others' what it is about, how far, since when."""
    found = list(rows)
    own = own_among(found, phone=phone)
    return [_line(row, is_own=row.pk in own) for row in found]


def _line(row: Ticket, *, is_own: bool) -> dict[str, Any]:
    place = building_name(row.building_id)
    return {
        "title": row.title if is_own else rules().category_name(row.category_id),
        "note": "·".join([place.label if place else "", local_day(row.submitted_at)]),
        "state": progress(row) if is_own else neighbours_word(row),
        "kind": "done" if row.closed_at else "doing",
        "is_own": is_own,
        "url": f"{reverse('resident:track')}?number={row.number}" if is_own else "",
    }


def neighbours_word(row: Ticket) -> str:
    """How far a neighbour's matter is. Whether they were content is theirs."""
    if row.closed_at:
        return _("办完了")
    return _("正在核对") if row.state in ("resolved", "visiting") else progress(row)


def round_line(row: BuildingRound | None, building_id: int) -> dict[str, Any]:
    """The last round of a building on the first page: when, what was wrong, and whether that is still to be sent in."""
    address = f"{reverse('worker:building_round')}?place={building_id}"
    if row is None:
        return {"text": _("还没巡过"), "note": "", "url": address, "todo": ""}
    problems = "、".join(row.problems)
    todo = f"{reverse('worker:building_report')}?round={row.pk}" if problems and row.reported_at is None else ""
    return {
        "text": _("{day}巡过").format(day=local_day(row.at)),
        "note": _("有问题：{problems}").format(problems=problems) if problems else _("都好"),
        "url": address,
        "todo": todo,
    }
