"""区管理: the registers of impact assessments and of security incidents. There is no way to take an entry out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.actions.offices import save_register_entry
from governance.accounts.guards import staff_required
from governance.accounts.models import ImpactAssessment, SecurityIncident
from governance.accounts.office_forms import AssessmentForm, IncidentForm
from governance.accounts.policies import REGISTER_KEEPERS
from governance.accounts.views.manage_offices import PER_PAGE, actor_of, said
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once


@dataclass(frozen=True)
class Register:
    """One register: its model and form, its day for sorting, and its words."""

    name: str
    label: Any
    note: Any
    model: Any
    form: Any
    newest: str


REGISTERS = {
    row.name: row
    for row in (
        Register(
            "assessments",
            gettext_lazy("影响评估"),
            gettext_lazy("处理敏感信息、自动化决策、对外提供、公开之前先评估（个人信息保护法第五十五、五十六条）。"),
            ImpactAssessment,
            AssessmentForm,
            "-assessed_on",
        ),
        Register(
            "incidents",
            gettext_lazy("安全事件"),
            gettext_lazy("发生或可能发生泄露、篡改、丢失，立即补救并通知（个人信息保护法第五十七条）。"),
            SecurityIncident,
            IncidentForm,
            "-discovered_at",
        ),
    )
}


def _register(name: str) -> Register:
    if name not in REGISTERS:
        raise Http404
    return REGISTERS[name]


@staff_required(kinds=REGISTER_KEEPERS)
@require_safe
def register(request: HttpRequest, name: str) -> HttpResponse:
    """One register, the newest entry first."""
    chosen = _register(name)
    rows = chosen.model.objects.order_by(chosen.newest, "-pk")
    items = [
        {
            "label": row.label,
            "url": reverse("manage:register", args=[row.name]),
            "current": row is chosen,
            "count": row.model.objects.count(),
        }
        for row in REGISTERS.values()
    ]
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"register": chosen, "page": page, "items": items, "is_incidents": chosen.model is SecurityIncident}
    return render(request, "manage/register.html", context)


@staff_required(kinds=REGISTER_KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def new_entry(request: HttpRequest, name: str) -> HttpResponse:
    return _entry_page(request, _register(name), None)


@staff_required(kinds=REGISTER_KEEPERS)
@require_http_methods(["GET", "HEAD", "POST"])
def entry(request: HttpRequest, name: str, pk: int) -> HttpResponse:
    chosen = _register(name)
    return _entry_page(request, chosen, get_object_or_404(chosen.model, pk=pk))


def _entry_page(request: HttpRequest, chosen: Register, known: Model | None) -> HttpResponse:
    form = chosen.form(request.POST if request.method == "POST" else None, instance=known)
    if form.is_bound and form.is_valid():
        actor = actor_of(request)

        def act() -> dict[str, Any]:
            return {"entry": save_register_entry(form.save(commit=False), actor=actor).pk}

        try:
            key = str(form.cleaned_data["idempotency_key"])
            once(principal=actor.principal, key=key, body=said(request), act=act)
        except DomainError as error:
            form.refused(error)
        else:
            messages.success(request, _("登记好了。"))
            return redirect("manage:register", name=chosen.name)
    context = {
        "register": chosen,
        "form": form,
        "known": known,
        "notice": _notice(known) if isinstance(known, SecurityIncident) and not form.is_bound else "",
    }
    return render(request, "manage/register_entry.html", context, status=422 if form.errors else 200)


def _notice(incident: SecurityIncident) -> str:
    """Draft of the notice to the people concerned, with what art. 57 asks for."""
    parts = [
        _("关于“{title}”的告知").format(title=incident.title),
        _("涉及的信息种类：{text}").format(text=incident.data_kinds),
        _("原因：{text}").format(text=incident.cause),
        _("可能造成的危害：{text}").format(text=incident.harm),
        _("我们已采取的补救措施：{text}").format(text=incident.measures),
    ]
    if incident.advice:
        parts.append(_("您可以采取的措施：{text}").format(text=incident.advice))
    parts.append(_("联系方式：{text}").format(text=incident.contact))
    return "\n".join(parts)
