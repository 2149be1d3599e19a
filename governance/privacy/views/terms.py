"""Terms, holds and certificates."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.errors import Invalid
from governance.privacy.actions.retention import lift_hold, place_hold, preview, set_term, terms
from governance.privacy.certificates import first_broken
from governance.privacy.forms import HoldForm, LiftForm, TermForm
from governance.privacy.holders import KINDS
from governance.privacy.models import Certificate, LegalHold, PersonRequest, RetentionRule
from governance.privacy.words import KEPT, REMOVED, in_words
from grids.views.manage_acts import act_page, actor_of_page

PAGE = 30
security_required = staff_required(kinds={"security_admin"})


@never_cache
@security_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """个人信息: the ways to everything about people's data, with what waits."""
    waiting = PersonRequest.objects.filter(state=PersonRequest.State.OPEN)
    late = waiting.filter(due_on__lt=clock.today()).count()
    count = waiting.count()
    note = _("{n} 份待办理").format(n=count) if count else _("没有待办理的")
    if late:
        note += "，" + _("{n} 份已过 15 个工作日").format(n=late)
    held = LegalHold.objects.filter(lifted_at=None).count()
    doors = [
        {"title": _("个人信息申请"), "url": reverse("manage:person_requests"), "icon": "user", "note": note},
        {
            "title": _("保存期限"),
            "url": reverse("manage:terms"),
            "icon": "clock",
            "note": _("各类信息留多久，今晚会清除多少"),
        },
        {
            "title": _("冻结"),
            "url": reverse("manage:holds"),
            "icon": "lock",
            "note": _("{n} 件不得清除").format(n=held),
        },
        {
            "title": _("清除证明"),
            "url": reverse("manage:certificates"),
            "icon": "file",
            "note": _("清除了什么、多少、依据哪一版期限"),
        },
        {
            "title": _("查看号码的次数"),
            "url": reverse("manage:allowances"),
            "icon": "eye",
            "note": _("今天谁看了多少，放宽当天上限"),
        },
        {
            "title": _("合规台账"),
            "url": reverse("manage:registers"),
            "icon": "book",
            "note": _("个人信息影响评估、安全事件"),
        },
    ]
    return render(request, "manage/data/home.html", {"doors": doors})


@never_cache
@security_required
@require_safe
def term_list(request: HttpRequest) -> HttpResponse:
    """Every kind: its term, and a dry run of tonight. What can be held, the matters themselves, comes first."""
    ordered = sorted(terms().values(), key=lambda term: not term.kind.object_kind)
    return render(request, "manage/data/terms.html", {"rows": [preview(term) for term in ordered]})


@never_cache
@security_required
@require_http_methods(["GET", "HEAD", "POST"])
def term(request: HttpRequest, code: str) -> HttpResponse:
    kind = KINDS.get(code)
    if kind is None:
        raise Http404
    form = TermForm(request.POST if request.method == "POST" else None, initial={"months": terms()[code].months})

    def act() -> dict[str, Any]:
        said = form.cleaned_data
        return {
            "version": set_term(code, months=said["months"], note=said["note"], actor=actor_of_page(request)).version
        }

    versions = list(RetentionRule.objects.filter(kind=code).order_by("-version"))
    rows = [[row.version, row.months, f"{clock.local(row.set_at):%Y-%m-%d}", row.note] for row in versions]
    bounds = _("从{begins}起算，{least} 到 {most} 个月之间：{why}。").format(
        begins=kind.begins, least=kind.least, most=kind.most, why=kind.why
    )
    return act_page(
        request,
        form,
        act,
        title=_("{label}的保存期限").format(label=kind.label),
        what=f"{bounds}{kind.what}",
        verb=_("存为新版，今晚起用"),
        back=reverse("manage:terms"),
        done=_("新期限存好了。"),
        extra={"heads": [_("版本"), _("月"), _("日期"), _("说明")], "rows": rows} if rows else None,
    )


