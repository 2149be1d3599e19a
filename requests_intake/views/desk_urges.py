"""催办: the list of urges and the same as a workbook."""

from __future__ import annotations

from collections.abc import Iterable
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
from governance.kernel.workbooks import workbook_response
from grids.models import Level
from grids.reference import territory
from requests_intake.models import Note, TicketTransition
from requests_intake.queries import TicketFilter
from requests_intake.sla import Stage
from requests_intake.subscribers import title_told
from requests_intake.urges import MOST_EXPORTED, PER_PAGE, SHOWN_DAYS, URGE_VIEWS, UrgeFilter, urges_of
from requests_intake.views.desk_parts import DESK_KINDS, actor_of_page, filter_fields, page_frame


@staff_required(kinds=DESK_KINDS)
@require_safe
def urges(request: HttpRequest) -> HttpResponse:
    actor, wanted = actor_of_page(request), UrgeFilter.from_query(request.GET)
    page = Paginator(urges_of(actor, wanted), PER_PAGE).get_page(request.GET.get("page"))
    url, kept = reverse("desk:urges"), wanted.as_query()
    kept.pop("view", None)
    same = TicketFilter(organization_id=wanted.organization_id)
    context = {
        **page_frame(request),
        "page": page,
        "rows": _rows(list(page.object_list), request.get_full_path()),
        "segments": [
            {
                "label": label,
                "url": f"{url}?{urlencode({**({'view': view} if view else {}), **kept})}",
                "current": view == wanted.view,
                "count": page.paginator.count if view == wanted.view else None,
            }
            for view, label in URGE_VIEWS.items()
        ],
        "organizations": next(row for row in filter_fields(actor, same) if row["name"] == "organization"),
        "levels": [{"value": value, "label": word, "chosen": value == wanted.level} for value, word in Level.choices],
        "wanted": wanted,
        "narrowed": bool(kept),
        "days": SHOWN_DAYS if wanted.first_day and not wanted.since else 0,
        "export_url": f"{reverse('desk:urges_export')}?{urlencode(wanted.as_query())}",
        "most": MOST_EXPORTED,
    }
    return render(request, "desk/urges.html", context)


def _rows(found: list[TicketTransition], back: str) -> list[dict[str, Any]]:
    """Two statements, whatever their number."""
    notes = dict(Note.objects.filter(transition__in=found).values_list("transition_id", "text"))
    names, places = staff_names(row.actor_id for row in found), territory()
    return [
        {
            "title": title_told(row.ticket),
            "number": row.ticket.number,
            "url": f"{reverse('desk:ticket', args=[row.ticket.number])}?{urlencode({'next': back})}",
            "by": names.get(row.actor_id or 0, "") or _by_clock(row),
            "at": row.at,
            "words": notes.get(row.pk, ""),
            "organization": places.organization_name(row.work_order.organization_id) if row.work_order else "",
            "level": row.work_order.get_level_display() if row.work_order else "",
            "answered_at": row.answered_at,  # type: ignore[attr-defined]
            "ended": row.work_order is not None and (row.work_order.ended_at or row.work_order.resolved_at) is not None,
        }
        for row in found
    ]


def _by_clock(row: TicketTransition) -> str:
    if row.move == "urge":
        return _("系统")
    return _("到时自动：超期催办通知") if row.stage == Stage.NOTICE else _("到时自动：快到时限")


@staff_required(kinds=DESK_KINDS)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The list with the same filters. Restricted matters are named by their number alone; no word of a resident."""
    rows = urges_of(actor_of_page(request), UrgeFilter.from_query(request.GET))[:MOST_EXPORTED]
    header = [
        _("编号"), _("标题"), _("谁催的"), _("什么时候"), _("催的话"), _("催哪个单位"), _("层级"), _("回应时间"),
    ]  # fmt: skip
    name = f"{_('催办')}-{clock.today():%Y%m%d}"
    return workbook_response(name, header, _cells(_rows(list(rows), "")))


def _cells(rows: Iterable[dict[str, Any]]) -> Iterable[list[str]]:
    for row in rows:
        yield [
            row["number"], row["title"], row["by"], _moment(row["at"]), row["words"], row["organization"],
            row["level"], _moment(row["answered_at"]) or _state(row),
        ]  # fmt: skip


def _state(row: dict[str, Any]) -> str:
    return _("没有回应，工单已结束") if row["ended"] else _("没有回应")


def _moment(moment: Any) -> str:
    return f"{clock.local(moment):%Y-%m-%d %H:%M}" if moment else ""
