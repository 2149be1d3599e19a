"""Opening what is masked: ask why, then show the value on this page alone.

Each showing, and each refusal of a right, is written down by the action that opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from governance.kernel.errors import DomainError
from governance.kernel.keyed import seen_once
from grids.households.actions.reveal import REASONS
from grids.households.forms.households import SEEN_BEFORE, ReasonForm
from grids.households.views.surface import Surface, posted


def opened_page(
    request: HttpRequest, surface: Surface, look: Callable[[str, str], str], read: Callable[[], str], *, title: str,
    what: str, back: str, back_label: str = "", is_phone: bool = False,
    reasons: Mapping[str, str | Promise] = REASONS,
) -> HttpResponse:  # fmt: skip
    """The page that asks, and the page that shows.

    ``look``: opens the value for a reason and words; ``read``: the value for the same form tapped twice, which is one
    showing; ``what``: whose it is; ``is_phone``: a number that can be called.
    """
    form = ReasonForm(posted(request), reasons=reasons)
    context: dict[str, Any] = {"form": form, "title": title, "what": what, "back": back}
    if request.method == "POST" and form.is_valid():
        reason, words = form.cleaned_data["reason"], form.cleaned_data["words"]
        try:
            value = seen_once(request, lambda: look(reason, words), read)
        except DomainError as error:
            if error.status in (403, 404):
                raise
            form.refused(error)
        else:
            if value is not None:
                label = back_label or _("回到这一户")
                context |= {"value": value, "is_phone": is_phone, "reason": reasons[reason], "back_label": label}
                return surface.page(request, "opened", context, heading=title, back=back)
            form.refused(DomainError("seen_before", str(SEEN_BEFORE)))
    return surface.page(request, "open", context, heading=title, back=back, status=422 if form.is_bound else 200)