@never_cache
@security_required
@require_safe
def holds(request: HttpRequest) -> HttpResponse:
    page = Paginator(LegalHold.objects.order_by("lifted_at", "-placed_at", "-pk"), PAGE).get_page(
        request.GET.get("page")
    )
    names = staff_names(pk for row in page for pk in (row.placed_by_id, row.lifted_by_id))
    rows = [
        {"row": row, "by": names.get(row.placed_by_id or 0, ""), "lifted_by": names.get(row.lifted_by_id or 0, "")}
        for row in page
    ]
    return render(request, "manage/data/holds.html", {"rows": rows, "page": page})


@never_cache
@security_required
@require_http_methods(["GET", "HEAD", "POST"])
def hold_new(request: HttpRequest) -> HttpResponse:
    form = HoldForm(request.POST if request.method == "POST" else None)

    def act() -> dict[str, Any]:
        number, reason = form.cleaned_data["number"].strip(), form.cleaned_data["reason"]
        with transaction.atomic():
            for kind in KINDS.values():
                found = kind.find(number) if kind.find else None
                if found:
                    row = place_hold(
                        kind.object_kind, found[0], label=found[1], reason=reason, actor=actor_of_page(request)
                    )
                    return {"hold": row.pk}
        said = _("没有这个编号。")
        raise Invalid("no_object", said, fields={"number": [said]})

    return act_page(
        request,
        form,
        act,
        title=_("冻结一件"),
        what=_("冻结以后，到了期限也不清除，本人申请删除也保留，直到解除。"),
        verb=_("冻结"),
        back=reverse("manage:holds"),
        done=_("已经冻结。"),
    )


@never_cache
@security_required
@require_http_methods(["GET", "HEAD", "POST"])
def hold_lift(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(LegalHold, pk=pk)
    form = LiftForm(request.POST if request.method == "POST" else None)

    def act() -> dict[str, Any]:
        return {"hold": lift_hold(row, reason=form.cleaned_data["reason"], actor=actor_of_page(request)).pk}

    return act_page(
        request,
        form,
        act,
        title=_("解除 {label} 的冻结").format(label=row.label),
        what=_("解除以后，保存期限重新有效，已经到期的今晚清除。"),
        verb=_("解除冻结"),
        back=reverse("manage:holds"),
        done=_("已经解除。"),
    )


@never_cache
@security_required
@require_safe
def certificate_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(Certificate.objects.order_by("-number"), PAGE).get_page(request.GET.get("page"))
    rows = [{"row": row, "kind": kind_name(row)} for row in page]
    return render(request, "manage/data/certificates.html", {"rows": rows, "page": page, "broken": first_broken()})


@never_cache
@security_required
@require_safe
def certificate(request: HttpRequest, pk: int) -> HttpResponse:
    """One certificate, fit to be printed."""
    row = get_object_or_404(Certificate, pk=pk)
    pairs = [
        {"key": _("事项"), "value": row.get_act_display()},
        {"key": _("数据"), "value": kind_name(row)},
        {"key": _("对象数"), "value": str(row.objects_count)},
        {"key": _("时间"), "value": f"{clock.local(row.at):%Y-%m-%d %H:%M:%S}"},
        {"key": _("经办"), "value": staff_names([row.made_by_id]).get(row.made_by_id or 0) or _("系统按期限自动执行")},
    ]
    if row.before is not None:
        version = _("第 {n} 版").format(n=row.rule_version) if row.rule_version else _("平台默认")
        said = _("{months} 个月（{version}），早于 {day}").format(
            months=row.months, version=version, day=f"{clock.local(row.before):%Y-%m-%d}"
        )
        pairs.append({"key": _("依据"), "value": said})
    if row.person_request is not None:
        pairs.append({"key": _("依据"), "value": _("个人信息申请 {n}").format(n=row.person_request)})
    pairs.append({"key": _("校验值"), "value": row.digest})
    context = {
        "row": row,
        "pairs": pairs,
        "removed": in_words(row.removed, REMOVED),
        "kept": in_words(row.kept, KEPT),
    }
    return render(request, "manage/data/certificate.html", context)


def kind_name(row: Certificate) -> str:
    kind = KINDS.get(row.kind)
    return str(kind.label) if kind else _("一个人的个人信息")
