"""出诊、坐诊 (S0-21): days a committee plans, slots residents book, who came, and who may know of it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from governance.accounts.actions.notifications import Wanted, change_notification_settings
from governance.accounts.models import Delivery, Notice
from governance.kernel import clock, reference
from governance.kernel.actors import Actor
from governance.kernel.calendar import SHANGHAI
from governance.kernel.crypto import keyed_hash
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_transaction
from governance.privacy.holders import HOLDERS
from governance.privacy.models import Disclosure
from requests_intake import clinic_circle, clinics
from requests_intake.actions.clinic_bookings import (
    BookingSaid,
    book_on_behalf,
    cancel_booking,
    cancel_own_booking,
    mark_arrived,
    mark_missed,
    mediate_booking,
    open_booking,
    remind_bookings,
    reveal_booking_phone,
)
from requests_intake.actions.clinics import ClinicPlan, cancel_clinic, plan_clinics
from requests_intake.actions.mediation import Party
from requests_intake.models import ClinicBooking, ClinicDay, ClinicDuty
from requests_intake.privacy_clinics import _due
from requests_intake.tasks import remind_clinic_bookings
from tests.clinics import PHONE, WORDS, booked, clinic_of, committee_of, member_of, resident_with
from tests.mediators import a_mediator
from tests.world import World, make_district

FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)
MONDAY = date(2026, 11, 23)
OTHER = "13912345678"
in_a_test = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at() -> Iterator[Any]:
    with time_machine.travel(FRIDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def messages(world: World, settings: Any) -> None:
    settings.SMS_GATEWAY = "http"
    settings.SMS_HTTP = {
        **settings.SMS_HTTP,
        "URL": "http://127.0.0.1:9/sms",
        "TEXT_BODY": {"to": "{phone}", "say": "{text}"},
    }
    change_notification_settings(Wanted(sms_to_residents=True), actor=world.admin)
    reference.forget_everything()


def texts(kind: str) -> list[str]:
    return list(Delivery.objects.filter(kind=f"resident.clinic_{kind}").order_by("pk").values_list("text", flat=True))


def plan(world: World, **changes: Any) -> ClinicPlan:
    committee = committee_of(world)
    member = member_of(world, committee, "secretary")
    values = {"day": MONDAY, "opens_at": time(9), "closes_at": time(12), "slot_minutes": 30, "members": (member.pk,)}
    return ClinicPlan(**{**values, **changes})


def committee(world: World) -> Any:
    return clinics.committees().get()


# ---------------------------------------------------------------- planning
@in_a_test
def test_a_day_is_cut_into_slots_and_a_last_short_one_is_none(world: World) -> None:
    wanted = plan(world, closes_at=time(10, 50))
    clinic = plan_clinics(committee(world), wanted, actor=world.secretary).clinics[0]
    assert clinic.slots == 3
    assert [clinics.slot_time(clinic, slot) for slot in (1, 2, 3)] == ["09:00", "09:30", "10:00"]
    assert clinic.place == "春晓社区服务中心二楼"


@in_a_test
def test_weekly_days_leave_out_holidays_and_say_which(world: World) -> None:
    wanted = plan(world, day=date(2026, 12, 18), weeks=4)  # Fridays; 1 January 2027 is one
    planned = plan_clinics(committee(world), wanted, actor=world.secretary)
    assert [row.day for row in planned.clinics] == [date(2026, 12, 18), date(2026, 12, 25), date(2027, 1, 8)]
    assert planned.skipped == [date(2027, 1, 1)]
    assert ClinicDuty.objects.count() == 3


@in_a_test
def test_a_saturday_is_no_holiday_but_one_within_a_holiday_is(world: World) -> None:
    wanted = plan(world, day=date(2026, 12, 26), weeks=2)  # Saturdays; the second follows New Year's Day
    planned = plan_clinics(committee(world), wanted, actor=world.secretary)
    assert ([row.day for row in planned.clinics], planned.skipped) == ([date(2026, 12, 26)], [date(2027, 1, 2)])


@in_a_test
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"day": date(2026, 11, 19)}, "day"), ({"day": date(2027, 1, 1)}, "day"), ({"day": date(2027, 8, 2)}, "day"),
        ({"closes_at": time(9)}, "closes_at"), ({"closes_at": time(9, 20)}, "closes_at"),
        ({"slot_minutes": 7}, "slot_minutes"), ({"weeks": 13}, "weeks"), ({"members": ()}, "members"),
        ({"mode": "outreach"}, "place"), ({"mode": "joint"}, "mode"),
        ({"slot_minutes": 15, "closes_at": time(20)}, "slot_minutes"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_plan_is_said_at_its_field(world: World, changes: dict[str, Any], field: str) -> None:
    wanted = plan(world, **changes)
    with pytest.raises(Invalid) as refused:
        plan_clinics(committee(world), wanted, actor=world.secretary)
    assert field in refused.value.fields
    assert not ClinicDay.objects.exists()


@in_a_test
def test_two_clinics_of_a_committee_do_not_overlap(world: World) -> None:
    wanted = plan(world)
    plan_clinics(committee(world), wanted, actor=world.secretary)
    with pytest.raises(Invalid, match="需要修改") as refused:
        plan_clinics(committee(world), ClinicPlan(**{**vars(wanted), "opens_at": time(11)}), actor=world.secretary)
    assert "11月23日" in refused.value.fields["day"][0]
    later = ClinicPlan(**{**vars(wanted), "opens_at": time(14), "closes_at": time(16)})
    plan_clinics(committee(world), later, actor=world.secretary)


@in_a_test
def test_the_committee_and_its_street_plan_and_nobody_else(world: World) -> None:
    wanted = plan(world)
    for name in ("staff", "worker", "other_dispatcher", "center", "official", "handler"):
        with pytest.raises(NotAllowed):
            plan_clinics(committee(world), wanted, actor=world.actor(name))
    plan_clinics(committee(world), wanted, actor=world.dispatcher)


@in_a_test
def test_somebody_on_duty_or_a_keeper_can_sign_in(world: World) -> None:
    wanted = plan(world)
    elder = member_of(world, committee(world), "", name="孙老师", profession="elder")
    alone = ClinicPlan(**{**vars(wanted), "members": (elder.pk,)})
    with pytest.raises(Invalid) as refused:
        plan_clinics(committee(world), alone, actor=world.secretary)
    assert set(refused.value.fields) == {"members"}
    member_of(world, committee(world), "staff", is_keeper=True)
    plan_clinics(committee(world), alone, actor=world.secretary)


# ---------------------------------------------------------------- booking
@in_a_test
def test_a_resident_gets_a_number_and_those_on_duty_hear_of_it(world: World, messages: None) -> None:
    """S0-21: book a clinic slot → resident."""
    clinic = clinic_of(world, MONDAY)
    booking = booked(clinic, 2)
    assert (booking.slot, booking.day, booking.state) == (2, MONDAY, "booked")
    assert texts("booked") == ["您约好了11月23日09:302号，地点春晓社区服务中心二楼。不来请提前取消或拨0374-3351234。"]
    told = Notice.objects.filter(kind="clinic_new")
    assert set(told.values_list("membership_id", flat=True)) == {
        world.members["secretary"].pk,
        world.members["staff"].pk,
    }
    assert clinics.free_slots(clinic, clinics.taken_slots([clinic.pk])[clinic.pk]) == [1, 3, 4, 5, 6]


@in_a_test
def test_a_slot_is_never_booked_twice(world: World) -> None:
    clinic = clinic_of(world, MONDAY)
    first = booked(clinic, 2)
    with pytest.raises(DomainError) as refused:
        booked(clinic, 2, OTHER)
    assert refused.value.code == "slot_taken"
    again = ClinicBooking(
        clinic=clinic, day=clinic.day, slot=2, phone=OTHER, phone_hash=keyed_hash(OTHER), created_at=clock.now()
    )
    with pytest.raises(IntegrityError, match="clinic_slot_once"), transaction.atomic():
        again.save()
    cancel_own_booking(first, resident=resident_with(), actor=Actor.public())
    assert booked(clinic, 2, OTHER).slot == 2


@in_a_test
def test_nobody_has_two_open_bookings_on_a_day(world: World) -> None:
    clinic = clinic_of(world, MONDAY)
    afternoon = clinic_of(world, MONDAY, opens_at=time(14), closes_at=time(16))
    first = booked(clinic, 1)
    for other, slot in ((clinic, 2), (afternoon, 1)):
        with pytest.raises(DomainError) as refused:
            booked(other, slot)
        assert refused.value.code == "booked_already"
    own = {"day": MONDAY, "phone": PHONE, "phone_hash": keyed_hash(PHONE), "created_at": clock.now()}
    with pytest.raises(IntegrityError, match="clinic_person_once_a_day"), transaction.atomic():
        ClinicBooking(clinic=afternoon, slot=1, **own).save()
    cancel_own_booking(first, resident=resident_with(), actor=Actor.public())
    assert booked(afternoon, 1).state == "booked"


@in_a_test
def test_one_number_keeps_at_most_three_open(world: World) -> None:
    for week in range(3):
        booked(clinic_of(world, MONDAY + timedelta(weeks=week)))
    with pytest.raises(DomainError) as refused:
        booked(clinic_of(world, MONDAY + timedelta(weeks=3)))
    assert refused.value.code == "too_many"


@in_a_test
def test_what_is_over_off_or_not_there_is_not_booked(world: World, at: Any) -> None:
    clinic = clinic_of(world, MONDAY)
    for slot in (0, 7):
        with pytest.raises(NotFound):
            booked(clinic, slot)
    at.move_to(datetime(2026, 11, 23, 9, 40, tzinfo=SHANGHAI))
    with pytest.raises(DomainError) as refused:
        booked(clinic, 2)
    assert refused.value.code == "slot_over"
    booked(clinic, 3)
    off = cancel_clinic(clinic_of(world, MONDAY + timedelta(days=1)), reason="开会", actor=world.secretary)
    with pytest.raises(DomainError) as refused:
        booked(off, 1)
    assert refused.value.code == "clinic_off"


@in_a_test
@pytest.mark.parametrize(
    ("changes", "field"), [({"name": " "}, "name"), ({"name": "李*明"}, "name"), ({"words": "字" * 501}, "words")]
)
def test_what_is_wrong_with_a_booking_is_said_at_its_field(world: World, changes: Any, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        booked(clinic_of(world, MONDAY), **changes)
    assert set(refused.value.fields) == {field}


@in_a_test
def test_staff_book_on_the_phone_with_recorded_consent(world: World) -> None:
    clinic = clinic_of(world, MONDAY)
    said = BookingSaid(slot=1, name="李小明", phone="138-1234-5678", words=WORDS)
    with pytest.raises(Invalid) as refused:
        book_on_behalf(clinic, said, actor=world.staff)
    assert set(refused.value.fields) == {"has_consented"}
    agreed = BookingSaid(**{**vars(said), "consent_version": 0})
    for name in ("official", "supervisor", "visitor", "admin"):
        with pytest.raises(NotAllowed):
            book_on_behalf(clinic, agreed, actor=world.actor(name))
    booking = book_on_behalf(clinic, agreed, actor=world.staff)
    assert (booking.recorded_by_id, booking.consent_version) == (world.members["staff"].pk, 0)
    # It is the person's own all the same.
    assert cancel_own_booking(booking, resident=resident_with(), actor=Actor.public()).state == "cancelled"


@in_a_test
def test_only_ones_own_booking_is_cancelled_and_not_too_late(world: World, at: Any) -> None:
    booking = booked(clinic_of(world, MONDAY))
    with pytest.raises(NotFound):
        cancel_own_booking(booking, resident=resident_with(OTHER), actor=Actor.public())
    at.move_to(datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI))
    with pytest.raises(DomainError) as refused:
        cancel_own_booking(booking, resident=resident_with(), actor=Actor.public())
    assert refused.value.code == "slot_over"


@pytest.mark.django_db(transaction=True)
def test_of_many_who_want_a_slot_at_the_same_moment_one_gets_it() -> None:
    """A slot has exactly one winner."""
    world = make_district()
    with district_transaction(world.district):
        clinic = clinic_of(world, MONDAY)
        people = [resident_with(f"1380000000{n}") for n in range(4)]
    found = race([lambda phone=row.phone: booked(clinic, 1, phone) for row in people], world)
    assert sorted(found) == ["slot_taken"] * 3 + ["won"]
    with district_transaction(world.district):
        assert ClinicBooking.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_clinics_of_a_day_a_person_gets_one() -> None:
    """The two days are not under one lock: here the constraint alone decides."""
    world = make_district()
    with district_transaction(world.district):
        days = [clinic_of(world, MONDAY), clinic_of(world, MONDAY, opens_at=time(14), closes_at=time(16))]
        resident_with()
    found = race([lambda clinic=row: booked(clinic, 1) for row in days], world)
    assert sorted(found) == ["booked_already", "won"]


def race(acts: list[Any], world: World) -> list[str]:
    """What became of each of several acts begun together."""
    barrier, found = threading.Barrier(len(acts)), []

    def run(act: Any) -> None:
        try:
            barrier.wait(20)
            with district_transaction(world.district):
                act()
            found.append("won")
        except DomainError as error:
            found.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


# ---------------------------------------------------------------- calling a day off
@in_a_test
def test_a_day_called_off_tells_everybody_who_had_booked(world: World, messages: None) -> None:
    clinic = clinic_of(world, MONDAY)
    first, gone = booked(clinic, 1), booked(clinic, 2, OTHER)
    cancel_own_booking(gone, resident=resident_with(OTHER), actor=Actor.public())
    for reason in ("", "字" * 101):
        with pytest.raises(Invalid):
            cancel_clinic(clinic, reason=reason, actor=world.secretary)
    with pytest.raises(NotAllowed):
        cancel_clinic(clinic, reason="开会", actor=world.other_dispatcher)
    cancel_clinic(clinic, reason="调解员外出培训", actor=world.secretary)
    first.refresh_from_db()
    gone.refresh_from_db()
    assert (first.state, gone.state) == ("called_off", "cancelled")
    assert len(texts("called_off")) == 1
    assert "11月23日09:00" in texts("called_off")[0]
    assert Notice.objects.filter(kind="clinic_off").values_list("membership_id", flat=True).get() == (
        world.members["staff"].pk
    )
    with pytest.raises(DomainError, match="已经取消"):
        cancel_clinic(clinic, reason="再取消", actor=world.secretary)
    # The same hours can be planned anew.
    clinic_of(world, MONDAY)


@in_a_test
def test_a_day_that_is_over_is_not_called_off(world: World, at: Any) -> None:
    clinic = clinic_of(world, MONDAY)
    at.move_to(datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI))
    with pytest.raises(DomainError) as refused:
        cancel_clinic(clinic, reason="开会", actor=world.secretary)
    assert refused.value.code == "over"


# ---------------------------------------------------------------- the day before, the day itself
@in_a_test
def test_a_reminder_goes_out_once_the_day_before(world: World, messages: None, at: Any) -> None:
    booked(clinic_of(world, MONDAY), 1)
    called_off = booked(clinic_of(world, MONDAY, opens_at=time(14), closes_at=time(16)), 1, OTHER)
    cancel_own_booking(called_off, resident=resident_with(OTHER), actor=Actor.public())
    assert remind_bookings() == 0
    at.move_to(datetime(2026, 11, 22, 2, 30, tzinfo=SHANGHAI))
    assert remind_clinic_bookings.apply(headers={"district_id": world.district.pk}).get() == 1
    assert remind_bookings() == 0
    row = Delivery.objects.get(kind="resident.clinic_reminded")
    assert clock.local(row.next_try_at).hour >= 7  # not in the night
    assert "11月23日09:00" in row.text


@in_a_test
def test_those_on_duty_say_who_came(world: World, at: Any) -> None:
    clinic = clinic_of(world, MONDAY)
    first, second = booked(clinic, 1), booked(clinic, 2, OTHER)
    with pytest.raises(DomainError) as refused:
        mark_arrived(first, actor=world.secretary)
    assert refused.value.code == "too_early"
    at.move_to(datetime(2026, 11, 23, 9, 5, tzinfo=SHANGHAI))
    assert clinics.waiting(world.secretary) == 2
    with pytest.raises(DomainError) as refused:
        mark_missed(second, actor=world.secretary)
    assert refused.value.code == "too_early"
    assert mark_missed(first, actor=world.staff).state == "missed"
    assert mark_arrived(first, actor=world.secretary).state == "arrived"
    assert mark_arrived(second, actor=world.secretary).state == "arrived"
    assert clinics.waiting(world.secretary) == 0
    with pytest.raises(DomainError, match="不能取消"):
        cancel_booking(first, actor=world.secretary)


# ---------------------------------------------------------------- who may know
@in_a_test
def test_only_those_on_duty_and_the_keeper_know_who_comes_and_why(world: World) -> None:
    """Read_first, risk 6: outside the circle slots are free or taken."""
    clinic = clinic_of(world, MONDAY)
    off_duty = member_of(world, clinic.committee, "leader")
    booking = booked(clinic)
    for name in ("secretary", "staff"):
        who = world.actor(name)
        assert open_booking(booking, actor=who).words == WORDS
        assert clinic_circle.readable(who, [booking]) == {booking.pk}
    for name in ("leader", "worker", "dispatcher", "street_leader", "center", "supervisor", "official", "admin",
                 "other_secretary", "handler", "auditor"):  # fmt: skip
        who = world.actor(name)
        for act in (open_booking, mark_arrived, reveal_booking_phone, cancel_booking):
            with pytest.raises(NotAllowed, match="值守的调解员和调委会内勤"):
                act(booking, actor=who)
        assert clinics.waiting(who) == 0
        assert clinic_circle.readable(who, [booking]) == set()
    ClinicDuty.objects.create(clinic=clinic, member=off_duty)
    assert open_booking(booking, actor=world.leader).words == WORDS


@in_a_test
def test_opening_a_booking_and_its_number_is_on_record(world: World) -> None:
    booking = booked(clinic_of(world, MONDAY))
    open_booking(booking, actor=world.secretary)
    opened = AuditEvent.objects.get(action="open_file")
    assert (opened.object_kind, opened.object_id) == ("clinic_booking", booking.pk)
    assert reveal_booking_phone(booking, actor=world.secretary) == PHONE
    assert Disclosure.objects.get().object_kind == "clinic_booking"


@in_a_test
def test_no_notice_message_or_audit_row_says_who_or_what(world: World, messages: None) -> None:
    clinic = clinic_of(world, MONDAY)
    first = booked(clinic, 1)
    booked(clinic, 2, OTHER)
    cancel_own_booking(first, resident=resident_with(), actor=Actor.public())
    cancel_clinic(clinic, reason="开会", actor=world.secretary)
    told = [
        *Notice.objects.values_list("text", "brief"), *Delivery.objects.values_list("text", "path"),
        *AuditEvent.objects.values_list("action", "detail"),
    ]  # fmt: skip
    assert len(told) > 6
    for row in told:
        for secret in ("李小明", PHONE, OTHER, WORDS, "漏水"):
            assert secret not in str(row)
    # What reaches a phone does not say that somebody has a quarrel.
    assert not any("调解" in text for text in Delivery.objects.values_list("text", flat=True))


@in_a_test
def test_slots_show_names_only_within_the_circle(world: World) -> None:
    clinic = clinic_of(world, MONDAY)
    booked(clinic, 2)
    inside, outside = (clinics.slot_rows(clinic, reads=reads)[1] for reads in (True, False))
    assert (inside["name"], inside["is_taken"]) == ("李小明", True)
    assert (outside["name"], outside["booking"], outside["state"], outside["is_taken"]) == ("", None, "", True)


# ---------------------------------------------------------------- people's data
@in_a_test
def test_bookings_are_copied_corrected_and_erased(world: World, at: Any) -> None:
    booking = booked(clinic_of(world, MONDAY))
    holder = HOLDERS[[each.export.__module__ for each in HOLDERS].index("requests_intake.privacy_clinics")]
    assert WORDS in str(holder.export(PHONE))
    assert holder.correct(PHONE, "李明", OTHER) == 1
    booking.refresh_from_db()
    assert (booking.person_name, booking.phone) == ("李明", OTHER)
    # Who is still to come keeps the slot.
    assert (holder.erase(OTHER).objects, holder.preview(OTHER).kept["open"]) == (0, 1)
    assert _due(clock.now()) == []
    at.move_to(datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI))
    assert _due(clock.now()) == [booking.pk]
    assert holder.preview(OTHER).objects == 1
    assert holder.erase(OTHER).objects == 1
    booking.refresh_from_db()
    assert (booking.person_name, booking.phone, booking.phone_hash, booking.words) == ("", "", "", "")
    assert (booking.slot, booking.day, booking.state) == (1, MONDAY, "booked")
    assert (_due(clock.now()), holder.export(OTHER)) == ([], [])


# ---------------------------------------------------------------- a case
@in_a_test
def test_a_mediator_makes_a_case_of_a_booking(world: World, at: Any) -> None:
    clinic = clinic_of(world, MONDAY)
    booking = booked(clinic)
    a_mediator(world)
    ClinicDuty.objects.create(clinic=clinic, member=member_of(world, clinic.committee, "mediator"))
    mediator = world.actor("mediator")
    said = {"dispute": "neighbour", "facts": WORDS, "others": [Party("石先生")]}
    with pytest.raises(DomainError, match="还没到那天"):
        mediate_booking(booking, **said, actor=mediator)
    at.move_to(datetime(2026, 11, 23, 9, 5, tzinfo=SHANGHAI))
    # The keeper reads the booking but is no mediator; a mediator elsewhere does not even read it.
    with pytest.raises(NotAllowed):
        mediate_booking(booking, **said, actor=world.staff)
    a_mediator(world, "stranger")
    with pytest.raises(NotAllowed, match="值守的调解员"):
        mediate_booking(booking, **said, actor=world.actor("stranger"))
    with pytest.raises(Invalid):
        mediate_booking(booking, **{**said, "others": []}, actor=mediator)
    case = mediate_booking(booking, **said, actor=mediator)
    booking.refresh_from_db()
    assert (booking.state, booking.case_id) == ("case", case.pk)
    assert (case.mode, case.kind, case.severity, case.facts) == ("clinic", "people", "small", WORDS)
    parties = [(row.name, row.phone) for row in case.parties.order_by("pk")]
    assert parties == [("李小明", PHONE), ("石先生", "")]
    with pytest.raises(DomainError, match="转为调解案件"):
        mediate_booking(booking, **said, actor=mediator)
