"""调解委员会名册 (S3-05): the committees of a district and who mediates in them.

A street keeps those of its own and of its communities, the district's administrator all of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from grids.models import Level
from grids.reference import AreaRef, territory
from requests_intake.actions.context import savepoint
from requests_intake.models import ClinicDuty, CommitteeMember, MediationCommittee, MediationKind

NAME_LENGTH, PLACE_LENGTH, TRADE_LENGTH, PHONE_LENGTH, HOURS_LENGTH, PERSON_LENGTH = 60, 100, 20, 30, 80, 40
STREET_KEEPERS = frozenset({"street_dispatcher", "street_leader"})
KEEPERS = STREET_KEEPERS | {"district_admin"}
"""Kinds of post that keep the register."""


@dataclass(frozen=True)
class CommitteeSaid:
    """What a committee is to be. ``community_id`` alone is enough for one of a community; neither: of the district."""

    name: str
    kind: str
    place: str
    since: date
    until: date | None = None
    street_id: int | None = None
    community_id: int | None = None
    trade: str = ""
    phone: str = ""
    hours: str = ""


@dataclass(frozen=True)
class MemberSaid:
    """Somebody of a committee: with an account (``membership_id``), or by name."""

    profession: str
    since: date
    membership_id: int | None = None
    name: str = ""
    is_keeper: bool = False
    until: date | None = None


@dataclass
class Imported:
    """What became of a list: how many were new and changed, and what is wrong with which row."""

    added: int = 0
    changed: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)


def kept_streets(actor: Actor) -> set[int] | None:
    """The streets whose committees somebody keeps; None for all of the district, of no street among them."""
    if actor.is_system or "district_admin" in actor.role_kinds:
        return None
    return {role.area_id for role in actor.roles if role.kind in STREET_KEEPERS and role.area_id is not None}


def keeps(actor: Actor, street_id: int | None) -> bool:
    """Whether somebody keeps the committees of a street (None: those of the district)."""
    streets = kept_streets(actor)
    return streets is None or street_id in streets


def require_keeper(actor: Actor, committee: MediationCommittee | None = None) -> None:
    """Raise ``NotAllowed`` with a sentence that says why."""
    if not actor.is_system and not actor.role_kinds & KEEPERS:
        raise NotAllowed("keepers_only", _("调解委员会名册由街道和区管理员维护，您的岗位不能改。"))
    if committee is not None and not keeps(actor, committee.street_id):
        name = territory().area_name(committee.street_id) or _("区里")
        raise NotAllowed("not_own_street", _("这个调解委员会由{name}维护，请找他们改。").format(name=name))


def find_committee(committee_id: int, *, lock: bool = False) -> MediationCommittee:
    rows = MediationCommittee.objects.select_for_update() if lock else MediationCommittee.objects.all()
    found = rows.filter(pk=committee_id).first()
    if found is None:
        raise NotFound("no_committee", _("没有这个调解委员会。"))
    return found


@savepoint
def save_committee(committee: MediationCommittee | None, said: CommitteeSaid, *, actor: Actor) -> MediationCommittee:
    """Enter a committee or change one. Raises ``NotAllowed`` and ``Invalid``."""
    require_keeper(actor)
    if committee is None:
        row = MediationCommittee(created_at=clock.now())
    else:
        row = find_committee(committee.pk, lock=True)
        require_keeper(actor, row)
    places, fields = territory(), {}
    community = places.areas.get(said.community_id or 0)
    street = places.areas.get((community.street_id if community else said.street_id) or 0)
    if said.community_id is not None and (community is None or community.level != Level.COMMUNITY):
        fields["community"] = [_("没有这个社区。")]
    if said.street_id is not None and (street is None or street.level != Level.STREET):
        fields["street"] = [_("没有这个街道。")]
    elif community is not None and said.street_id not in (None, community.street_id):
        fields["community"] = [_("这个社区不在所选的街道。")]
    if not keeps(actor, street.id if street else None):
        fields["street"] = [_("只能登记本街道的调解委员会。")]
    fields |= _checked_words(said)
    name = said.name.strip()
    if "name" not in fields and MediationCommittee.objects.filter(name=name).exclude(pk=row.pk).exists():
        fields["name"] = [_("已经有叫这个名称的调解委员会。")]
    if said.until is not None and said.until < said.since:
        fields["until"] = [_("结束日期不能早于开始日期。")]
    if fields:
        raise Invalid("invalid_committee", _("有些内容需要修改。"), fields=fields)
    row.name, row.kind, row.trade = name, said.kind, said.trade.strip()
    row.street_id, row.community_id = street.id if street else None, community.id if community else None
    row.place, row.phone, row.hours = said.place.strip(), said.phone.strip(), said.hours.strip()
    row.since, row.until = said.since, said.until
    row.save()
    audit.record("committee.save", actor=actor, object_kind="committee", object_id=row.pk)
    return row


def _checked_words(said: CommitteeSaid) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    if said.kind not in MediationKind.values:
        fields["kind"] = [_("请选类型：人民调解、行政调解或司法调解。")]
    if not said.name.strip():
        fields["name"] = [_("请写名称。")]
    if not said.place.strip():
        fields["place"] = [_("请写调解室在哪儿。")]
    limits = (
        ("name", NAME_LENGTH), ("place", PLACE_LENGTH), ("trade", TRADE_LENGTH), ("phone", PHONE_LENGTH),
        ("hours", HOURS_LENGTH),
    )  # fmt: skip
    for column, limit in limits:
        if len(getattr(said, column).strip()) > limit:
            fields[column] = [_("最多 {limit} 字。").format(limit=limit)]
    return fields


@savepoint
def import_committees(rows: Iterable[tuple[int, CommitteeSaid | str]], *, actor: Actor) -> Imported:
    """Enter a list: (row number, what it says or what is wrong with it). One known by its name is changed.

    Each row stands for itself: a bad one is reported with its number and stops none of the others.
    """
    require_keeper(actor)
    report = Imported()
    for number, said in rows:
        if isinstance(said, str):
            report.bad.append((number, said))
            continue
        known = MediationCommittee.objects.filter(name=said.name.strip()).first()
        try:
            save_committee(known, said, actor=actor)
        except DomainError as error:
            sentences = [sentence for each in error.fields.values() for sentence in each]
            report.bad.append((number, "".join(sentences) or error.message))
            continue
        if known is None:
            report.added += 1
        else:
            report.changed += 1
    audit.record("committee.import", actor=actor, added=report.added, changed=report.changed, refused=len(report.bad))
    return report


# ---------------------------------------------------------------- members
def serves_on(member: CommitteeMember, day: date) -> bool:
    """Whether somebody is of the committee on a day."""
    return member.since <= day and (member.until is None or day <= member.until)


@savepoint
def add_member(committee: MediationCommittee, said: MemberSaid, *, actor: Actor) -> CommitteeMember:
    """Somebody mediates in a committee from a day on. Raises ``NotAllowed`` and ``Invalid``."""
    row = find_committee(committee.pk, lock=True)
    require_keeper(actor, row)
    name, fields = said.name.strip(), {}
    if said.membership_id is None and not name:
        fields["name"] = [_("没有账号的，请写姓名。")]
    elif len(name) > PERSON_LENGTH:
        fields["name"] = [_("最多 {limit} 字。").format(limit=PERSON_LENGTH)]
    if said.membership_id is not None:
        known = Membership.objects.filter(pk=said.membership_id, is_active=True, kind=Membership.Kind.STAFF)
        if not known.exists():
            fields["membership"] = [_("没有这个人，或者已经离任。")]
        elif _serves_then(row, said):
            fields["membership"] = [_("这个人已经在名册里了。")]
    if said.is_keeper and said.membership_id is None:
        fields["is_keeper"] = [_("内勤要能登录，请选有账号的人。")]
    if said.profession not in CommitteeMember.Profession.values:
        fields["profession"] = [_("请选身份。")]
    if said.until is not None and said.until < said.since:
        fields["until"] = [_("结束日期不能早于开始日期。")]
    if fields:
        raise Invalid("invalid_member", _("有些内容需要修改。"), fields=fields)
    made = CommitteeMember.objects.create(
        committee=row, membership_id=said.membership_id, name="" if said.membership_id else name,
        profession=said.profession, is_keeper=said.is_keeper, since=said.since, until=said.until,
    )  # fmt: skip
    audit.record("committee.member", actor=actor, object_kind="committee", object_id=row.pk, member=made.pk)
    return made


def _serves_then(committee: MediationCommittee, said: MemberSaid) -> bool:
    others = CommitteeMember.objects.filter(committee=committee, membership=said.membership_id)
    return any(
        (row.until is None or row.until >= said.since) and (said.until is None or row.since <= said.until)
        for row in others
    )


def find_member(member_id: int, *, lock: bool = False) -> CommitteeMember:
    rows = CommitteeMember.objects.select_related("committee")
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=member_id).first()
    if found is None:
        raise NotFound("no_member", _("名册里没有这个人。"))
    return found


@savepoint
def end_member(member: CommitteeMember, *, actor: Actor) -> CommitteeMember:
    """Somebody mediates there no more from today on; duties of days to come go with it. Raises ``NotAllowed``.

    From this moment they read none of the committee's bookings.
    """
    row = find_member(member.pk, lock=True)
    require_keeper(actor, row.committee)
    today = clock.today()
    if row.until is not None and row.until < today:
        raise DomainError("ended_already", _("已经不在名册里了。"))
    row.until = max(row.since, today - timedelta(days=1))
    row.is_keeper = False
    row.save(update_fields=["until", "is_keeper"])
    ClinicDuty.objects.filter(member=row, clinic__day__gte=today).delete()
    audit.record("committee.member_end", actor=actor, object_kind="committee", object_id=row.committee_id)
    return row


def streets_of(actor: Actor) -> list[AreaRef]:
    """The streets somebody may enter committees for."""
    own = kept_streets(actor)
    return [area for area in territory().at_level(Level.STREET) if own is None or area.id in own]
