"""What did not reach anybody: the list, trying again, and letting it be. For the district's administrator."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.actions.notifications import give_up_deliveries, retry_deliveries
from governance.accounts.models import Delivery, Notice
from governance.accounts.notifications.recipients import Recipient, names_of
from governance.accounts.notifications.words import error_words
from governance.kernel.keyed import KeyedForm, act_once, new_key
from grids.views.manage_acts import actor_of_page, administrator_required

PAGE = 50
AT_ONCE = 2_000
"""Most that one act on everything found takes; the next one takes the rest."""
LABELS = {
    Delivery.State.DEAD.value: gettext_lazy("要处理"),
    Delivery.State.FAILED.value: gettext_lazy("还在自动重试"),
    Delivery.State.GIVEN_UP.value: gettext_lazy("已放弃"),
}


def _asked(said: QueryDict) -> dict[str, str]:
    """The filters of an address or a form, unknown values left out."""
    state, way, reason = said.get("state", ""), said.get("channel", ""), said.get("reason", "")[:40]
    return {
        "state": state if state in LABELS else Delivery.State.DEAD.value,
        "channel": way if way in Delivery.Channel.values else "",
        "reason": reason,
    }


def _found(asked: dict[str, str]) -> QuerySet[Delivery]:
    rows = Delivery.objects.filter(state=asked["state"]).order_by("-pk")
    if asked["channel"]:
        rows = rows.filter(channel=asked["channel"])
    return rows.filter(last_error=asked["reason"]) if asked["reason"] else rows


@administrator_required
@require_safe
def undelivered(request: HttpRequest) -> HttpResponse:
    asked = _asked(request.GET)
    counts = dict(
        Delivery.objects.filter(state__in=list(LABELS)).values_list("state").annotate(n=Count("pk")).order_by()
    )
    errors = (
        Delivery.objects.filter(state=asked["state"]).exclude(last_error="").values_list("last_error", flat=True)
    ).distinct()
    page = Paginator(_found(asked), PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": _rows(list(page.object_list)),
        "asked": asked,
        "key": new_key(),
        "segments": [
            {
                "label": label,
                "url": f"{request.path}?{urlencode({**asked, 'state': state, 'reason': ''})}",
                "current": state == asked["state"],
                "count": counts.get(state, 0),
            }
            for state, label in LABELS.items()
        ],
        "channels": [
            {"value": value, "label": label, "chosen": value == asked["channel"]}
            for value, label in Delivery.Channel.choices
        ],
        "reasons": [
            {"value": code, "label": error_words(code), "chosen": code == asked["reason"]} for code in sorted(errors)
        ],
    }
    return render(request, "manage/undelivered.html", context)


def _rows(deliveries: list[Delivery]) -> list[dict[str, Any]]:
    names = names_of([Recipient(row.recipient_kind, row.recipient_id) for row in deliveries])
    ids = [int(row.source.partition(":")[2]) for row in deliveries if row.source.startswith("notice:")]
    notices = {f"notice:{pk}": brief for pk, brief in Notice.objects.filter(pk__in=ids).values_list("pk", "brief")}
    return [
        {
            "row": row,
            "to": names.get(Recipient(row.recipient_kind, row.recipient_id), ""),
            # Never the words of the notice: what is shown here is what would be sent.
            "text": row.text or notices.get(row.source) or _("平台上有一条新消息，请登录查看。"),
            "reason": error_words(row.last_error),
        }
        for row in deliveries
    ]


@administrator_required
@require_POST
def act(request: HttpRequest) -> HttpResponse:
    """Try again or give up: those ticked, or everything the filters find."""
    asked = _asked(request.POST)
    form = KeyedForm(request.POST)
    result: dict[str, int] = {}
    gives_up = request.POST.get("act") == "give_up"

    def perform() -> dict[str, Any]:
        verb = give_up_deliveries if gives_up else retry_deliveries
        result["count"] = verb(_chosen(request, asked), actor=actor_of_page(request))
        return dict(result)

    if not act_once(request, form, perform):
        messages.warning(request, " ".join(map(str, form.non_field_errors())) or _("没有做成，请再试一次。"))
    elif not result.get("count"):
        messages.warning(request, _("没有选中要处理的消息。"))
    elif gives_up:
        messages.success(request, _("放弃了 {count} 条，在“已放弃”里还能重发。").format(count=result["count"]))
    else:
        messages.success(request, _("{count} 条正在重发，过一会儿看结果。").format(count=result["count"]))
    return redirect(f"{reverse('manage:undelivered')}?{urlencode(asked)}")


def _chosen(request: HttpRequest, asked: dict[str, str]) -> list[int]:
    if request.POST.get("all"):
        return list(_found(asked).values_list("pk", flat=True)[:AT_ONCE])
    return [int(pk) for pk in request.POST.getlist("delivery")[:PAGE] if pk.isdecimal() and len(pk) < 19]
