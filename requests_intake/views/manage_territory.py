"""The end of an area, for the district's administrator: first what still lives there, and where it can go.

Of the tickets an administrator sees number, state and limit alone: what they are about is not theirs to read.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.kernel import clock
from governance.kernel.templatetags.ui import local_time
from grids.actions.areas import OWN_KINDS, stands_in_the_way
from grids.models import Area
from grids.reference import territory
from grids.views.manage_acts import actor_of_page, administrator_required, perform
from grids.views.place_forms import EndAreaForm
from requests_intake.actions.territory import end_area, shown_tickets
from requests_intake.models import Ticket

SHOWN = 50


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def area_end(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Area, pk=pk, ended_on=None)
    if found.level not in OWN_KINDS:
        raise Http404
    form = EndAreaForm(request.POST or None, initial={"on": clock.today()})
    back = reverse("manage:areas")

    def act() -> dict[str, Any]:
        return {"id": end_area(found, on=form.cleaned_data["on"], actor=actor_of_page(request)).pk}

    if request.method == "POST" and perform(request, form, act):
        messages.success(request, _("{name}已停用。").format(name=found.name))
        return redirect(f"{back}?open={found.parent_id}")
    tickets = shown_tickets(found)
    count = tickets.count()
    blocks = _blocks(found)
    context = {
        "area": found,
        "form": form,
        "blocks": blocks,
        "count": count,
        "tickets": [_ticket(row) for row in tickets[:SHOWN]],
        "may_end": not blocks and not count,
        "back": reverse("manage:area", args=[pk]),
    }
    return render(request, "manage/areas/end.html", context, status=422 if form.is_bound else 200)


def _ticket(row: Ticket) -> list[str]:
    limit = row.order_due_at or row.promise_due_at
    return [row.number, row.get_state_display(), local_time(limit) if limit else ""]


def _blocks(area: Area) -> list[dict[str, str]]:
    """What of the register is in the way: a sentence, and the page where it is moved or ended."""
    own = territory().own.get(area.pk)
    said = {
        "areas": (_("{n} 个下级区域还在用"), reverse("manage:area", args=[area.pk]), _("先停用它们")),
        "buildings": (_("{n} 栋楼在这里"), f"{reverse('manage:buildings')}?in=g{area.pk}", _("勾选后移到别的网格")),
        "compounds": (_("{n} 个小区在这里"), f"{reverse('manage:compounds')}?community={area.pk}", _("先停用它们")),
        "holders": (
            _("{n} 人在岗（或即将到任）"),
            reverse("manage:organization", args=[own]) if own else reverse("manage:organizations"),
            _("先办离任"),
        ),
        "organizations": (_("{n} 个物业、辖区单位服务这里"), reverse("manage:organizations"), _("先改服务范围")),
    }
    return [
        {"text": said[name][0].format(n=count), "url": said[name][1], "action": said[name][2]}
        for name, count in stands_in_the_way(area).items()
    ]
