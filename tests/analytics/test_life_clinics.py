"""The demo has two mediation committees with clinic days and one booking, made through the real actions."""

from __future__ import annotations

import pytest

from analytics.life.clinics import found_clinics
from requests_intake.clinic_circle import is_inside
from requests_intake.models import ClinicBooking, ClinicDay, MediationCommittee
from tests.analytics.test_life import act_in_the_demo
from tests.world import World

pytestmark = pytest.mark.django_db


def test_each_district_has_two_committees_with_clinics_and_a_booking_once(world: World) -> None:
    act_in_the_demo(world)
    assert [found_clinics(world.district) for _again in range(2)] == [2, 0]
    assert {row.street_id for row in MediationCommittee.objects.all()} == {world.street.pk}
    assert set(ClinicDay.objects.values_list("committee", flat=True)) == set(
        MediationCommittee.objects.values_list("pk", flat=True)
    )
    booking = ClinicBooking.objects.get()
    assert is_inside(world.secretary, booking.clinic)
    assert not is_inside(world.dispatcher, booking.clinic)


def test_without_the_demos_accounts_nothing_is_made(world: World) -> None:
    assert found_clinics(world.district) == 0
    assert not MediationCommittee.objects.exists()
