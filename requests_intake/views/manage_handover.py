"""离任交接 and the end of an organization, for the district's administrator.

Of the work orders an administrator sees number, state and limit alone: what they are about is not theirs to read.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from governance.accounts.models import Membership
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.templatetags.ui import local_time
from grids.models import Organization
from grids.reference import territory
from grids.views.manage_acts import ActForm, DayField, act_page, actor_of_page, administrator_required
from requests_intake.actions.handover import colleagues, end_organization, hand_over, open_orders, orders_in_hand
from requests_intake.models import WorkOrder

SHOWN = 100


class LeaveForm(ActForm):
    """The last day, and for each organization with open orders the colleague who takes them."""

    until = DayField(label=gettext_lazy("在岗的最后一天"))

    def __init__(self, *args: Any, leaver: Membership, organization_ids: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization_ids = sorted(set(organization_ids))
        for pk in self.organization_ids:
            able = [(str(row.membership_id), f"{row.name}（{row.post_name}）") for row in colleagues(pk, leaver)]
            choices = able or [("", _("没有其他人在岗，工单留给单位，显示缺岗"))]
            label = _("{organization}的工单交给").format(organization=territory().organization_name(pk))
            self.fields[f"to_{pk}"] = forms.ChoiceField(label=label, choices=choices, required=bool(able))

    def receivers(self) -> dict[int, int | None]:
        said = {pk: self.cleaned_data[f"to_{pk}"] for pk in self.organization_ids}
        return {pk: int(value) if value else None for pk, value in said.items()}


def _rows(orders: Iterable[WorkOrder]) -> dict[str, Any]:
    rows = [[row.ticket.number, row.get_state_display(), local_time(row.due_at)] for row in orders]
    return {"heads": [_("编号"), _("状态"), _("时限")], "rows": rows}


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """End all posts on a day and hand the open orders over, in one step."""
    member = get_object_or_404(Membership.objects.select_related("user"), pk=pk, kind=Membership.Kind.STAFF)
    orders = list(orders_in_hand(member).select_related("ticket"))
    ids = {row.organization_id for row in orders}
    form = LeaveForm(request.POST or None, leaver=member, organization_ids=ids, initial={"until": clock.today()})

    def act() -> dict[str, Any]:
        until = form.cleaned_data["until"]
        done = hand_over(member, until=until, to=form.receivers(), actor=actor_of_page(request))
        return {"posts": done.posts, "orders": done.orders}

    name = staff_names([pk]).get(pk, member.user.handle)
    what = _("结束全部岗位，不再代理别人；手上 {count} 张没办结的工单马上交给同事，时限不变。").format(
        count=len(orders)
    )
    return act_page(
        request, form, act, title=_("{name}离任交接").format(name=name), what=what, verb=_("离任并交接"),
        back=reverse("manage:person", args=[pk]), done=_("已离任，工单已交接。"), extra=_rows(orders[:SHOWN]),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def organization_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an organization; where orders are open it says how many and which."""
    found = get_object_or_404(Organization, pk=pk, ended_on=None)
    orders = open_orders(found)
    count = orders.count()
    form = ActForm(request.POST or None)
    what = _("空岗位一并撤销，历史工单保留。不能恢复。")
    if count:
        what = _("还有 {count} 张工单没有结束，要先由调度台改派或办结，才能撤销。").format(count=count)
    return act_page(
        request, form, lambda: {"id": end_organization(found, actor=actor_of_page(request)).pk},
        title=_("撤销{name}？").format(name=found.name), what=what, verb=_("撤销"),
        back=reverse("manage:organization", args=[pk]), done=_("单位已撤销。"),
        extra=_rows(orders.select_related("ticket")[:SHOWN]),
    )  # fmt: skip
