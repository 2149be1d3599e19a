"""主动治理: the list of a community, street or district, and one task with the moves on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.kernel import clock
from governance.kernel.errors import NotFound
from governance.kernel.keyed import KeyedForm, act_once
from grids.households.views.surface import DESK
from grids.reference import territory
from requests_intake.actions import proactive as actions
from requests_intake.forms.proactive import DropForm, TicketForm
from requests_intake.homes_first import homes_first
from requests_intake.models import ProactiveTask, Ticket
from requests_intake.policies import TicketPolicy
from requests_intake.proactive import READERS, RUNNING, find_task, may_work, require_worker, visible_tasks
from requests_intake.reference import rules
from requests_intake.views.desk_parts import actor_of_page, page_frame

State = ProactiveTask.State
_PER_PAGE = 50
_PILLS = {State.OPEN: "new", State.DOING: "doing", State.DONE: "done", State.DROPPED: "line"}
_TOLD = {
    "start": gettext_lazy("接手了"),
    "done": gettext_lazy("标为完成"),
    "drop": gettext_lazy("记下了，不办了"),
    "resume": gettext_lazy("又打开了"),
    "ticket": gettext_lazy("立了一件诉求"),
}
readers_only = staff_required(kinds=READERS)


def _row(task: ProactiveTask) -> dict[str, Any]:
    names = territory()
    running = task.state in RUNNING
    return {
        "task": task,
        "place": " ".join(filter(None, (names.area_name(task.street_id), names.area_name(task.community_id)))),
        "organization": names.organization_name(task.organization_id),
        "category": rules().category_name(task.category_id),
        "state": task.get_state_display(),
        "pill": _PILLS[State(task.state)],
        "is_late": running and task.due_on < clock.today(),
    }


@readers_only
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """What runs, the earliest due first; or what was done or dropped, the newest first."""
    actor, state, source = actor_of_page(request), request.GET.get("state", ""), request.GET.get("source", "")
    found = visible_tasks(actor)
    if source in ProactiveTask.Source.values:
        found = found.filter(source=source)
    if state in State.values:
        found = found.filter(state=state).order_by("-created_at", "-pk")
    else:
        state = ""
        found = found.filter(state__in=RUNNING).order_by("due_on", "pk")
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    choices = [("", _("没办完的")), *State.choices]
    context = {
        **page_frame(request),
        "page": page,
        "rows": [_row(task) for task in page],
        "state": state,
        "source": source,
        "sources": ProactiveTask.Source.choices,
        "segments": [
            {
                "label": label,
                "url": f"{reverse('desk:proactive')}?state={value}&source={source}",
                "current": value == state,
            }
            for value, label in choices
        ],
    }
    return render(request, "desk/proactive.html", context)


@readers_only
@require_safe
def task(request: HttpRequest, pk: int) -> HttpResponse:
    return _show(request, find_task(actor_of_page(request), pk))


def _show(request: HttpRequest, found: ProactiveTask, verb: str = "", form: KeyedForm | None = None) -> HttpResponse:
    actor = actor_of_page(request)
    origins = list(found.origins.order_by("-ticket_id").values_list("ticket_id", flat=True)[:_PER_PAGE])
    wanted = [*origins, found.opened_ticket_id]
    seen = {row.pk: row for row in TicketPolicy.visible(actor).filter(pk__in=[pk for pk in wanted if pk])}
    mine = may_work(actor, found)
    context = {
        **page_frame(request),
        **_row(found),
        "homes": homes_first(actor, found, DESK) if found.state in RUNNING else [],
        "origins": [seen[pk] for pk in origins if pk in seen],
        "hidden": sum(pk not in seen for pk in origins),
        "opened": seen.get(found.opened_ticket_id or 0),
        "may": mine,
        "key": KeyedForm(auto_id=False),
        "drop": form if verb == "drop" else DropForm() if mine and found.state in RUNNING else None,
        "ticket": form if verb == "ticket" else _ticket_form(found) if mine else None,
        "reason": found.get_reason_display() if found.reason else "",
    }
    return render(request, "desk/proactive_task.html", context, status=422 if form else 200)


def _ticket_form(found: ProactiveTask) -> TicketForm | None:
    return TicketForm() if found.state in RUNNING and found.opened_ticket_id is None else None


@readers_only
@require_POST
def move(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    actor = actor_of_page(request)
    if verb not in _TOLD:
        raise NotFound("no_verb", _("没有这个操作。"))
    found = find_task(actor, pk)
    require_worker(actor, found)
    forms = {"drop": DropForm, "ticket": TicketForm}
    form = forms.get(verb, KeyedForm)(request.POST)

    def in_words() -> Ticket:
        return actions.open_ticket(found, content=form.cleaned_data["content"], actor=actor)

    acts: dict[str, Callable[[], Any]] = {
        "start": lambda: actions.start_task(found, actor=actor),
        "done": lambda: actions.finish_task(found, actor=actor),
        "drop": lambda: actions.drop_task(found, reason=form.cleaned_data["reason"], actor=actor),
        "resume": lambda: actions.resume_task(found, actor=actor),
        "ticket": in_words,
    }

    def act() -> None:
        acts[verb]()

    if act_once(request, form, act):
        messages.success(request, str(_TOLD[verb]))
        return redirect("desk:proactive_task", pk=pk)
    if verb in forms:
        return _show(request, found, verb, form)
    messages.error(request, " ".join(str(text) for said in form.errors.values() for text in said))
    return redirect("desk:proactive_task", pk=pk)
