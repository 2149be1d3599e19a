"""联系党员 (S4-07), 包保楼栋 (S4-17), 党员中心户 (S2-04): named, linked, ended; words passed on by the staff."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash, normal_phone
from governance.kernel.errors import DomainError, Invalid, NotFound
from governance.kernel.masking import check_unmasked
from grids.households.actions.households import running
from grids.households.actions.tags import stigma_sentence
from grids.households.models import Household
from grids.households.policies import HouseholdPolicy, find_building
from grids.models import Building
from grids.visits.models import (
    BuildingSponsor,
    ContactLink,
    ContactMember,
    ContactMessage,
    HubReach,
    PartyHub,
    SponsorHelp,
)
from grids.visits.policies import find_contact, find_grid, find_hub, find_message, find_sponsor

WORDS = 300
MOST_HOUSEHOLDS = 60
MOST_MESSAGES_A_DAY = 5
"""Of one household."""


@dataclass(frozen=True)
class MemberDetails:
    """``public_name``: what residents read (李师傅). ``agrees``: they said yes to being shown with it."""

    full_name: str
    public_name: str
    phone: str = ""
    agrees: bool = False


@transaction.atomic
def name_member(grid_id: int, said: MemberDetails, *, actor: Actor) -> ContactMember:
    """A member who agreed becomes a contact in a grid. Raises ``NotAllowed``, ``NotFound``, ``Invalid`` by field."""
    grid = find_grid(actor, grid_id)
    row = ContactMember(
        grid_id=grid.id, since=clock.today(), agreed_on=clock.today(), recorded_by_id=actor.membership_id
    )
    _fill(row, said)
    row.save()
    _told("contact_member.create", row.pk, actor)
    return row


@transaction.atomic
def change_member(member: ContactMember, said: MemberDetails, *, actor: Actor) -> ContactMember:
    """An empty name or number leaves what is there. Raises as ``name_member`` and ``member_ended``."""
    row = _running(member, actor)
    _fill(row, MemberDetails(said.full_name or row.full_name, said.public_name or row.public_name,
                             said.phone or row.phone, agrees=True))  # fmt: skip
    row.save()
    _told("contact_member.change", row.pk, actor)
    return row


@transaction.atomic
def end_member(member: ContactMember, *, actor: Actor) -> ContactMember:
    """They are nobody's contact any more; links and sponsorships end today. Raises ``member_ended``."""
    row, today = _running(member, actor), clock.today()
    row.ended_on = today
    row.save(update_fields=["ended_on"])
    ContactLink.objects.filter(member=row, ended_on=None).update(ended_on=today)
    BuildingSponsor.objects.filter(member=row, ended_on=None).update(ended_on=today)
    _told("contact_member.end", row.pk, actor)
    return row


@transaction.atomic
def link_households(member: ContactMember, households: Iterable[Household], *, actor: Actor) -> int:
    """1+N: the member is the contact of these households of the actor's. Returns how many were new.

    Raises ``member_ended``, ``NotFound`` for a household of another place, ``DomainError`` ``too_many``.
    """
    row = _running(member, actor)
    wanted = {home.pk for home in households}
    mine = set(HouseholdPolicy.visible(actor).filter(pk__in=wanted, ended_on=None).values_list("pk", flat=True))
    if mine != wanted:
        raise NotFound("no_household", _("有的住户不在您的辖区，或者已经迁出。"))
    known = set(ContactLink.objects.filter(member=row, ended_on=None).values_list("household_id", flat=True))
    if len(known | wanted) > MOST_HOUSEHOLDS:
        raise DomainError("too_many", _("一位党员最多联系 {n} 户。").format(n=MOST_HOUSEHOLDS))
    fresh = [ContactLink(member=row, household_id=pk, since=clock.today()) for pk in sorted(wanted - known)]
    ContactLink.objects.bulk_create(fresh)
    if fresh:
        _told("contact_member.link", row.pk, actor, count=len(fresh))
    return len(fresh)


@transaction.atomic
def end_link(link: ContactLink, *, actor: Actor) -> ContactLink:
    """The member is not this household's contact any more. Raises ``link_ended``."""
    _running(link.member, actor)
    row = ContactLink.objects.select_for_update().get(pk=link.pk)
    if row.ended_on is not None:
        raise DomainError("link_ended", _("已经不联系这一户了。"))
    row.ended_on = clock.today()
    row.save(update_fields=["ended_on"])
    _told("contact_member.unlink", row.member_id, actor, household=row.household_id)
    return row


