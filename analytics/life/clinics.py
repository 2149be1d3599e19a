"""Mediation at the end of the lived weeks, through the real actions: two committees, their clinic days, one booking.

They are of the street and the community of the demo's own accounts, so that whoever tries these finds something to do.
"""

from __future__ import annotations

from datetime import date, time

from django.utils.translation import gettext as _

from governance.accounts.legal import current
from governance.accounts.models import Membership
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.models import District
from grids.generation.staffing import handle_of
from grids.queries import actor_for
from grids.reference import territory
from requests_intake.actions.clinic_bookings import BookingSaid, book_on_behalf
from requests_intake.actions.clinics import ClinicPlan, plan_clinics
from requests_intake.actions.mediation_register import CommitteeSaid, MemberSaid, add_member, save_committee
from requests_intake.models import CommitteeMember, MediationCommittee

SINCE = date(2021, 3, 1)
_WEEKS = 3


def found_clinics(district: District) -> int:
    """In the scope of a district: make what is not there yet. Returns how many committees were made; none without the
    demo's accounts, or where there are committees already."""
    street, secretary = _demo(district, "street"), _demo(district, "community")
    if street is None or secretary is None or MediationCommittee.objects.exists():
        return 0
    places = territory()
    street_id = next(role.area_id for role in street.roles if role.kind == "street_dispatcher")
    community_id = next(role.area_id for role in secretary.roles if role.kind == "community_secretary")
    assert secretary.membership_id is not None
    assert street.membership_id is not None
    own = _committee(places.area_name(community_id), "people", street, community_id=community_id)
    keeper = _member(own, street, "community", secretary.membership_id, is_keeper=True)
    elder = _member(own, street, "elder", name="孙桂兰")
    trade = _committee(places.area_name(street_id), "administrative", street, street_id=street_id, trade="物业")
    clerk = _member(trade, street, "mediator", street.membership_id, is_keeper=True)
    lawyer = _member(trade, street, "lawyer", name="钱正")
    day = work_calendar().next_working_day(clock.today())
    morning = ClinicPlan(day, time(9), time(11, 30), 30, weeks=_WEEKS, members=(keeper.pk, elder.pk))
    clinic = plan_clinics(own, morning, actor=secretary).clinics[0]
    afternoon = ClinicPlan(day, time(14, 30), time(16, 30), 30, weeks=_WEEKS, members=(clerk.pk, lawyer.pk))
    plan_clinics(trade, afternoon, actor=street)
    said = BookingSaid(
        slot=2, name="陈秀英", phone="13900000086", words="楼上漏水泡了我家天花板，赔多少说不拢，想请人说说。",
        consent_version=current("consent").number,
    )  # fmt: skip
    book_on_behalf(clinic, said, actor=secretary)
    return 2


def _committee(
    place: str, kind: str, actor: Actor, *, trade: str = "", street_id: int | None = None,
    community_id: int | None = None,
) -> MediationCommittee:  # fmt: skip
    name = _("{place}{trade}调解委员会").format(place=place, trade=trade or _("人民"))
    said = CommitteeSaid(
        name=name, kind=kind, place=_("{place}便民服务中心二楼调解室").format(place=place), since=SINCE, trade=trade,
        phone="0374-0000086", hours=_("周一至周五 8:30–17:30"), street_id=street_id, community_id=community_id,
    )  # fmt: skip
    return save_committee(None, said, actor=actor)


def _member(
    committee: MediationCommittee, actor: Actor, profession: str, membership_id: int | None = None, *,
    name: str = "", is_keeper: bool = False,
) -> CommitteeMember:  # fmt: skip
    said = MemberSaid(profession, SINCE, membership_id=membership_id, name=name, is_keeper=is_keeper)
    return add_member(committee, said, actor=actor)


def _demo(district: District, role: str) -> Actor | None:
    """Whoever signs in with the demo's account of that role."""
    member = Membership.objects.filter(user__handle=handle_of(district, role), is_active=True).first()
    return None if member is None else actor_for(member)
