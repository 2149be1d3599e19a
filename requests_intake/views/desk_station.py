"""民呼必应工作站收件: one inbox of all channels for the staff of a community (S3-13)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from governance.kernel import clock
from governance.kernel.templatetags.ui import local_time
from grids.reference import territory
from requests_intake import presentation
from requests_intake.channels import channel_choices, channel_name
from requests_intake.queries import PAGE_SIZE
from requests_intake.station import (
    STAGES,
    STATION_KINDS,
    StationFilter,
    own_communities,
    stage_counts,
    station_tickets,
    today_by_channel,
)
from requests_intake.views.desk_parts import actor_of_page, page_frame


@staff_required(kinds=STATION_KINDS)
@require_safe
def station(request: HttpRequest) -> HttpResponse:
    actor = actor_of_page(request)
    found = StationFilter.from_query(request.GET)
    url = reverse("desk:station")

    def address(**changes: Any) -> str:
        query = StationFilter(**{**found.__dict__, **changes}).as_query()
        return f"{url}?{urlencode(query)}" if query else url

    counts = stage_counts(actor, found)
    page = Paginator(station_tickets(actor, found), PAGE_SIZE).get_page(request.GET.get("page"))
    today, names = today_by_channel(actor), dict(channel_choices())
    places = territory()
    context = {
        **page_frame(request),
        "place": "、".join(places.area_name(pk) for pk in own_communities(actor)),
        "today_total": sum(today.values()),
        "today": [
            {
                "label": names.get(code, code),
                "count": number,
                "url": f"{url}?{urlencode({'channel': code, 'day': clock.today().isoformat()})}",
                "current": found.channel == code and found.day == clock.today(),
            }
            for code, number in sorted(today.items(), key=lambda item: -item[1])
        ],
        "segments": [
            {"label": _("全部"), "url": address(stage=""), "current": not found.stage, "count": sum(counts.values())},
            *(
                {"label": str(label), "url": address(stage=code), "current": found.stage == code, "count": counts[code]}
                for code, (label, _where) in STAGES.items()
            ),
        ],
        "groups": [
            {"label": label, "url": address(group=code, channel=""), "current": found.group == code, "count": None}
            for code, label in (("", _("线上线下")), ("online", _("线上")), ("offline", _("线下")))
        ],
        "channels": [
            {"value": code, "label": name, "chosen": code == found.channel} for code, name in channel_choices()
        ],
        "found": found,
        "day": found.day.isoformat() if found.day else "",
        "narrowed": bool(found.as_query()),
        "page": page,
        "rows": [
            presentation.list_row(ticket)
            | {"side": f"{channel_name(ticket.channel)}·{local_time(ticket.submitted_at)}"}
            for ticket in page.object_list
        ],
    }
    return render(request, "desk/station.html", context)
