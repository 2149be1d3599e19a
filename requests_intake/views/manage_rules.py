"""The district's own rules: way up, work calendar, time limits. For its administrator."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from governance.accounts.guards import staff_required
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar import SHANGHAI
from governance.kernel.calendar_store import work_calendar
from governance.kernel.idempotency import request_hash
from governance.kernel.keyed import KeyedForm, act_once
from governance.kernel.models import CalendarDay, CalendarYear
from governance.kernel.tenancy.context import current_district
from requests_intake import sla
from requests_intake.actions import settings
from requests_intake.forms.settings import LEVELS, LIMITS, DaysForm, PathForm
from requests_intake.forms.settings_policy import LEVEL_LIMITS, PolicyForm
from requests_intake.models import Clock, LimitPolicy
from requests_intake.policy_effect import LOOKED_BACK, effect_of

administrator_required = staff_required(kinds={"district_admin"})


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def path(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    now = current_district().escalation_path
    form = PathForm(request.POST if request.method == "POST" else None, initial={"levels": now})

    def act() -> None:
        settings.set_escalation_path(form.cleaned_data["levels"], actor=actor)

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("上报路径改好了"))
        return redirect("manage:path")
    context = {"form": form, "now": " → ".join(str(LEVELS.get(level, level)) for level in now)}
    return render(request, "manage/path.html", context, status=422 if form.is_bound else 200)


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def calendar(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    this_year = clock.today().year
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and 2004 <= int(asked) <= this_year + 5 else this_year + 1
    form = DaysForm(request.POST if request.method == "POST" else None, year=year)

    def act() -> None:
        whole = year if form.cleaned_data["whole_year"] else None
        settings.set_calendar_days(form.days(), whole_year=whole, actor=actor)

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("工作日历记下了；正在走的时限不变"))
        return redirect(f"{request.path}?year={year}")
    found = work_calendar()
    context = {
        "form": form,
        "year": year,
        "years": list(range(this_year - 1, this_year + 4)),
        "days": CalendarDay.objects.filter(day__year=year).order_by("day"),
        "is_published": found.is_published(year),
        "is_own": CalendarYear.objects.filter(year=year).exists(),
        "beyond": clocks_beyond(),
    }
    return render(request, "manage/calendar.html", context, status=422 if form.is_bound else 200)


def clocks_beyond() -> dict[str, int] | None:
    """How many running clocks end in or after the first year whose schedule is not known; None where there is none."""
    published = work_calendar().published_years
    year = clock.today().year
    while year in published:
        year += 1
    start = datetime.combine(date(year, 1, 1), time.min, SHANGHAI)
    count = Clock.objects.filter(stopped_at=None, due_at__gte=start).count()
    return {"year": year, "count": count} if count else None


@administrator_required
@require_POST
def remove_day(request: HttpRequest, pk: int) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    row = get_object_or_404(CalendarDay, pk=pk)
    year = row.day.year
    form = KeyedForm(request.POST)
    if act_once(request, form, lambda: settings.remove_calendar_day(row, actor=actor)):
        messages.success(request, _("{day} 又按全国日历").format(day=row.day))
    return redirect(f"{reverse('manage:calendar')}?year={year}")


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def policy(request: HttpRequest) -> HttpResponse:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    versions = list(LimitPolicy.objects.order_by("-version")[:10])
    newest = versions[0]
    form = PolicyForm(request.POST if request.method == "POST" else None, document=newest.document)
    context: dict[str, Any] = {
        "form": form,
        "versions": versions,
        "newest": newest,
        "waits": newest.valid_from > clock.now(),
        "limits": LIMITS.values(),
        "of_levels": list(LEVEL_LIMITS.values()),
        "days": LOOKED_BACK.days,
    }
    if form.is_bound and form.is_valid():
        document = form.document()
        try:
            wanted = sla.Policy.from_json(document)
        except sla.PolicyError as error:
            form.add_error(error.path if error.path in form.fields else None, settings.policy_sentence(error))
        else:
            # Saved only as it was looked at.
            seen = request_hash(document)
            if request.POST.get("seen") == seen:
                starts = form.cleaned_data["starts_on"]

                def act() -> None:
                    settings.set_limit_policy(
                        document,
                        note=form.cleaned_data["note"],
                        valid_from=datetime.combine(starts, time.min, SHANGHAI) if starts else None,
                        actor=actor,
                    )

                if act_once(request, form, act):
                    messages.success(request, _("新时限存好了；已经答应居民的时间不变"))
                    return redirect("manage:policy")
            else:
                context |= {
                    "effect": effect_of(sla.Policy.from_json(newest.document), wanted),
                    "seen": seen,
                    "is_changed": document != newest.document,
                }
                return render(request, "manage/policy.html", context)
    return render(request, "manage/policy.html", context, status=422 if form.is_bound else 200)
