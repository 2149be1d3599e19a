"""The templates of the seasons, for the district's administrator."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.guards import staff_required
from governance.kernel.actors import Actor
from governance.kernel.keyed import act_once
from requests_intake.actions.seasons import save_template
from requests_intake.forms.proactive import SeasonForm
from requests_intake.models import SeasonTemplate
from requests_intake.reference import rules

administrator_required = staff_required(kinds={"district_admin"})


@administrator_required
@require_safe
def seasons(request: HttpRequest) -> HttpResponse:
    rows = [
        {"row": row, "category": rules().category_name(row.category_id), "scope": row.get_scope_display()}
        for row in SeasonTemplate.objects.order_by("starts_on", "pk")
    ]
    return render(request, "manage/seasons.html", {"rows": rows})


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def season(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    template = get_object_or_404(SeasonTemplate, pk=pk) if pk is not None else None
    form = SeasonForm(request.POST if request.method == "POST" else None, template=template)

    def act() -> None:
        save_template(template, form.cleaned_data, actor=actor)

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("“{name}”存好了，到日子自动派任务").format(name=form.cleaned_data["name"]))
        return redirect("manage:seasons")
    title = template.name if template else _("加一个季节")
    return render(request, "manage/season.html", {"form": form, "title": title}, status=422 if form.is_bound else 200)
