"""Patrols on the grid worker's phone: today, begin, end, what was walked. Each POST stands alone."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.offline import kept_offline
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import NotFound
from governance.kernel.keyed import act_once, once_only
from grids.patrols.actions.patrols import (
    PatrolSaid,
    check_point,
    find_own,
    finish_patrol,
    resume_patrol,
    start_patrol,
    withdraw_patrol,
)
from grids.patrols.compliance import ShiftSeen, shifts_seen
from grids.patrols.forms.patrols import FinishForm, JointForm, PointForm, StartForm
from grids.patrols.models import Patrol
from grids.patrols.policies import WALKERS, walked_grids
from grids.patrols.presentation.phone import home_card, line, points_of
from grids.patrols.queries import name_of, patrols_of, shift_name

PAGE = 20
walkers_page = staff_required(kinds=WALKERS)


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _posted(request: HttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" else None


def _grids(actor: Actor) -> list[tuple[int, str]]:
    return [(grid.id, grid.name) for grid in walked_grids(actor)]


@walkers_page
@kept_offline
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The shifts of today, the running patrol, and what one walked before."""
    return _index(request, StartForm(grids=_grids(_actor(request))))


def _index(request: HttpRequest, form: StartForm, status: int = 200) -> HttpResponse:
    actor, today = _actor(request), clock.today()
    grids = [pk for pk, _name in _grids(actor)]
    mine = patrols_of(actor).filter(walker_id=actor.membership_id or 0)
    page = Paginator(mine, PAGE).get_page(request.GET.get("page"))
    context = {
        "heading": _("巡查"),
        "back_url": reverse("worker:home"),
        "patrol": home_card(actor),
        "shifts": [_shift(seen, actor) for seen in shifts_seen(grids, today, today)],
        "page": page,
        "rows": [line(row) for row in page.object_list],
        "form": form,
        "start_url": reverse("patrols_phone:start", args=[uuid4()]),
    }
    return render(request, "worker/patrols.html", context, status=status)


def _shift(seen: ShiftSeen, actor: Actor) -> dict[str, Any]:
    row = seen.patrol
    mine = row is not None and row.walker_id == actor.membership_id
    if row is not None:
        state = row.get_state_display() if row.state != Patrol.State.FINISHED else _("巡完")
    else:
        state = _("过了时间，没有巡") if seen.is_over else _("还没巡")
    return {
        "name": shift_name(seen.shift.code),
        "times": f"{seen.shift.opens_at:%H:%M}–{seen.shift.closes_at:%H:%M}",
        "state": state,
        "kind": "done" if seen.is_done else "doing" if row is not None else "new",
        "url": reverse("patrols_phone:patrol", args=[row.client_id]) if row is not None and mine else "",
    }


