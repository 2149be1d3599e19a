"""Opening what is masked: ask why, then show the value on this page alone. Each showing is written down."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.kernel.errors import NotFound
from grids.households.presentation.places import place_words
from grids.households.views.opening import opened_page
from grids.households.views.surface import Surface, actor_of, keepers_page
from grids.visits.actions.reveal import OPENED, find_opened, reveal_findings, reveal_value
from grids.visits.models import CareContact, CareLink, ContactMember
from grids.visits.policies import find_care, find_visit


@keepers_page
@require_http_methods(["GET", "HEAD", "POST"])
def findings(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """What a colleague wrote down at a visit."""
    actor = actor_of(request)
    row = find_visit(actor, pk)

    def look(reason: str, words: str) -> str:
        return reveal_findings(row, reason=reason, words=words, actor=actor)

    return opened_page(
        request, surface, look, lambda: row.findings, title=_("看走访时记的话"), what=place_words(row.household),
        back=surface.url("household", row.household_id),
    )  # fmt: skip


@keepers_page
@require_http_methods(["GET", "HEAD", "POST"])
def value(request: HttpRequest, kind: str, pk: int, field: str, surface: Surface) -> HttpResponse:
    """A masked value of the ledger of care or of a contact member."""
    if field not in OPENED.get(kind, {}):
        raise NotFound("no_value", _("没有这一项。"))
    actor = actor_of(request)
    row = find_opened(actor, kind, pk)
    titles = {"needs": _("看要帮什么"), "phone": _("看电话"), "name": _("看姓名"), "findings": _("看记的话")}

    def look(reason: str, words: str) -> str:
        return reveal_value(kind, pk, field, reason=reason, words=words, actor=actor)

    if isinstance(row, ContactMember):
        what, back, label = row.public_name, surface.url("member", row.pk), _("回到联系党员")
    else:
        care_id = row.link.care_id if isinstance(row, CareContact) else row.care_id if isinstance(row, CareLink) else pk
        what, back, label = place_words(find_care(actor, care_id).household), surface.url("care_of", care_id), ""

    def read() -> str:
        return str(getattr(row, OPENED[kind][field]))

    return opened_page(
        request, surface, look, read, title=titles[field], what=what, back=back, back_label=label,
        is_phone=field == "phone",
    )  # fmt: skip
