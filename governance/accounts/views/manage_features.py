"""Switches of features that may only be on with a recorded legal ground. For the district's administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.actions.features import Ground, switch_off, switch_on
from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel import clock, features
from governance.kernel.actors import Actor
from governance.kernel.keyed import KeyedForm, act_once
from governance.kernel.models import FeaturePeriod

administrator_required = staff_required(kinds={"district_admin"})


def _day(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("请选日期。"), "invalid": gettext_lazy("请选日期。")},
    )  # fmt: skip


class GroundForm(KeyedForm):
    document = forms.CharField(label=gettext_lazy("依据的文件"), max_length=120, help_text=gettext_lazy("全名和文号。"))
    clause = forms.CharField(
        label=gettext_lazy("条款"), max_length=60, help_text=gettext_lazy("例如：第十二条第二款。")
    )
    document_date = _day(gettext_lazy("文件日期"))
    decided_by = forms.CharField(
        label=gettext_lazy("谁决定的"),
        max_length=80,
        help_text=gettext_lazy("单位或会议，例如：区委常委会 11 月 5 日会议。"),
    )
    from_on = _day(gettext_lazy("从哪天起"))
    until_on = _day(gettext_lazy("到哪天止"), gettext_lazy("过了这一天自动关闭，一次最多一年。"))
    acknowledged = forms.BooleanField(
        label=gettext_lazy("我已核对文件原文，知道这个功能没有依据不能用，依据失效时马上关闭"),
        error_messages={"required": gettext_lazy("请确认。")},
    )

    def ground(self) -> Ground:
        said = {name: value for name, value in self.cleaned_data.items() if name != "idempotency_key"}
        return Ground(**said)


@administrator_required
@require_safe
def switches(request: HttpRequest) -> HttpResponse:
    periods = list(FeaturePeriod.objects.filter(ended_at=None, until_on__gte=clock.today()).order_by("from_on"))
    rows = [
        {"feature": each, **_state([row for row in periods if row.code == each.code])} for each in features.features()
    ]
    return render(request, "manage/features.html", {"rows": rows})


def _state(periods: list[FeaturePeriod]) -> dict[str, Any]:
    """``now``: the ground under which it is on today; ``coming``: the next one."""
    today = clock.today()
    return {
        "now": next((row for row in periods if row.from_on <= today), None),
        "coming": next((row for row in periods if row.from_on > today), None),
    }


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def switch(request: HttpRequest, code: str) -> HttpResponse:
    """One switch: its ground and its history; POST records a ground and switches it on."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = _feature(code)
    initial = {"from_on": clock.today()}
    form = GroundForm(request.POST if request.method == "POST" else None, initial=initial)

    def act() -> dict[str, Any]:
        return {"id": switch_on(code, form.ground(), actor=actor).pk}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("“{title}”的依据记下了，到期自动关闭").format(title=found.title))
        return redirect("manage:feature", code)
    history = list(FeaturePeriod.objects.filter(code=code).order_by("-pk"))
    context = {
        "feature": found,
        "form": form,
        "history": _history(history),
        **_state([row for row in reversed(history) if row.ended_at is None and row.until_on >= clock.today()]),
    }
    return render(request, "manage/feature.html", context, status=422 if form.is_bound else 200)


def _feature(code: str) -> features.Feature:
    try:
        return features.feature(code)
    except LookupError:
        raise Http404 from None


def _history(rows: list[FeaturePeriod]) -> list[dict[str, Any]]:
    names = staff_names([*(_member(row.recorded_by) for row in rows), *(_member(row.ended_by) for row in rows)])
    today = clock.today()
    return [
        {
            "row": row,
            "recorded_by": names.get(_member(row.recorded_by) or 0, row.recorded_by),
            "ended_by": names.get(_member(row.ended_by) or 0, row.ended_by),
            "is_over": row.ended_at is None and row.until_on < today,
            "is_coming": row.ended_at is None and row.from_on > today,
        }
        for row in rows
    ]


def _member(principal: str) -> int | None:
    kind, _sep, number = principal.partition(":")
    return int(number) if kind == "member" and number.isdecimal() else None


@administrator_required
@require_POST
def switch_it_off(request: HttpRequest, code: str) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    found = _feature(code)
    form = KeyedForm(request.POST)
    if act_once(request, form, lambda: {"ended": switch_off(code, actor=actor)}):
        messages.success(request, _("“{title}”关了，马上生效").format(title=found.title))
    else:
        messages.warning(request, " ".join(map(str, form.non_field_errors())) or _("没有关成，请再试一次。"))
    return redirect("manage:feature", code)