# ---------------------------------------------------------------- words, passed on by the staff
@transaction.atomic
def write_to_member(link: ContactLink, words: str) -> ContactMessage:
    """A resident of the household writes to its member; the staff of the grid pass it on.

    The caller has proved whose household it is. Raises ``NotFound`` where the link has ended, ``Invalid``,
    ``DomainError`` ``too_often`` (429).
    """
    row = ContactLink.objects.select_for_update(of=("self",)).select_related("member").filter(pk=link.pk).first()
    if row is None or row.ended_on is not None or row.member.ended_on is not None:
        raise NotFound("no_link", _("这位联系人换了，请刷新页面。"))
    lately = ContactMessage.objects.filter(
        link__household_id=row.household_id, from_household=True, at__gt=clock.now() - timedelta(days=1)
    )
    if lately.count() >= MOST_MESSAGES_A_DAY:
        raise DomainError("too_often", _("今天已经留了好几句，等人回话。急事请打电话或用“报事”。"), status=429)
    return ContactMessage.objects.create(link=row, from_household=True, words=_words(words), at=clock.now())


@transaction.atomic
def write_to_household(link: ContactLink, words: str, *, actor: Actor) -> ContactMessage:
    """What the member wants the household to know, written down by the staff; the resident reads it on their page."""
    _running(link.member, actor)
    if link.ended_on is not None:
        raise DomainError("link_ended", _("已经不联系这一户了。"))
    made = ContactMessage.objects.create(
        link=link, from_household=False, words=_words(words), at=clock.now(), written_by_id=actor.membership_id,
        passed_at=clock.now(), passed_by_id=actor.membership_id,
    )  # fmt: skip
    _told("contact_message.create", made.pk, actor)
    return made


@transaction.atomic
def pass_on(message: ContactMessage, *, reply: str = "", actor: Actor) -> ContactMessage:
    """The staff told the member; ``reply`` is what they let say. Raises ``NotFound``, ``passed_already``."""
    row = find_message(actor, message.pk, lock=True)
    if row.passed_at is not None:
        raise DomainError("passed_already", _("这句话已经转到了。"))
    row.passed_at, row.passed_by_id = clock.now(), actor.membership_id
    row.reply = _words(reply) if reply.strip() else ""
    row.save(update_fields=["passed_at", "passed_by", "reply"])
    _told("contact_message.pass", row.pk, actor)
    return row


def _words(text: str) -> str:
    words = text.strip()
    if not words or len(words) > WORDS:
        sentence = _("请写一句话，最多 {n} 字。").format(n=WORDS)
        raise Invalid("no_words", sentence, fields={"words": [sentence], "reply": [sentence]})
    return words


# ---------------------------------------------------------------- sponsors of buildings
@transaction.atomic
def name_sponsor(building: Building, member: ContactMember, *, actor: Actor) -> BuildingSponsor:
    """包保: the member answers for the building. Raises ``member_ended``, ``NotFound``, ``sponsored_already``."""
    here = find_building(actor, building.pk)
    row = _running(member, actor)
    Building.objects.select_for_update().get(pk=here.pk)
    if BuildingSponsor.objects.filter(building=here, member=row, ended_on=None).exists():
        raise DomainError("sponsored_already", _("已经包这栋楼了。"))
    made = BuildingSponsor.objects.create(building=here, member=row, since=clock.today())
    _told("building_sponsor.create", made.pk, actor)
    return made


@transaction.atomic
def end_sponsor(sponsor: BuildingSponsor, *, actor: Actor) -> BuildingSponsor:
    """Raises ``NotFound``, ``sponsor_ended``."""
    row = find_sponsor(actor, sponsor.pk, lock=True)
    if row.ended_on is not None:
        raise DomainError("sponsor_ended", _("已经不包这栋楼了。"))
    row.ended_on = clock.today()
    row.save(update_fields=["ended_on"])
    _told("building_sponsor.end", row.pk, actor)
    return row


