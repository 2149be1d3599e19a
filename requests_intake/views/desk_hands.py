"""Several hands at the desk: the pool with its one button a row, and what one's own organization helps with."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from requests_intake.forms.moves import MoveForm, fresh_key
from requests_intake.pool import CLAIMERS
from requests_intake.presentation.hands import own_clocks
from requests_intake.queries import TicketFilter
from requests_intake.views.desk_parts import DESK_KINDS, inbox_url

EMPTY = {
    "pool": gettext_lazy("派给您单位、还没有人接的会排在这里。单位里只有一个人能接的，直接在“待签收”里。"),
    "helping": gettext_lazy("别的单位主办、请您单位协办的会排在这里，按您自己的时限从少到多。"),
}
"""What an empty queue says of itself."""


@staff_required(kinds=CLAIMERS & DESK_KINDS)
@require_safe
def pool(request: HttpRequest) -> HttpResponse:
    """接单池: a queue of the inbox, with its filters, pages and keys. Its address is short, to be kept and sent."""
    return redirect(inbox_url(TicketFilter.from_query({**request.GET.dict(), "queue": "pool"})))


def dressed(rows: list[dict[str, Any]], queue: str, actor: Actor) -> list[dict[str, Any]]:
    """The rows of a list with what only this queue has: a button that claims, or the co-handler's own clock."""
    if queue == "pool":
        return [{**row, "act": _claims(row)} for row in rows]
    if queue == "helping" and rows:
        own = own_clocks([row["id"] for row in rows], actor)
        return [{**row, "left": own[row["id"]]["text"], "state": own[row["id"]]["state"]} for row in rows]
    return rows


def _claims(row: dict[str, Any]) -> dict[str, str]:
    return {"label": _("接单"), "url": reverse("desk:move", args=[row["number"], "claim"]), "key": fresh_key()}


def too_late_to_claim(request: HttpRequest, form: MoveForm, back: str) -> HttpResponse:
    """Somebody else was faster: one reads who, and the list stays where it was."""
    for sentences in form.errors.values():
        for sentence in sentences:
            messages.warning(request, str(sentence))
    return redirect(back)
