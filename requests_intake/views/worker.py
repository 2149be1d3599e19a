"""The grid worker's phone: today, all matters of the own grids, messages, oneself."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import get_script_prefix, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.actions.notices import read_notices
from governance.accounts.offline import kept_offline
from governance.kernel.actors import Actor
from governance.kernel.keyed import once_only
from grids.models import Building
from grids.patrols.presentation.phone import home_card
from requests_intake.follow_ups import checks_of
from requests_intake.forms.moves import fresh_key
from requests_intake.proactive import to_look_at
from requests_intake.queries import TicketFilter, own_organizations, tickets_of
from requests_intake.views.inbox import back_to, inbox_page
from requests_intake.views.worker_frame import card, frame, own_grids, phone_required, worker_required
from requests_intake.views.worker_hands import helping_cards, of_pool

AT_MOST = 50  # cards of one kind on the first page; nobody works through more in a day
PAGE = 30


@worker_required
@kept_offline
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What waits to be signed, what is at hand by remaining time, what is to be looked at."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    to_sign = [{**row, "key": fresh_key()} for row in _cards(actor, "to_sign")]
    helping = helping_cards(actor, AT_MOST)
    at_hand = _cards(actor, "at_hand")
    to_check = _cards(actor, "check")
    context = frame(
        request,
        "home",
        to_sign=to_sign,
        at_hand=at_hand,
        to_check=to_check,
        helping=helping,
        to_look=to_look_at(actor),
        patrol=home_card(actor),
        pressing=sum(row["state"] in ("soon", "over") for row in (*to_sign, *at_hand)),
        **of_pool(actor),
    )
    return render(request, "worker/home.html", context)


def _cards(actor: Actor, queue: str) -> list[dict[str, object]]:
    grids = [area.id for area in own_grids(actor)]
    rows = tickets_of(actor, TicketFilter(queue=queue)).filter(grid_id__in=grids)
    if queue == "check":
        # Nobody looks at their own work.
        rows = rows.filter(pk__in=checks_of(actor).values("pk"))
    return [card(row, looks=queue == "check") for row in rows[:AT_MOST]]


@worker_required
@kept_offline
@require_safe
def tickets(request: HttpRequest) -> HttpResponse:
    """Every matter of the own grids: open here, gone up, finished."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    wanted = request.GET.get("show", "")
    wanted = wanted if wanted in ("up", "finished") else "open"
    mine = Q(organization_id__in=own_organizations(actor))
    rows = tickets_of(actor, TicketFilter(queue="finished" if wanted == "finished" else "open"))
    rows = rows.filter(grid_id__in=[area.id for area in own_grids(actor)])
    if wanted != "finished":
        rows = rows.filter(mine if wanted == "open" else ~mine)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    address = reverse("worker:tickets")
    labels = {"open": _("我们在办"), "up": _("已交上级"), "finished": _("已办完")}
    context = frame(
        request,
        "tickets",
        page=page,
        cards=[card(row) for row in page.object_list],
        segments=[
            {"label": label, "url": f"{address}?show={name}", "current": name == wanted, "count": None}
            for name, label in labels.items()
        ],
        show=wanted,
    )
    return render(request, "worker/tickets.html", context)


@phone_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Messages, newest first; unread ones are marked."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    context = inbox_page(request, actor, address=reverse("worker:notices"), standard="all")
    return render(request, "worker/notices.html", frame(request, "notices", **context))


@phone_required
@require_POST
@once_only
def open_notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark a message as read and go where it leads."""
    found = read_notices(actor=request.actor, notice_id=pk)  # type: ignore[attr-defined]
    path = found[0].path if found else ""
    if "/t/" in path:
        return redirect("worker:ticket", number=path.rstrip("/").rsplit("/", 1)[-1])
    if path.startswith("/m/"):  # another app's page on the phone
        return redirect(get_script_prefix() + path.lstrip("/"))
    return redirect(back_to(request, reverse("worker:notices"), "all"))


@phone_required
@require_POST
@once_only
def read_all(request: HttpRequest) -> HttpResponse:
    read_notices(actor=request.actor)  # type: ignore[attr-defined]
    messages.success(request, _("都标成已读了"))
    return redirect("worker:notices")


@worker_required
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """The own grids in figures, 户外 contrast, password, sign-out."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    ids = [area.id for area in own_grids(actor)]
    buildings = Building.objects.filter(grid_id__in=ids, ended_on=None)
    pairs = [
        {"key": _("楼栋"), "value": _("{count} 栋").format(count=buildings.count())},
        {"key": _("没办完"), "value": _("{count} 件").format(count=tickets_of(actor).filter(grid_id__in=ids).count())},
    ]
    return render(request, "worker/me.html", frame(request, "me", pairs=pairs))
