"""The security administrator's desk for what people ask about their own data."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.errors import DomainError
from governance.kernel.templatetags.ui import masked_phone
from governance.privacy.actions.person_requests import (
    correct_person,
    erase_person,
    erasure_preview,
    give_copy,
    make_request,
    refuse_request,
)
from governance.privacy.forms import CorrectionForm, ErasureForm, RefusalForm, RequestForm
from governance.privacy.models import PersonRequest
from governance.privacy.views.openings import reveal_page
from governance.privacy.words import KEPT, in_words
from grids.views.manage_acts import ActForm, act_page, actor_of_page

PAGE = 30
SECURITY = frozenset({"security_admin"})
security_required = staff_required(kinds=SECURITY)
Wish, State = PersonRequest.Wish, PersonRequest.State


def is_late(row: PersonRequest) -> bool:
    return row.state == State.OPEN and row.due_on < clock.today()


@never_cache
@security_required
@require_safe
def person_requests(request: HttpRequest) -> HttpResponse:
    """What waits first, the nearest deadline on top; or what is done."""
    is_open = request.GET.get("state") != "ended"
    rows = PersonRequest.objects.filter(state=State.OPEN).order_by("due_on", "number")
    ended = PersonRequest.objects.exclude(state=State.OPEN).order_by("-number")
    items = [
        {"label": _("待办理"), "url": request.path, "current": is_open, "count": rows.count()},
        {"label": _("已办完"), "url": f"{request.path}?state=ended", "current": not is_open, "count": ended.count()},
    ]
    page = Paginator(rows if is_open else ended, PAGE).get_page(request.GET.get("page"))
    shown = [{"row": row, "late": is_late(row)} for row in page]
    return render(
        request, "manage/data/requests.html", {"rows": shown, "page": page, "items": items, "is_open": is_open}
    )


@never_cache
@security_required
@sensitive_post_parameters("phone", "name")
@require_http_methods(["GET", "HEAD", "POST"])
def person_request_new(request: HttpRequest) -> HttpResponse:
    form = RequestForm(request.POST if request.method == "POST" else None)

    def act() -> dict[str, Any]:
        said = {name: form.cleaned_data[name] for name in ("wish", "proof", "phone", "name", "words")}
        return {"number": make_request(**said, actor=actor_of_page(request)).number}

    return act_page(
        request,
        form,
        act,
        title=_("登记个人信息申请"),
        what=_("本人当面提出、或来电提出并核对过身份的，在这里登记。15 个工作日内办完。"),
        verb=_("登记"),
        back=reverse("manage:person_requests"),
        done=_("申请登记好了。"),
    )


@never_cache
@security_required
@require_safe
def person_request(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(PersonRequest.objects.select_related("certificate"), pk=pk)
    names = staff_names([row.recorded_by_id, row.ended_by_id])
    pairs = [
        {"key": _("申请事项"), "value": row.get_wish_display()},
        {"key": _("手机号"), "value": masked_phone(row.phone) or _("已清除")},
        {"key": _("身份核对"), "value": row.get_proof_display()},
        {"key": _("谁登记的"), "value": names.get(row.recorded_by_id or 0, _("本人在网上提出"))},
        {"key": _("提出时间"), "value": f"{clock.local(row.created_at):%Y-%m-%d %H:%M}"},
        {"key": _("最迟办完"), "value": f"{row.due_on:%Y-%m-%d}"},
    ]
    if row.ended_at is not None:
        said = f"{clock.local(row.ended_at):%Y-%m-%d %H:%M} {names.get(row.ended_by_id or 0, '')}"
        pairs.append({"key": _("办完时间"), "value": said})
    context = {
        "row": row,
        "pairs": pairs,
        "late": is_late(row),
        "is_open": row.state == State.OPEN,
        "can_copy": row.wish == Wish.EXPORT and row.state != State.REFUSED and bool(row.phone),
    }
    return render(request, "manage/data/request.html", context)


@never_cache
@security_required
@require_POST
def person_request_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """The copy, on this answer only."""
    row = get_object_or_404(PersonRequest, pk=pk)
    try:
        content = give_copy(row, actor=actor_of_page(request))
    except DomainError as error:
        if error.status in (403, 404):
            raise
        messages.error(request, error.message)
        return redirect("manage:person_request", row.pk)
    headers = {
        "Content-Disposition": f'attachment; filename="person-request-{row.number}.zip"',
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(content, content_type="application/zip", headers=headers)


@never_cache
@security_required
@sensitive_post_parameters("new_phone", "new_name")
@require_http_methods(["GET", "HEAD", "POST"])
def person_request_correct(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(PersonRequest, pk=pk)
    form = CorrectionForm(request.POST if request.method == "POST" else None)

    def act() -> dict[str, Any]:
        said = {name: form.cleaned_data[name] for name in ("new_phone", "answer")}
        return {"count": correct_person(row, name=form.cleaned_data["new_name"], **said, actor=actor_of_page(request))}

    return _act(request, row, form, act, _("更正个人信息"), row.words, _("更正"), _("已经更正。"))


@never_cache
@security_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_request_erase(request: HttpRequest, pk: int) -> HttpResponse:
    """Says what will go and what must stay, before it is confirmed."""
    row = get_object_or_404(PersonRequest, pk=pk)
    form = ErasureForm(request.POST if request.method == "POST" else None)

    def act() -> dict[str, Any]:
        said = form.cleaned_data["confirmed"]
        return {"certificate": erase_person(row, confirmed=said, actor=actor_of_page(request)).pk}

    plan = erasure_preview(row.phone) if row.phone else None
    extra: dict[str, Any] = {}
    what = _("没有找到要删除的。")
    if plan is not None and plan.objects:
        what = _("将删除 {n} 项里的姓名、号码、内容、地址、照片、检索词和消息，不能恢复。").format(n=plan.objects)
    if plan is not None and plan.kept:
        extra = {"heads": [_("依法保留"), _("数量")], "rows": in_words(plan.kept, KEPT)}
    return _act(
        request, row, form, act, _("删除个人信息？"), what, _("删除，不能恢复"), _("已经删除，证明见申请。"), extra
    )


@never_cache
@security_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_request_refuse(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(PersonRequest, pk=pk)
    form = RefusalForm(request.POST if request.method == "POST" else None)

    def act() -> dict[str, Any]:
        return {"number": refuse_request(row, answer=form.cleaned_data["answer"], actor=actor_of_page(request)).number}

    what = _("不予办理必须说明理由；申请人可以向法院起诉（个人信息保护法第五十条）。")
    return _act(request, row, form, act, _("不予办理"), what, _("不予办理"), _("已经记下理由。"))


def _act(
    request: HttpRequest,
    row: PersonRequest,
    form: ActForm,
    act: Any,
    title: str,
    what: str,
    verb: str,
    done: str,
    extra: dict[str, Any] | None = None,
) -> HttpResponse:
    back = reverse("manage:person_request", args=[row.pk])
    return act_page(request, form, act, title=title, what=what, verb=verb, back=back, done=done, extra=extra)


@never_cache
@security_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_request_phone(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(PersonRequest, pk=pk)
    return reveal_page(
        request,
        object_kind="person_request",
        object_id=row.pk,
        field="phone",
        masked=masked_phone(row.phone),
        value=partial(str, row.phone),
        back=reverse("manage:person_request", args=[row.pk]),
    )
