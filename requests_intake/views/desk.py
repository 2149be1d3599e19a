"""The desk: inbox with the selected ticket beside the list, and the ticket's full page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.templatetags.ui import local_time
from grids.reference import Holder, territory
from requests_intake import circle, presentation
from requests_intake.actions.restricted import opened_ticket
from requests_intake.campaigns import labels_of
from requests_intake.channels import channel_choices, channel_name
from requests_intake.desks.policies import default_of
from requests_intake.desks.queries import views_of
from requests_intake.desks.rail import views_group, visits_group
from requests_intake.models import Attachment, Ticket
from requests_intake.paging import Place, page_of
from requests_intake.policies import TicketPolicy, find_visible
from requests_intake.presentation.asked import asked_of
from requests_intake.presentation.whistle import ticket_whistles
from requests_intake.queries import QUEUES, TicketFilter, channel_counts, totals_of
from requests_intake.views.desk_batch import batch_actions, batch_moves, urge_all_url
from requests_intake.views.desk_hands import EMPTY, dressed
from requests_intake.views.desk_parts import (
    DESK_KINDS,
    actor_of_page,
    around,
    detail,
    filter_fields,
    first_queue,
    inbox_url,
    page_frame,
    rail,
    safe_next,
)
from requests_intake.workflow import RECORDERS

_SHOWN_STEPS = 4
_ASKING = {"queue", "area", "level", "category", "urgency", "channel", "organization", "face", "q", "after", "before"}
"""Parameters of an address that say which list is wanted."""
_SAME_PLACE_DAYS = 30


@staff_required(kinds=DESK_KINDS)
@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    """Queues, list, and the selected ticket (the first one on wide screens unless one was chosen)."""
    actor = actor_of_page(request)
    views = views_of(actor)
    # An address that asks for nothing opens what the person, or their organization, wants to see first.
    opening = None if _ASKING & request.GET.keys() else default_of(views)
    found = TicketFilter.from_query(opening.query if opening else request.GET, queue=first_queue(actor))
    after, before = Place.read(request.GET.get("after", "")), Place.read(request.GET.get("before", ""))
    page = page_of(actor, found, after=after, before=before)
    tickets = page.rows
    wanted = request.GET.get("ticket", "")
    chosen = next((row for row in tickets if row.number == wanted), None)
    if chosen is None and wanted:
        # It may have left this queue with the last move; it stays in sight while it may be seen.
        chosen = TicketPolicy.visible(actor).filter(number=wanted).first()
    shown = chosen or (tickets[0] if tickets else None)
    # Where the page begins stays in every address that leads back here, so that an act loses no place.
    pages = {"after": after if page.before else None, "before": None if after else before if page.before else None}
    groups = around(actor)
    here, batch = inbox_url(found, **pages), batch_actions(actor)
    context: dict[str, Any] = {
        **page_frame(request, found.text),
        "groups": _with_views(rail(actor, found, groups), visits_group(actor), views_group(actor, found, views)),
        "heading": _heading(found),
        "rows": dressed(
            [
                presentation.list_row(
                    row,
                    url=inbox_url(found, ticket=row.number, **pages),
                    current=row is shown,
                    can=batch_moves(row, actor) if batch else "",
                )
                for row in tickets
            ],
            found.queue,
            actor,
        ),
        "segments": _segments(actor, found, groups),
        "fields": filter_fields(actor, found),
        "hidden": {"queue": found.queue, "q": found.text},
        "narrowed": bool({*found.as_query()} - {"queue"}),
        "clear_url": inbox_url(TicketFilter(queue=found.queue)),
        "has_detail": chosen is not None,
        "list_url": here,
        "counts_url": f"{reverse('desk:counts')}?{urlencode(found.as_query())}",
        "empty": EMPTY.get(found.queue, ""),
        "batch": batch,
        "urge_all_url": urge_all_url(found, actor, here),
        "previous_url": inbox_url(found, before=page.before) if page.before else "",
        "next_url": inbox_url(found, after=page.after) if page.after else "",
    }
    context["total"] = sum(item["count"] for item in context["segments"][1:])
    if shown is not None:
        opened_ticket(shown, actor=actor, page="desk:inbox")
        context["detail"] = detail(request, shown, inbox_url(found, ticket=shown.number, **pages))
        steps = context["detail"]["steps"]
        context["detail"].update(steps=steps[:_SHOWN_STEPS], folded=max(0, len(steps) - _SHOWN_STEPS))
        context["detail"]["place"] = _place(actor, shown)
    return render(request, "desk/inbox.html", context)


def _with_views(groups: list[dict[str, Any]], visits: dict[str, Any], views: dict[str, Any]) -> list[dict[str, Any]]:
    """Visits one owes after one's work; views after the lamps, before what is only looked up."""
    rows = [*groups[:-2], views, *groups[-2:]] if len(groups) > 2 else [*groups, views]
    return [rows[0], visits, *rows[1:]] if visits["items"] else rows


def _heading(found: TicketFilter) -> str:
    if found.text:
        return _("找“{text}”").format(text=found.text)
    area = territory().area_name(found.area_id)
    return "·".join(part for part in (area, str(QUEUES[found.queue].label)) if part)


