"""我们这里的调解室 (S3-05) for everybody; a slot of a clinic day for residents who signed in (S0-21).

Four taps: 调解室 → 约时间 → a slot → 约好. Nothing needs a script.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.models import Resident
from governance.accounts.residents import resident_of
from governance.accounts.sms import gateway
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.idempotency import once, request_hash
from governance.kernel.keyed import KeyedForm
from grids.models import Level
from grids.reference import territory
from requests_intake import clinics
from requests_intake.actions.clinic_bookings import (
    book_for_oneself,
    bookings_of_phone,
    cancel_own_booking,
    find_own_booking,
)
from requests_intake.actions.clinics import find_clinic
from requests_intake.forms.clinics import OwnBookingForm
from requests_intake.forms.places import community_choices
from requests_intake.models import ClinicDay
from requests_intake.views.resident_login import sign_in_first, sign_in_page
from requests_intake.views.resident_session import resident_page

_COMING = 3
"""So many coming days are shown of each room."""


@resident_page
@require_safe
def rooms(request: HttpRequest) -> HttpResponse:
    """The rooms: name, place, hours, office phone, and the coming days. ``?community`` narrows it to one's own."""
    chosen = request.GET.get("community", "")
    known = {str(area.id): area for area in territory().at_level(Level.COMMUNITY)}
    community = known.get(chosen)
    found = clinics.committees(community_id=community.id if community else None)
    page = Paginator(found, clinics.PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    by_room: dict[int, list[ClinicDay]] = {}
    for row in clinics.coming(each.pk for each in shown):
        by_room.setdefault(row.committee_id, []).append(row)
    days = [row for rows in by_room.values() for row in rows[:_COMING]]
    lines = {line["clinic"].pk: line for line in clinics.clinic_lines(days)}
    context = {
        "back_url": reverse("resident:home"),
        "page": page,
        "communities": community_choices(),
        "chosen": chosen if community else "",
        "rows": [
            {
                "committee": row,
                "where": clinics.where_words(row),
                "days": [lines[day.pk] for day in by_room.get(row.pk, ())[:_COMING]],
            }
            for row in shown
        ],
        "may_sign_in": gateway() is not None,
        "resident": resident_of(request),
    }
    return render(request, "resident/mediation.html", context)


@resident_page
@require_safe
def clinic(request: HttpRequest, pk: int) -> HttpResponse:
    """The free slots of a day; who has the others is nobody's business here."""
    row = find_clinic(pk)
    free = [] if row.cancelled_at else clinics.free_slots(row, clinics.taken_slots([row.pk]).get(row.pk, set()))
    context = {
        "back_url": reverse("resident:mediation"),
        **_about(row),
        "slots": [{"slot": slot, "time": clinics.slot_time(row, slot)} for slot in free],
        "may_sign_in": gateway() is not None,
        "resident": resident_of(request),
    }
    return render(request, "resident/clinic.html", context)


def _about(row: ClinicDay) -> dict[str, Any]:
    return {
        "clinic": row,
        "committee": row.committee,
        "day": clinics.day_words(row.day),
        "hours": clinics.hours_words(row),
    }


@sign_in_page
@sensitive_post_parameters("name", "words")
@require_http_methods(["GET", "HEAD", "POST"])
def book(request: HttpRequest, pk: int, slot: int) -> HttpResponse:
    """One form: what one is called, and a few words if one likes. The number is the one signed in with."""
    resident = resident_of(request)
    if resident is None:
        return sign_in_first(request)
    row = find_clinic(pk)
    if not 1 <= slot <= row.slots:
        raise Http404
    form = OwnBookingForm(request.POST if request.method == "POST" else None, resident=resident)
    status = 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                _once(
                    request, resident, form,
                    lambda: {
                        "booking": book_for_oneself(
                            row, form.booking(slot), resident=resident, actor=Actor.public()
                        ).pk
                    },
                )  # fmt: skip
            except DomainError as error:
                if error.status == 404:
                    raise
                form.refused(error)
                status = error.status
            else:
                said = _("约好了：{day} {time}，{slot}号。").format(
                    day=clinics.day_words(row.day), time=clinics.slot_time(row, slot), slot=slot
                )
                messages.success(request, said)
                return redirect("resident:bookings")
    context = {
        "back_url": reverse("resident:clinic", args=[pk]),
        **_about(row),
        "form": form,
        "slot": slot,
        "time": clinics.slot_time(row, slot),
    }
    return render(request, "resident/clinic_book.html", context, status=status)


def _once(request: HttpRequest, resident: Resident, form: KeyedForm, act: Any) -> None:
    said = {name: request.POST.get(name, "") for name in ("name", "words")}
    # Only the hash of what was said is kept, as of every form.
    body = {"path": request.path, "said": request_hash(said)}
    once(principal=f"resident:{resident.pk}", key=form.cleaned_data["idempotency_key"], body=body, act=act)


@sign_in_page
@require_safe
def bookings(request: HttpRequest) -> HttpResponse:
    """我的预约: what was booked with this number, on the page or by staff for them."""
    resident = resident_of(request)
    if resident is None:
        return sign_in_first(request)
    own = bookings_of_phone(resident.phone).select_related("clinic__committee").order_by("-day", "slot", "-pk")
    page = Paginator(own, clinics.PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "back_url": reverse("resident:mediation"),
        "page": page,
        "rows": clinics.own_lines(page.object_list),
    }
    return render(request, "resident/bookings.html", context)


@sign_in_page
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Asks, then gives the slot back."""
    resident = resident_of(request)
    if resident is None:
        return sign_in_first(request)
    row = find_own_booking(pk, resident=resident)
    form = KeyedForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            _once(
                request, resident, form,
                lambda: {"booking": cancel_own_booking(row, resident=resident, actor=Actor.public()).pk},
            )  # fmt: skip
        except DomainError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, _("取消了，号让给别人。"))
        return redirect("resident:bookings")
    when = f"{clinics.day_words(row.day)} {clinics.slot_time(row.clinic, row.slot)}"
    context = {
        "back_url": reverse("resident:bookings"),
        "title": _("不去了？"),
        "what": _("{when}，{slot}号。取消以后号就让给别人，还可以再约。").format(when=when, slot=row.slot),
        "action": reverse("resident:booking_cancel", args=[pk]),
        "verb": _("取消预约"),
        "cancel": _("还是去"),
        "cancel_url": reverse("resident:bookings"),
        "form": form,
    }
    return render(request, "resident/confirm.html", context, status=422 if form.is_bound else 200)
