"""Opening masked values on pages, who opened what, and the caps of a day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.models import Membership, PlatformFeedback
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.masking import mask_contact
from governance.privacy.actions.disclose import cap_of, disclose, grant_allowance
from governance.privacy.forms import AllowanceForm, RevealForm
from governance.privacy.models import Disclosure
from governance.privacy.queries import described, openings, openings_today
from grids.views.manage_acts import act_page, actor_of_page, administrator_required, perform

PAGE = 50


def reveal_page(
    request: HttpRequest,
    *,
    object_kind: str,
    object_id: int,
    field: str,
    masked: str,
    value: Callable[[], str],
    back: str,
) -> HttpResponse:
    """Ask for the reason, then show the value on this answer alone. The view has checked the right."""
    form = RevealForm(request.POST if request.method == "POST" else None)
    shown: dict[str, str] = {}

    def act() -> dict[str, Any]:
        shown["value"] = disclose(
            object_kind=object_kind,
            object_id=object_id,
            field=field,
            reason=form.cleaned_data["reason"],
            words=form.cleaned_data["words"],
            actor=actor_of_page(request),
            value=value,
        )
        return {}

    context: dict[str, Any] = {"back": back}
    if request.method == "POST" and perform(request, form, act):
        # Sent again, the form shows nothing: what was shown once is opened anew.
        context |= {"value": shown.get("value", ""), "reason": Disclosure.Reason(form.cleaned_data["reason"]).label}
        return render(request, "manage/data/opened_value.html", context)
    context |= {
        "form": form,
        "title": _("显示 {masked} 的全部？").format(masked=masked),
        "what": _("谁在什么时候、为什么看过，会记下来，本人也看得到。"),
        "verb": _("显示"),
    }
    return render(request, "manage/people/act.html", context, status=422 if form.is_bound else 200)


@never_cache
@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def feedback_contact(request: HttpRequest, pk: int) -> HttpResponse:
    """How somebody who spoke of the platform may be reached."""
    row = get_object_or_404(PlatformFeedback, pk=pk)
    return reveal_page(
        request,
        object_kind="feedback",
        object_id=row.pk,
        field="contact",
        masked=mask_contact(row.contact),
        value=lambda: row.contact,
        back=reverse("manage:feedback_item", args=[row.pk]),
    )


@never_cache
@staff_required(kinds={"audit_admin"})
@require_safe
def disclosures(request: HttpRequest) -> HttpResponse:
    """Everything that was opened in the district; of one person, where the address says so."""
    rows, said = openings(), request.GET.get("who", "")
    who = int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None
    if who is not None:
        rows = rows.filter(membership_id=who)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    name = staff_names([who]).get(who or 0, "")
    context = {"rows": described(list(page)), "page": page, "name": name, "is_narrow": who is not None}
    return render(request, "manage/data/disclosures.html", context)


@never_cache
@staff_required(kinds={"security_admin"})
@require_safe
def allowances(request: HttpRequest) -> HttpResponse:
    """How often each has opened values today, and who may have more."""
    return render(
        request, "manage/data/allowances.html", {"rows": openings_today(), "usual": settings.REVEAL_DAILY_CAP}
    )


@never_cache
@staff_required(kinds={"security_admin"})
@require_http_methods(["GET", "HEAD", "POST"])
def allowance_new(request: HttpRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(Membership, pk=pk)
    name = staff_names([pk]).get(pk, "")
    form = AllowanceForm(request.POST if request.method == "POST" else None)

    def act() -> dict[str, Any]:
        said = form.cleaned_data
        row = grant_allowance(member, cap=said["cap"], reason=said["reason"], actor=actor_of_page(request))
        return {"allowance": row.pk}

    cap = cap_of(pk, clock.today())
    return act_page(
        request,
        form,
        act,
        title=_("放宽{name}今天的上限").format(name=name),
        what=_("现在是 {cap} 次。只管今天，明天恢复平常的上限；放宽会记入审计。").format(cap=cap),
        verb=_("放宽"),
        back=reverse("manage:allowances"),
        done=_("今天的上限放宽了。"),
    )
