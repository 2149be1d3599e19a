"""Small generated districts for bulk data."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password

from governance.accounts.models import Membership, User
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_transaction
from grids.generation.load import load_district
from grids.generation.spec import CompoundGroup, DistrictSpec
from requests_intake.actions.reference import load_reference_data

_FIRST_ID = 900  # far from the districts people set up


def make_district(number: int) -> District:
    """District ``t01`` … ``t99``: three streets, eight communities, 24 grids. One that is there stays as it is."""
    spec = DistrictSpec(
        id=_FIRST_ID + number,
        code=f"t{number:02d}",
        name=f"测试{number:02d}区",
        area_code=f"9999{number:02d}",
        escalation_path=("grid", "community", "street", "district"),
        center=(114.0 + number * 0.3, 30.0),
        streets=3,
        communities=8,
        grids=24,
        households_per_grid=(280, 420),
        compounds=(CompoundGroup("商品房小区", "professional", 8), CompoundGroup("老旧小区", "none", 8)),
    )
    load_district(spec)
    with district_transaction(spec.id):
        load_reference_data()
    return District.objects.with_shift().get(pk=spec.id)


def give_password(district: District, password: str) -> int:
    """One password for every member of an invented district, so that a measurement can sign in. Returns how many."""
    with district_transaction(district):
        users = list(Membership.objects.values_list("user_id", flat=True))
    return User.objects.filter(pk__in=users).update(password=make_password(password))
