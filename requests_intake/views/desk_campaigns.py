"""专项台账: campaigns, their tickets with the counts of the states, and batches reported to an organization (S4-08)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.keyed import act_once, once_only
from governance.kernel.templatetags.ui import local_time
from governance.kernel.workbooks import workbook_response
from grids.reference import territory
from requests_intake import campaigns as reading
from requests_intake import presentation
from requests_intake.actions.campaigns import (
    MOST_AT_ONCE,
    find_campaign,
    find_report,
    is_running,
    label_tickets,
    may_read_report,
    own_organizations,
    report_batch,
    require_keeper,
    save_campaign,
    stands_above,
    unlabel_ticket,
)
from requests_intake.channels import channel_name
from requests_intake.forms.campaigns import BatchReportForm, CampaignForm, ChosenForm
from requests_intake.models import BatchReport, Campaign, Ticket
from requests_intake.policies import find_visible
from requests_intake.queries import PAGE_SIZE, TicketFilter, tickets_of
from requests_intake.reference import rules
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, filter_fields, page_frame
from requests_intake.workflow import RECORDERS, TicketState

MOST_EXPORTED = 5_000
_PILLS = {"closed": "done", "archived": "done", "visiting": "done", "resolved": "check"}


@staff_required(kinds=DESK_KINDS)
@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """All campaigns of the district with how many of their tickets one may see, and what was reported to one's own."""
    actor = actor_of_page(request)
    shows_all = request.GET.get("show") == "all"
    counts = reading.visible_counts(actor)
    rows = [
        {
            "campaign": row,
            "owner": reading.owner_name(row),
            "count": counts.get(row.pk, 0),
            "is_running": is_running(row),
        }
        for row in Campaign.objects.order_by("-is_active", "-since", "-pk")
        if shows_all or is_running(row)
    ]
    url = reverse("desk:campaigns")
    received = reading.reports_to([role.organization_id for role in actor.roles if role.organization_id])
    context = {
        **page_frame(request),
        "rows": rows,
        "segments": [
            {"label": _("正在做的"), "url": url, "current": not shows_all, "count": None},
            {"label": _("全部"), "url": f"{url}?show=all", "current": shows_all, "count": None},
        ],
        "may_keep": bool(own_organizations(actor)),
        "received": [_report_row(row) for row in received[:20]],
    }
    return render(request, "desk/campaigns.html", context)


def _report_row(row: BatchReport) -> dict[str, Any]:
    places = territory()
    return {
        "report": row,
        "campaign": row.campaign.name,
        "sender": places.organization_name(row.sender_id),
        "organization": places.organization_name(row.organization_id),
        "number": row.number,
    }


@staff_required(kinds=DESK_KINDS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """A new campaign, or another name, other days, out of use."""
    actor = actor_of_page(request)
    row = find_campaign(pk) if pk is not None else None
    require_keeper(actor, row.owner_id if row else None)
    form = CampaignForm(request.POST if request.method == "POST" else None, campaign=row)

    def act() -> dict[str, Any]:
        return {"campaign": save_campaign(row, form.said(), actor=actor).pk}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("专项存好了"))
        return redirect("desk:campaign", pk=pk) if pk else redirect("desk:campaigns")
    back = reverse("desk:campaign", args=[pk]) if pk else reverse("desk:campaigns")
    context = {**page_frame(request), "form": form, "campaign": row, "back": back}
    return render(request, "desk/campaign_edit.html", context, status=422 if form.is_bound else 200)


def _row(ticket: Ticket) -> dict[str, Any]:
    """With the state beside the place, unless the lamp's words say it already."""
    row, state = presentation.list_row(ticket), ticket.get_state_display()
    return row | {"side": "" if state == row["left"] else state}


def _wanted(request: HttpRequest) -> tuple[TicketFilter, str]:
    found = TicketFilter.from_query(request.GET, queue="all")
    state = request.GET.get("state", "")
    return found, state if state in set(TicketState) else ""


