"""Committees, clinic days and bookings for tests, through the real actions."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from governance.accounts.models import Membership, Resident, User
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash
from governance.kernel.tenancy.context import current_district_id
from requests_intake.actions.clinic_bookings import BookingSaid, book_for_oneself
from requests_intake.actions.clinics import ClinicPlan, plan_clinics
from requests_intake.actions.mediation_register import CommitteeSaid, MemberSaid, add_member, save_committee
from requests_intake.models import ClinicBooking, ClinicDay, CommitteeMember, MediationCommittee
from tests.world import World

PHONE = "13812345678"
WORDS = "楼上水管漏水，两家说不到一起"


def committee_of(world: World, **changes: Any) -> MediationCommittee:
    """The committee of the first community, entered by its street."""
    said = {
        "name": "春晓社区人民调解委员会", "kind": "people", "place": "春晓社区服务中心二楼", "since": date(2020, 1, 1),
        "community_id": world.community.pk, "phone": "0374-3351234", "hours": "周一至周五 8:30–17:30",
    }  # fmt: skip
    return save_committee(None, CommitteeSaid(**{**said, **changes}), actor=world.dispatcher)


def member_of(world: World, committee: MediationCommittee, who: str, **changes: Any) -> CommitteeMember:
    """Somebody of the cast mediates in the committee; an empty ``who`` of somebody without an account."""
    known = world.members[who].pk if who else None
    said = {"profession": "community", "since": date(2020, 1, 1), "membership_id": known}
    return add_member(committee, MemberSaid(**{**said, **changes}), actor=world.dispatcher)


def clinic_of(world: World, day: date, **changes: Any) -> ClinicDay:
    """A morning of six slots; the secretary is on duty, a member of the community's staff keeps the files."""
    committee = MediationCommittee.objects.filter(community=world.community).first() or committee_of(world)
    there = {row.membership_id: row for row in CommitteeMember.objects.filter(committee=committee)}
    duty = there.get(world.members["secretary"].pk) or member_of(world, committee, "secretary")
    if world.members["staff"].pk not in there:
        member_of(world, committee, "staff", is_keeper=True)
    plan = {"day": day, "opens_at": time(9), "closes_at": time(12), "slot_minutes": 30, "members": (duty.pk,)}
    return plan_clinics(committee, ClinicPlan(**{**plan, **changes}), actor=world.secretary).clinics[0]


def resident_with(phone: str = PHONE) -> Resident:
    """A resident who has signed in with this number."""
    known = Resident.objects.filter(phone_hash=keyed_hash(phone)).first()
    if known is not None:
        return known
    user = User.objects.create(handle=f"r-{current_district_id()}-{phone}", password="!")
    member = Membership.objects.create(user=user, kind=Membership.Kind.RESIDENT, joined_at=clock.now())
    return Resident.objects.create(
        membership=member, phone=phone, phone_hash=keyed_hash(phone), signed_in_at=clock.now()
    )


def booked(clinic: ClinicDay, slot: int = 1, phone: str = PHONE, **changes: Any) -> ClinicBooking:
    """A resident's booking."""
    said = BookingSaid(**{"slot": slot, "name": "李小明", "phone": "", "words": WORDS, **changes})
    return book_for_oneself(clinic, said, resident=resident_with(phone), actor=Actor.public())
