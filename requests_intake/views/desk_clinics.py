"""调解坐诊 at the desk: free slots for everybody who answers residents, names and words for the circle alone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.keyed import act_once, once_only, show_once
from governance.kernel.templatetags.ui import masked_phone
from requests_intake import clinic_circle, clinics
from requests_intake.actions.clinic_bookings import (
    book_on_behalf,
    cancel_booking,
    find_booking,
    mark_arrived,
    mark_missed,
    mediate_booking,
    open_booking,
    reveal_booking_phone,
)
from requests_intake.actions.clinics import cancel_clinic, find_clinic, plan_clinics
from requests_intake.actions.mediation_register import find_committee
from requests_intake.forms.clinics import BehalfBookingForm, BookingCaseForm, CancelClinicForm, PlanForm
from requests_intake.mediation import MEDIATOR, visible
from requests_intake.models import ClinicBooking, ClinicDay
from requests_intake.policies import require_recorder
from requests_intake.views.desk_committees import READING
from requests_intake.views.desk_parts import actor_of_page, page_frame
from requests_intake.views.revealing import SEEN_BEFORE
from requests_intake.workflow import RECORDERS

_MARKS = {"arrived": mark_arrived, "missed": mark_missed, "cancel": cancel_booking}
_DONE = {
    "arrived": gettext_lazy("记下了：到场"), "missed": gettext_lazy("记下了：未到"),
    "cancel": gettext_lazy("取消了，号空出来了"),
}  # fmt: skip


@never_cache
@staff_required(kinds=READING)
@require_safe
def roster(request: HttpRequest) -> HttpResponse:
    """Days from today on: all, ``?view=own`` those in whose circle one is; ``?view=past`` of these what is over."""
    actor = actor_of_page(request)
    is_member = clinic_circle.own_members(actor).exists()
    view = request.GET.get("view", "own" if is_member else "all")
    view = view if view in ("own", "all", "past") else "all"
    rows = clinics.desk_rows(actor, own=view != "all", past=view == "past")
    page = Paginator(rows, clinics.PER_PAGE).get_page(request.GET.get("page"))
    url = reverse("desk:clinics")
    words = {"own": _("我值守的"), "all": _("全区"), "past": _("我的，过去的")}
    shown = words if is_member else {"all": words["all"]}
    context = {
        **page_frame(request),
        "page": page,
        "lines": clinics.clinic_lines(list(page.object_list)),
        "view": view,
        "waiting": clinics.waiting(actor) if is_member else 0,
        "segments": [
            {"label": label, "url": f"{url}?view={name}", "current": view == name, "count": None}
            for name, label in shown.items()
        ],
    }
    return render(request, "desk/clinics.html", context)


@staff_required(kinds=READING)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """A committee's coming days."""
    actor, row = actor_of_page(request), find_committee(pk)
    clinic_circle.require_planner(actor, row)
    form = PlanForm(request.POST if request.method == "POST" else None, committee=row)
    said: list[str] = []

    def act() -> dict[str, Any]:
        planned = plan_clinics(row, form.plan(), actor=actor)
        said.append(_("排好了 {number} 天").format(number=len(planned.clinics)))
        if planned.skipped:
            days = "、".join(clinics.day_words(day) for day in planned.skipped)
            said.append(_("放假跳过：{days}").format(days=days))
        return {"days": len(planned.clinics)}

    if form.is_bound and act_once(request, form, act):
        messages.success(request, "，".join(said) or _("排好了"))
        return redirect("desk:committee", pk=pk)
    context = {**page_frame(request), "form": form, "committee": row, "back": reverse("desk:committee", args=[pk])}
    return render(request, "desk/clinic_plan.html", context, status=422 if form.is_bound else 200)


@never_cache
@staff_required(kinds=READING)
@require_safe
def clinic(request: HttpRequest, pk: int) -> HttpResponse:
    """A day slot by slot. Those inside see who comes and say who came; others see what is free."""
    actor, row = actor_of_page(request), find_clinic(pk)
    return _day(request, actor, row)


def _day(request: HttpRequest, actor: Actor, row: ClinicDay) -> HttpResponse:
    reads = clinic_circle.is_inside(actor, row)
    slots = [] if row.cancelled_at else clinics.slot_rows(row, reads=reads)
    today = clock.today()
    context = {
        **page_frame(request),
        "clinic": row,
        "committee": row.committee,
        "day": clinics.day_words(row.day),
        "hours": clinics.hours_words(row),
        "on_duty": clinics.on_duty(row, actor),
        "reads": reads,
        "slots": slots,
        "free": sum(not slot["is_taken"] and not slot["is_over"] for slot in slots),
        "called_off": clinics.called_off(row) if reads and row.cancelled_at else [],
        "may_mark": reads and row.day <= today,
        "may_book": bool(actor.role_kinds & RECORDERS),
        "may_plan": clinic_circle.plans(actor, row.committee) and row.cancelled_at is None and row.day >= today,
    }
    return render(request, "desk/clinic.html", context)