@staff_required(kinds=DESK_KINDS)
@require_safe
def campaign(request: HttpRequest, pk: int) -> HttpResponse:
    """Its visible tickets by state, with filters; tick some to report them."""
    actor, row = actor_of_page(request), find_campaign(pk)
    found, state = _wanted(request)
    page = Paginator(reading.tickets_in(actor, row, found, state=state), PAGE_SIZE).get_page(request.GET.get("page"))
    counts = reading.state_counts(actor, row, found)
    url = reverse("desk:campaign", args=[pk])
    query = {key: value for key, value in found.as_query().items() if key != "queue"}

    def address(**more: str) -> str:
        return f"{url}?{urlencode({**query, **{name: value for name, value in more.items() if value}})}"

    context = {
        **page_frame(request),
        "campaign": row,
        "owner": reading.owner_name(row),
        "is_running": is_running(row),
        "page": page,
        "rows": [_row(ticket) for ticket in page.object_list],
        "segments": [
            {"label": _("全部"), "url": address(), "current": not state, "count": sum(n for _s, _w, n in counts)},
            *(
                {"label": word, "url": address(state=code), "current": state == code, "count": number}
                for code, word, number in counts
            ),
        ],
        "fields": filter_fields(actor, found),
        "query": found.text,
        "state": state,
        "narrowed": bool(query),
        "export_url": address(state=state).replace(url, reverse("desk:campaign_export", args=[pk]), 1),
        "may_edit": stands_above(actor, row.owner_id),
        "may_label": bool(actor.role_kinds & RECORDERS) and is_running(row),
        "may_report": bool(own_organizations(actor)),
        "batch": [{"label": _("报送单位"), "url": reverse("desk:campaign_report", args=[pk]), "main": True}],
        "reports": [
            _report_row(report)
            for report in reading.reports_of(actor, row).select_related("campaign")[:20]
            if may_read_report(report, actor)
        ],
    }
    return render(request, "desk/campaign.html", context)


@staff_required(kinds=DESK_KINDS)
@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponse:
    """The list as a workbook, with the same filters: no name, no number of anybody."""
    actor, row = actor_of_page(request), find_campaign(pk)
    found, state = _wanted(request)
    tickets = reading.tickets_in(actor, row, found, state=state)[:MOST_EXPORTED]
    return workbook_response(f"{row.name}-{clock.today():%Y%m%d}", _header(), (_cells(ticket) for ticket in tickets))


def _header() -> list[str]:
    return [
        _("编号"), _("标题"), _("状态"), _("地点"), _("分类"), _("渠道"), _("承办单位"), _("提交"), _("承诺办结"),
        _("结案"),
    ]  # fmt: skip


def _cells(ticket: Ticket) -> list[str]:
    return [
        ticket.number,
        ticket.title,
        ticket.get_state_display(),
        presentation.place_text(ticket),
        rules().category_name(ticket.category_id),
        channel_name(ticket.channel),
        territory().organization_name(ticket.organization_id),
        _moment(ticket.submitted_at),
        _moment(ticket.promise_due_at),
        _moment(ticket.closed_at),
    ]


def _moment(moment: Any) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else ""


@staff_required(kinds=DESK_KINDS & RECORDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def label(request: HttpRequest, pk: int) -> HttpResponse:
    """Visible tickets without the label, to be ticked; posted, the ticked ones get it."""
    actor, row = actor_of_page(request), find_campaign(pk)
    found = TicketFilter.from_query(request.GET, queue="all")
    form = ChosenForm(request.POST if request.method == "POST" else None, chosen=request.POST.getlist("ticket"))

    def act() -> dict[str, Any]:
        return {"number": label_tickets(row, form.tickets, actor=actor)}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("加进“{name}”了：{number} 件").format(name=row.name, number=len(form.tickets)))
        return redirect("desk:campaign", pk=pk)
    tickets = tickets_of(actor, found).filter(is_restricted=False).exclude(campaigns__campaign=row)
    page = Paginator(tickets, PAGE_SIZE).get_page(request.GET.get("page"))
    chosen = set(form.tickets)
    context = {
        **page_frame(request),
        "form": form,
        "campaign": row,
        "is_running": is_running(row),
        "page": page,
        "rows": [presentation.list_row(ticket) | {"ticked": ticket.pk in chosen} for ticket in page.object_list],
        "fields": filter_fields(actor, found),
        "query": found.text,
        "most": MOST_AT_ONCE,
    }
    return render(request, "desk/campaign_label.html", context, status=422 if form.is_bound else 200)


