"""网格圈 for the staff of a grid and its community, on the desk and on the phone: answer, hide, turn into a ticket."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.keyed import act_once, once_only
from grids.reference import territory
from requests_intake.actions.grid_messages import (
    SERVING,
    answer_message,
    find_message,
    hide_message,
    require_serving,
    show_message,
    turn_into_ticket,
)
from requests_intake.forms.bulk import own_places
from requests_intake.forms.grid_messages import HideForm, MessageForm, TurnForm
from requests_intake.grid_circle import grids_served, page_of
from requests_intake.presentation.people import masked_name
from requests_intake.views.desk_parts import actor_of_page, page_frame
from requests_intake.views.worker_frame import KINDS, inner

serving_required = staff_required(kinds=SERVING)


def _frame(request: HttpRequest, heading: str, back: str) -> dict[str, Any]:
    """The phone's frame for who works on the ground, the desk's for everybody else."""
    if actor_of_page(request).role_kinds & frozenset(KINDS):
        return {"on_phone": True, "shell_template": "shells/worker.html", **inner(heading, back)}
    return {"on_phone": False, "shell_template": "shells/desk.html", "back_url": back, **page_frame(request)}


def _home(actor: Actor) -> str:
    return reverse("worker:home") if actor.role_kinds & frozenset(KINDS) else reverse("desk:ledgers")


def ticket_address(actor: Actor, number: str) -> str:
    name = "worker:ticket" if actor.role_kinds & frozenset(KINDS) else "desk:ticket"
    return reverse(name, args=[number])


@serving_required
@require_safe
def circles(request: HttpRequest) -> HttpResponse:
    """The circles one answers in; with a single one it opens at once."""
    actor = actor_of_page(request)
    rows = grids_served(actor)
    if len(rows) == 1:
        return redirect("talk:circle", pk=rows[0]["id"])
    context = {**_frame(request, _("网格圈"), _home(actor)), "rows": rows}
    return render(request, "desk/talk.html", context)


@serving_required
@require_safe
def circle(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of_page(request)
    require_serving(actor, pk)
    return _page(request, pk, MessageForm())


def _page(request: HttpRequest, pk: int, form: MessageForm, *, status: int = 200, about: int = 0) -> HttpResponse:
    actor = actor_of_page(request)
    page, lines = page_of(pk, request.GET.get("page"))
    for line in (each for top in lines for each in (top, *top["answers"])):
        line["ticket_url"] = ticket_address(actor, line["number"]) if line["number"] else ""
    name = territory().area_name(pk)
    context = {
        **_frame(request, name, _home(actor)),
        "name": name,
        "grid_id": pk,
        "page": page,
        "lines": lines,
        "form": form,
        "fresh": MessageForm(),
        "about": about,
    }
    return render(request, "desk/talk_circle.html", context, status=status)


@serving_required
@require_POST
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """An answer below a message; a refused one keeps its words."""
    actor = actor_of_page(request)
    message = find_message(pk, actor=actor)
    form = MessageForm(request.POST)

    def act() -> None:
        answer_message(message, text=form.cleaned_data["text"], actor=actor)

    if act_once(request, form, act):
        messages.success(request, _("答复了"))
        return redirect("talk:circle", pk=message.grid_id)
    return _page(request, message.grid_id, form, status=422, about=message.parent_id or message.pk)


@serving_required
@require_http_methods(["GET", "HEAD", "POST"])
def hide(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of_page(request)
    message = find_message(pk, actor=actor)
    form = HideForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        hide_message(message, reason=form.cleaned_data["reason"], actor=actor)

    back = reverse("talk:circle", args=[message.grid_id])
    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("隐藏了，可以随时放回来"))
        return redirect(back)
    context = {**_frame(request, _("隐藏"), back), "form": form, "message": message, "back": back}
    return render(request, "desk/talk_hide.html", context, status=422 if form.is_bound else 200)


@serving_required
@require_POST
@once_only
def show(request: HttpRequest, pk: int) -> HttpResponse:
    actor = actor_of_page(request)
    message = show_message(find_message(pk, actor=actor), actor=actor)
    messages.success(request, _("放回来了"))
    return redirect("talk:circle", pk=message.grid_id)


@serving_required
@require_http_methods(["GET", "HEAD", "POST"])
def turn(request: HttpRequest, pk: int) -> HttpResponse:
    """转工单: words, place and poster stand there already. Tapped again it leads to the ticket there is."""
    actor = actor_of_page(request)
    message = find_message(pk, actor=actor)
    if message.ticket is not None:
        return _there_already(request, actor, message.ticket.number)
    grid = territory().areas[message.grid_id]
    form = TurnForm(
        request.POST if request.method == "POST" else None, grid=grid, places=own_places([grid]), message=message
    )

    def act() -> dict[str, Any]:
        return {"number": turn_into_ticket(message, form.report(), actor=actor).ticket.number}

    try:
        done = form.is_bound and act_once(request, form, act)
    except DomainError as error:
        if "number" not in error.data:
            raise
        return _there_already(request, actor, error.data["number"])
    message.refresh_from_db(fields=["ticket"])
    if message.ticket is not None:
        number = message.ticket.number
        if done:
            messages.success(request, _("转成工单 {number}，他看得到编号").format(number=number))
            return redirect(ticket_address(actor, number))
        return _there_already(request, actor, number)
    back = reverse("talk:circle", args=[message.grid_id])
    context = {
        **_frame(request, _("转工单"), back),
        "form": form,
        "who": masked_name(message.poster_name) or _("邻居"),
        "may": bool(message.poster_hash),
        "back": back,
    }
    return render(request, "desk/talk_turn.html", context, status=422 if form.is_bound else 200)


def _there_already(request: HttpRequest, actor: Actor, number: str) -> HttpResponse:
    messages.success(request, _("这条已经转过了，就是这件"))
    return redirect(ticket_address(actor, number))