@transaction.atomic
def record_help(
    sponsor: BuildingSponsor, *, on: date, words: str, actor: Actor, household: Household | None = None
) -> SponsorHelp:
    """What a sponsor did, for a household of the building or for all. Raises ``Invalid``, ``sponsor_ended``."""
    row = find_sponsor(actor, sponsor.pk, lock=True)
    if row.ended_on is not None:
        raise DomainError("sponsor_ended", _("已经不包这栋楼了。"))
    wrong: dict[str, list[str]] = {}
    words = words.strip()
    if not words or len(words) > WORDS:
        wrong["words"] = [_("请写帮了什么，最多 {n} 字。").format(n=WORDS)]
    elif bad := stigma_sentence(words):
        wrong["words"] = [bad]
    if on > clock.today():
        wrong["on"] = [_("这一天还没有到。")]
    if household is not None and household.building_id != row.building_id:
        wrong["household"] = [_("请选这栋楼里的住户。")]
    if wrong:
        raise Invalid("help_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    made = SponsorHelp.objects.create(
        sponsor=row, household=household, on=on, words=words, recorded_by_id=actor.membership_id,
        recorded_at=clock.now(),
    )  # fmt: skip
    _told("building_sponsor.help", row.pk, actor)
    return made


# ---------------------------------------------------------------- 党员中心户
@transaction.atomic
def name_hub(household: Household, buildings: Iterable[Building], *, agrees: bool, actor: Actor) -> PartyHub:
    """A household opens its door for small meetings; ``buildings``: whose neighbours come there.

    Raises ``Invalid`` without consent, ``DomainError`` ``hub_already``, ``household_ended``, ``NotFound``.
    """
    home = running(household, actor)
    if not agrees:
        words = _("要这一户同意，才能设中心户。")
        raise Invalid("no_consent", words, fields={"agrees": [words]})
    if PartyHub.objects.filter(household=home, ended_on=None).exists():
        raise DomainError("hub_already", _("这一户已经是中心户。"))
    reach = {home.building_id} | {find_building(actor, row.pk).pk for row in buildings}
    hub = PartyHub.objects.create(
        household=home, building_id=home.building_id, since=clock.today(), agreed_on=clock.today(),
        recorded_by_id=actor.membership_id,
    )  # fmt: skip
    HubReach.objects.bulk_create(HubReach(hub=hub, building_id=pk) for pk in sorted(reach))
    _told("party_hub.create", hub.pk, actor)
    return hub


@transaction.atomic
def end_hub(hub: PartyHub, *, actor: Actor, successor: Household | None = None) -> PartyHub | None:
    """The hub ends; ``successor`` takes over its range, with the household's consent asked beforehand.

    Returns the new hub. Raises as ``name_hub`` and ``hub_ended``.
    """
    row = find_hub(actor, hub.pk, lock=True)
    if row.ended_on is not None:
        raise DomainError("hub_ended", _("这个中心户已经结束了。"))
    row.ended_on = clock.today()
    row.save(update_fields=["ended_on"])
    _told("party_hub.end", row.pk, actor)
    if successor is None:
        return None
    reach = Building.objects.filter(pk__in=HubReach.objects.filter(hub=row).values("building_id"), ended_on=None)
    return name_hub(successor, list(reach), agrees=True, actor=actor)


def _running(member: ContactMember, actor: Actor) -> ContactMember:
    row = find_contact(actor, member.pk, lock=True)
    if row.ended_on is not None:
        raise DomainError("member_ended", _("这位联系党员已经结束，不能再改。"))
    return row


def _fill(row: ContactMember, said: MemberDetails) -> None:
    check_unmasked(full_name=said.full_name, public_name=said.public_name, phone=said.phone)
    wrong: dict[str, list[str]] = {}
    full, public, phone = said.full_name.strip(), said.public_name.strip(), normal_phone(said.phone)
    if not full or len(full) > 40:
        wrong["full_name"] = [_("请写姓名，最多 40 字。")]
    if not public or len(public) > 20:
        wrong["public_name"] = [_("请写居民看到的称呼，如“李师傅”，最多 20 字。")]
    elif any(sign.isdigit() for sign in public):
        wrong["public_name"] = [_("称呼里不写号码。")]
    if said.phone.strip() and not 7 <= len(phone) <= 12:
        wrong["phone"] = [_("电话号码不完整，请填 7 到 12 位数字。")]
    if not said.agrees:
        wrong["agrees"] = [_("要本人同意公开称呼，才能登记。")]
    if wrong:
        raise Invalid("member_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    row.full_name, row.public_name = full, public
    row.phone, row.phone_hash = phone, keyed_hash(phone) if phone else ""


def _told(action: str, pk: int, actor: Actor, **detail: Any) -> None:
    audit.record(action, actor=actor, object_kind=action.partition(".")[0], object_id=pk, **detail)