@staff_required(kinds=DESK_KINDS & RECORDERS)
@require_POST
@once_only
def unlabel(request: HttpRequest, pk: int, number: str) -> HttpResponse:
    """Take the label off one ticket; adding it again is the way back."""
    actor, row = actor_of_page(request), find_campaign(pk)
    ticket = find_visible(actor, number)
    unlabel_ticket(row, ticket, actor=actor)
    messages.success(request, _("{number} 不再算进“{name}”").format(number=ticket.number, name=row.name))
    return redirect("desk:ticket", number=ticket.number)


@staff_required(kinds=DESK_KINDS)
@require_POST
def report_new(request: HttpRequest, pk: int) -> HttpResponse:
    """First the ticked rows and the question to whom; then, with an organization, the report itself."""
    actor, row = actor_of_page(request), find_campaign(pk)
    require_keeper(actor)
    asks = "organization" not in request.POST
    form = BatchReportForm(None if asks else request.POST, chosen=request.POST.getlist("ticket"))
    if asks and not form.tickets:
        messages.error(request, _("还没有选诉求，请先打勾再报送。"))
        return redirect("desk:campaign", pk=pk)
    made: list[BatchReport] = []

    def act() -> dict[str, Any]:
        organization = form.cleaned_data["organization"]
        made.append(report_batch(row, form.tickets, organization_id=organization, actor=actor))
        return {"report": made[0].pk}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("报送好了，单位收到了消息"))
        return redirect("desk:batch_report", pk=made[0].pk) if made else redirect("desk:campaign", pk=pk)
    tickets = reading.tickets_in(actor, row, TicketFilter(queue="all")).filter(pk__in=form.tickets)
    context = {
        **page_frame(request),
        "form": form,
        "campaign": row,
        "rows": [presentation.list_row(ticket) for ticket in tickets],
        "back": reverse("desk:campaign", args=[pk]),
    }
    return render(request, "desk/campaign_report.html", context, status=422 if form.is_bound else 200)


@staff_required
@require_safe
def batch_report(request: HttpRequest, pk: int) -> HttpResponse:
    """报送单: the tickets of a report as they stand now and as they stood then. It prints; ``?xlsx``: the workbook."""
    actor = actor_of_page(request)
    report = find_report(pk, actor=actor)
    places = territory()
    rows = reading.report_rows(report, actor)
    words = {state.value: state.label for state in TicketState}
    if "xlsx" in request.GET:
        header = [_("编号"), _("标题"), _("地点"), _("分类"), _("报送时"), _("现在"), _("承诺办结"), _("结案")]
        cells = (
            [
                row.number, row.title, presentation.place_text(row), rules().category_name(row.category_id),
                words[row.state_then], row.get_state_display(), _moment(row.promise_due_at), _moment(row.closed_at),  # type: ignore[attr-defined]
            ]
            for row in rows
        )  # fmt: skip
        name = f"{report.campaign.name}-{_('报送')}-{clock.local(report.reported_at):%Y%m%d}"
        return workbook_response(name, header, cells)
    counts: dict[str, int] = {}
    for ticket in rows:
        counts[ticket.state] = counts.get(ticket.state, 0) + 1
    context = {
        **page_frame(request),
        "report": report,
        "campaign": report.campaign,
        "sender": places.organization_name(report.sender_id),
        "organization": places.organization_name(report.organization_id),
        "by": staff_names([report.reported_by_id]).get(report.reported_by_id or 0, ""),
        "rows": [
            {
                "ticket": row,
                "place": presentation.place_text(row),
                "category": rules().category_name(row.category_id),
                "then": words[row.state_then],  # type: ignore[attr-defined]
                "now": row.get_state_display(),
                "kind": _PILLS.get(row.state, "line"),
            }
            for row in rows
        ],
        "counts": [{"key": words[state], "value": number} for state, number in counts.items()],
        "hidden": report.number - len(rows),
        "as_of": local_time(clock.now()),
        "may_open_campaign": bool(actor.role_kinds & DESK_KINDS),
    }
    return render(request, "desk/batch_report.html", context)