@walkers_page
@require_POST
def start(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """开始巡查: one tap. The id was made where the button was shown, or on the phone."""
    actor = _actor(request)
    form = StartForm(request.POST, grids=_grids(actor))
    if not _begin(request, form, client_id, actor):
        return _index(request, form, status=422)
    return redirect("worker:home")


def _begin(request: HttpRequest, form: StartForm, client_id: UUID, actor: Actor) -> bool:
    def act() -> dict[str, Any]:
        said = form.cleaned_data
        row = start_patrol(PatrolSaid(client_id, said["grid"], said["at"], form.crew()), actor=actor)
        return {"shift": row.shift, "at": f"{clock.local(row.started_at):%H:%M}"}

    if not act_once(request, form, act):
        return False
    row = find_own(actor, client_id)
    address = reverse("patrols_phone:withdraw", args=[client_id])
    words = _("{time} 开始{name}").format(time=f"{clock.local(row.started_at):%H:%M}", name=name_of(row))
    messages.success(request, words, extra_tags=f"undo={address}")
    return True


@walkers_page
@require_http_methods(["GET", "HEAD", "POST"])
def joint(request: HttpRequest) -> HttpResponse:
    """联防巡查: who goes along, by role; then it begins."""
    actor = _actor(request)
    form = JointForm(_posted(request), grids=_grids(actor))
    said = request.POST.get("client_id", "")
    client_id = _uuid(said) or uuid4()
    if request.method == "POST" and _begin(request, form, client_id, actor):
        return redirect("worker:home")
    context = {
        "heading": _("联防巡查"), "back_url": reverse("patrols_phone:index"), "form": form, "client_id": client_id,
        "crew": [form[name] for name in form.fields if name.startswith("crew_")],
    }  # fmt: skip
    return render(request, "worker/patrol_joint.html", context, status=422 if form.is_bound else 200)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


@walkers_page
@kept_offline
@require_safe
def patrol(request: HttpRequest, client_id: UUID) -> HttpResponse:
    row = _find(request, client_id)
    return _patrol(request, row, FinishForm(initial={"result": Patrol.Result.NORMAL}))


def _find(request: HttpRequest, client_id: UUID) -> Patrol:
    row = patrols_of(_actor(request)).select_related("plan").filter(client_id=client_id).first()
    if row is None:
        raise NotFound("no_patrol", _("没有这次巡查，或者不在您的网格。"))
    return row


def _patrol(request: HttpRequest, row: Patrol, form: FinishForm, status: int = 200) -> HttpResponse:
    mine = row.walker_id == _actor(request).membership_id
    is_running = row.state == Patrol.State.RUNNING
    context = {
        "heading": name_of(row),
        "back_url": reverse("patrols_phone:index"),
        "row": line(row),
        "patrol": row,
        "note": row.note if mine else "",
        "points": points_of(row) if mine else [],
        "is_running": is_running,
        "form": form if mine and is_running else None,
    }
    return render(request, "worker/patrol.html", context, status=status)


@walkers_page
@require_POST
def finish(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """结束巡查: one tap from the first page; from its own page with a result and a few words."""
    actor = _actor(request)
    row = find_own(actor, client_id)
    form = FinishForm(request.POST)

    def act() -> None:
        said = form.cleaned_data
        finish_patrol(row, actor=actor, at=said["at"], result=said["result"], note=said["note"])

    if not act_once(request, form, act):
        return _patrol(request, _find(request, client_id), form, status=422)
    done = find_own(actor, client_id)
    words = _("巡完了：{result}").format(result=done.get_result_display())
    messages.success(
        request, words, extra_tags=f"undo={reverse('patrols_phone:resume', args=[client_id])} {_('接着巡')}"
    )
    return redirect("worker:home")


@walkers_page
@require_POST
@once_only
def withdraw(request: HttpRequest, client_id: UUID) -> HttpResponse:
    actor = _actor(request)
    withdraw_patrol(find_own(actor, client_id), actor=actor)
    messages.success(request, _("这次巡查撤回了"))
    return redirect("worker:home")


@walkers_page
@require_POST
@once_only
def resume(request: HttpRequest, client_id: UUID) -> HttpResponse:
    actor = _actor(request)
    resume_patrol(find_own(actor, client_id), actor=actor)
    messages.success(request, _("接着巡"))
    return redirect("worker:home")


@walkers_page
@require_POST
def point(request: HttpRequest, client_id: UUID, pk: int) -> HttpResponse:
    """到点, at a point of a safety plan."""
    actor = _actor(request)
    row = find_own(actor, client_id)
    form = PointForm(request.POST)

    def act() -> None:
        check_point(row, pk, actor=actor, at=form.cleaned_data["at"])

    if not act_once(request, form, act):
        messages.error(request, next(str(each) for errors in form.errors.values() for each in errors))
        return _patrol(request, _find(request, client_id), FinishForm(), status=422)
    messages.success(request, _("到点，记下了"))
    return redirect("patrols_phone:patrol", client_id=client_id)
