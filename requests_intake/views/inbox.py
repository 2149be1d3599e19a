"""One's own messages as a list: the same at the desk and on the phone."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from governance.accounts.queries import INBOX, inbox, inbox_counts
from governance.kernel.actors import Actor

PAGE = 30
LABELS = {"unread": gettext_lazy("未读"), "all": gettext_lazy("全部"), "critical": gettext_lazy("特急")}


def shown_of(request: HttpRequest, standard: str) -> str:
    """Which of ``INBOX`` the address asks for."""
    wanted = request.GET.get("show", request.POST.get("show", standard))
    return wanted if wanted in INBOX else standard


def back_to(request: HttpRequest, address: str, standard: str) -> str:
    """The list one came from, as one saw it."""
    show = shown_of(request, standard)
    return address if show == standard else f"{address}?show={show}"


def inbox_page(request: HttpRequest, actor: Actor, *, address: str, standard: str) -> dict[str, Any]:
    """``page``, ``show``, ``segments`` and ``unread`` of an inbox, at the desk and on the phone; three statements."""
    show, counts = shown_of(request, standard), inbox_counts(actor)
    return {
        "page": Paginator(inbox(actor, show), PAGE).get_page(request.GET.get("page")),
        "show": show,
        "unread": counts["unread"],
        "segments": [
            {"label": label, "url": f"{address}?show={name}", "current": name == show, "count": counts[name]}
            for name, label in LABELS.items()
        ],
    }