def _segments(actor: Any, found: TicketFilter, groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """全部, and each channel that has rows here; the counts of the channels add up to the list."""
    if QUEUES[found.queue].is_open and found.as_query().keys() == {"queue"}:
        counts = totals_of(groups, "channel", found.queue)
    else:
        counts = channel_counts(actor, found)
    names = dict(channel_choices())
    everything = {"label": _("全部"), "url": inbox_url(_with(found, "")), "current": not found.channel, "count": None}
    return [everything] + [
        {
            "label": names[code],
            "url": inbox_url(_with(found, code)),
            "current": found.channel == code,
            "count": number,
            "key": f"c-{code}",
        }
        for code, number in sorted(counts.items(), key=lambda item: -item[1])
    ]


def _with(found: TicketFilter, channel: str) -> TicketFilter:
    return TicketFilter(**{**found.__dict__, "channel": channel})


def _place(actor: Any, ticket: Ticket) -> dict[str, Any]:
    """Where it is, and how many visible tickets the same spot had lately. One statement."""
    column = "building_id" if ticket.building_id else "grid_id" if ticket.grid_id else ""
    since = clock.now() - timedelta(days=_SAME_PLACE_DAYS)
    same = {column: getattr(ticket, column), "submitted_at__gte": since} if column else {}
    found = territory()
    areas = [found.area_name(pk) for pk in (ticket.street_id, ticket.grid_id or ticket.community_id)]
    return {
        "text": presentation.place_text(ticket),
        "areas": "·".join(name for name in areas if name),
        "days": _SAME_PLACE_DAYS,
        "same": TicketPolicy.visible(actor).filter(**same).count() if same else 0,
        "same_is_building": column == "building_id",
        "is_known": ticket.located_by != "none",
    }


@staff_required
@require_safe
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    """The whole ticket: levels, clocks, process, words, evidence, who answers. For everybody who may see it; prints."""
    actor = actor_of_page(request)
    found = find_visible(actor, number)
    opened_ticket(found, actor=actor, page="desk:ticket")
    url = reverse("desk:ticket", args=[found.number])
    parts = detail(request, found, url)
    lawful = {button["name"]: button for button in (*parts["buttons"], *parts["more"])}
    context = {
        **page_frame(request),
        "detail": {**parts, "place": _place(actor, found)},
        "asked": asked_of(found, parts["standing"], actor, lawful),
        "rungs": [] if found.is_letter else presentation.ladder(found),
        "evidence": presentation.photo_strip(
            found, Attachment.Purpose.EVIDENCE, Attachment.Purpose.VERIFICATION, captioned=True
        ),
        "facts": _facts(found),
        "labels": labels_of(found),
        "may_label": bool(actor.role_kinds & (DESK_KINDS & RECORDERS)),
        "pills": _pills(found),
        "back_url": safe_next(request, reverse("desk:inbox") if actor.role_kinds & DESK_KINDS else ""),
        "satisfaction": _satisfaction(found),
        **ticket_whistles(found, actor),
        "as_of": local_time(clock.now()),
    }
    return render(request, "desk/ticket.html", context)


def _pills(found: Ticket) -> list[dict[str, str]]:
    left = presentation.remaining(found)
    words = [{"text": found.get_state_display(), "kind": left["state"]}]
    urgent = found.urgency in ("critical", "urgent")
    words.append({"text": found.get_urgency_display(), "kind": "urgent" if urgent else "line"})
    if found.is_restricted:
        words.append({"text": _("限制知悉"), "kind": "hold"})
    for count, text in ((found.rework_count, _("返工 {n} 次")), (found.reopen_count, _("重开 {n} 次"))):
        if count:
            words.append({"text": text.format(n=count), "kind": "line"})
    return words


def _holder(found: Ticket) -> Holder | None:
    """Who answers for it. Of a restricted matter only somebody who may know of it."""
    places = territory()
    if found.is_restricted:
        return next(iter(circle.told(found, places.serving(found.organization_id))), None)
    return places.handler(found.organization_id)


def _facts(found: Ticket) -> list[dict[str, str]]:
    """谁在负责: one statement for the name of who recorded it."""
    places = territory()
    holder = _holder(found)
    pairs = [
        (_("承办单位"), places.organization_name(found.organization_id)),
        (_("当前层级"), found.get_level_display()),
        (_("承办人"), holder.name if holder else _("缺岗")),
        (_("到过最高层级"), found.get_max_level_display()),
        (_("诉求类型"), found.get_request_type_display()),
        (_("渠道"), channel_name(found.channel)),
        (_("来件编号"), found.external_number),
        (_("来件要求办结"), local_time(found.external_due_at)),
        (_("提交"), local_time(found.submitted_at)),
        (_("受理"), local_time(found.accepted_at)),
        (_("承诺办结"), _promise(found)),
        (_("首次办结"), local_time(found.resolved_at)),
        (_("结案"), local_time(found.closed_at)),
    ]
    if found.recorded_by_id:
        pairs.append((_("代为登记"), staff_names([found.recorded_by_id]).get(found.recorded_by_id, "")))
    return [{"key": key, "value": value} for key, value in pairs if value]


def _promise(found: Ticket) -> str:
    """The promise and, where the sender's limit was the stricter one, that it is theirs (S3-13b)."""
    due = local_time(found.promise_due_at)
    return _("{due}（按来件要求）").format(due=due) if found.limit_from == "external" else due


def _satisfaction(found: Ticket) -> dict[str, Any] | None:
    if not found.first_satisfaction:
        return None
    icons = {"satisfied": "good", "so_so": "mid", "unsolved": "bad"}

    def face(value: str, label: str, at: Any) -> dict[str, str]:
        return {"word": label, "icon": icons[value], "note": "", "at": at}

    first = face(found.first_satisfaction, found.get_first_satisfaction_display(), "")
    again = found.final_satisfaction and (found.rework_count or found.final_satisfaction != found.first_satisfaction)
    final = face(found.final_satisfaction, found.get_final_satisfaction_display(), local_time(found.closed_at))
    return {"first": first, "final": final if again else None, "ok": found.final_satisfaction != "unsolved"}