@staff_required(kinds=READING)
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks why, then calls the day off; who had booked is told."""
    actor, row = actor_of_page(request), find_clinic(pk)
    clinic_circle.require_planner(actor, row.committee)
    form = CancelClinicForm(request.POST if request.method == "POST" else None)

    def act() -> None:
        cancel_clinic(row, reason=form.cleaned_data["reason"], actor=actor)

    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("取消了，约好的居民会收到消息"))
        return redirect("desk:clinic", pk=pk)
    context = {
        **page_frame(request), "form": form, "clinic": row, "day": clinics.day_words(row.day),
        "number": row.bookings.filter(state=ClinicBooking.State.BOOKED).count(),
        "back": reverse("desk:clinic", args=[pk]),
    }  # fmt: skip
    return render(request, "desk/clinic_cancel.html", context, status=422 if form.is_bound else 200)


@staff_required(kinds=READING)
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, pk: int, slot: int) -> HttpResponse:
    """代约: somebody is on the phone. What was written is not shown again to who wrote it down."""
    actor, row = actor_of_page(request), find_clinic(pk)
    require_recorder(actor)
    if not 1 <= slot <= row.slots:
        raise Http404
    form = BehalfBookingForm(request.POST if request.method == "POST" else None)

    def act() -> dict[str, Any]:
        return {"booking": book_on_behalf(row, form.booking(slot), actor=actor).pk}

    if form.is_bound and act_once(request, form, act):
        words = _("约好了：{day} {time}，{slot}号。请告诉本人。")
        when = clinics.slot_time(row, slot)
        messages.success(request, words.format(day=clinics.day_words(row.day), time=when, slot=slot))
        return redirect("desk:clinic", pk=pk)
    context = {
        **page_frame(request), "form": form, "clinic": row, "committee": row.committee, "slot": slot,
        "day": clinics.day_words(row.day), "time": clinics.slot_time(row, slot),
        "back": reverse("desk:clinic", args=[pk]),
    }  # fmt: skip
    return render(request, "desk/clinic_book.html", context, status=422 if form.is_bound else 200)


@never_cache
@staff_required(kinds=READING)
@require_safe
def booking(request: HttpRequest, pk: int) -> HttpResponse:
    """Who it is and what they wrote; that it was opened is on record."""
    actor = actor_of_page(request)
    return _booking(request, open_booking(find_booking(pk), actor=actor))


def _booking(request: HttpRequest, row: ClinicBooking, *, phone: str = "", refused: str = "") -> HttpResponse:
    begun = row.clinic.begins(row.slot) <= clock.now()
    is_day = row.day <= clock.today()
    marks = row.state in ("booked", "arrived", "missed") and is_day
    context = {
        **page_frame(request),
        "booking": row,
        "clinic": row.clinic,
        "committee": row.clinic.committee,
        "when": f"{clinics.day_words(row.day)} {clinics.slot_time(row.clinic, row.slot)}",
        "masked": masked_phone(row.phone) if row.phone else "",
        "phone": phone,
        "refused": refused,
        "may_arrive": marks and row.state != "arrived",
        "may_miss": marks and begun and row.state != "missed",
        "may_cancel": row.state == "booked" and not begun,
        "case": visible(actor_of_page(request)).filter(pk=row.case_id).first() if row.case_id else None,
        "may_case": row.state in ("booked", "arrived") and is_day and MEDIATOR in actor_of_page(request).role_kinds,
    }
    return render(request, "desk/clinic_booking.html", context, status=409 if refused else 200)


@never_cache
@staff_required(kinds=READING)
@require_POST
def phone(request: HttpRequest, pk: int) -> HttpResponse:
    """The number in clear on this one answer; recorded like every showing."""
    actor, row = actor_of_page(request), find_booking(pk)
    clinic_circle.require_inside(actor, row.clinic)

    def act() -> None:
        reveal_booking_phone(row, actor=actor)

    try:
        if not show_once(request, act):
            return _booking(request, row, refused=str(SEEN_BEFORE))
    except DomainError as error:
        if error.status in (403, 404):
            raise
        return _booking(request, row, refused=error.message)
    return _booking(request, row, phone=row.phone)


@staff_required(kinds=READING)
@require_POST
@once_only
def mark(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """到场, 未到, 取消. Made again it changes nothing."""
    actor, row = actor_of_page(request), find_booking(pk)
    if verb not in _MARKS:
        raise Http404
    _MARKS[verb](row, actor=actor)
    messages.success(request, str(_DONE[verb]))
    return redirect("desk:clinic", pk=row.clinic_id)


@never_cache
@staff_required(kinds=READING)
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """转为调解案件: the person's name and number go over, what they wrote stands in the form."""
    actor, row = actor_of_page(request), find_booking(pk)
    clinic_circle.require_inside(actor, row.clinic)
    clinic_circle.require_mediator(actor)
    if row.case is not None:
        return redirect("desk:booking", pk=pk)
    open_booking(row, actor=actor)
    form = BookingCaseForm(request.POST if request.method == "POST" else None, booking=row)

    def act() -> dict[str, Any]:
        said = form.cleaned_data
        made = mediate_booking(row, dispute=said["dispute"], facts=said["facts"], others=[form.other()], actor=actor)
        return {"number": made.number}

    if form.is_bound and act_once(request, form, act):
        row = find_booking(pk)
        messages.success(request, _("登记成调解案件了"))
        return redirect("desk:mediation_case", number=row.case.number) if row.case else redirect("desk:booking", pk=pk)
    context = {
        **page_frame(request), "form": form, "booking": row, "committee": row.clinic.committee,
        "back": reverse("desk:booking", args=[pk]),
    }  # fmt: skip
    return render(request, "desk/clinic_case.html", context, status=422 if form.is_bound else 200)
