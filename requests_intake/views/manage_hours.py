"""The district's working hours: what holds, what would change, and the versions. For its administrator."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.accounts.guards import staff_required
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar import HoursFrom
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import request_hash
from governance.kernel.keyed import act_once
from governance.kernel.models import WorkHours
from governance.kernel.work_hours import in_force, plan_of, spoken
from requests_intake.actions.settings_hours import changes_nothing, check_start, set_work_hours
from requests_intake.forms.settings import CLASSES, LIMITS
from requests_intake.forms.settings_hours import HoursForm, spoken_span
from requests_intake.hours_effect import HoursEffect, effect_of_hours

_SHOWN = 20


@staff_required(kinds={"district_admin"})
@require_http_methods(["GET", "HEAD", "POST"])
def hours(request: HttpRequest) -> HttpResponse:
    """GET: the hours. POST: first what they would change, then, sent as it was looked at, the new version."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    calendar, today = work_calendar(), clock.today()
    shipped = HoursFrom(date.min, calendar.hours, calendar.seasons)
    now = in_force(calendar.versions, today) or shipped
    # What is edited is what comes last: a version that waits is mended, not forgotten.
    newest = calendar.versions[-1] if calendar.versions else shipped
    form = HoursForm(request.POST if request.method == "POST" else None, now=newest)
    context: dict[str, Any] = {
        "form": form,
        "now": _words(now),
        "since": None if now.since == date.min else now.since,
        "coming": [{**_words(row), "since": row.since} for row in calendar.versions if row.since > today],
        "versions": _versions(),
    }
    if form.is_bound and form.is_valid() and form.plan is not None:
        plan, starts_on = form.plan, form.cleaned_data["starts_on"]
        try:
            check_start(starts_on)
        except DomainError as error:
            form.refused(error)
        else:
            seen = request_hash({**plan.as_json(), "starts_on": starts_on.isoformat()})
            if request.POST.get("seen") == seen:
                note = form.cleaned_data["note"]
                if act_once(
                    request, form, lambda: {"id": set_work_hours(plan, starts_on=starts_on, note=note, actor=actor).pk}
                ):
                    messages.success(request, _("新的工作时间存好了；已经给出的时限不变"))
                    return redirect("manage:hours")
            else:
                context |= {
                    "is_changed": not changes_nothing(plan, starts_on),
                    "effect": _effect(effect_of_hours(plan, starts_on)),
                    "seen": seen,
                }
                return render(request, "manage/hours.html", context)
    return render(request, "manage/hours.html", context, status=422 if form.is_bound else 200)


def _words(version: HoursFrom) -> dict[str, Any]:
    return {
        "hours": spoken(version.hours),
        "seasons": [{"span": spoken_span(row), "hours": spoken(row.hours)} for row in version.seasons],
    }


def _versions() -> list[dict[str, Any]]:
    rows = []
    for row in WorkHours.objects.order_by("-version")[:_SHOWN]:
        plan = plan_of(row.hours, row.seasons)
        rows.append({"row": row, **_words(plan.from_day(row.starts_on))})
    return rows


def _effect(found: HoursEffect) -> dict[str, Any]:
    rows = [
        {
            "what": f"{CLASSES[row.klass]}·{LIMITS[row.name]}",
            "limit": str(row.limit),
            "start": row.start,
            "before": row.before,
            "after": row.after,
            "moves": row.moves,
        }
        for row in found.examples
    ]
    return {"rows": rows, "running": found.running, "moved": sum(row["moves"] for row in rows)}
