"""调解 (S0-21, S3-05): a case, who mediates it, its sessions and its limit. Only its mediators write in its file.

How a case ends and what follows is in ``mediation_end``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from governance.accounts.models import Notice
from governance.accounts.notifications import tell
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.crypto import keyed_hash, normal_phone
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.masking import looks_masked, masked_words
from governance.privacy.actions.disclose import disclose
from governance.privacy.models import Disclosure
from grids.models import Level
from grids.reference import territory
from grids.visits.models import Visit
from grids.visits.policies import find_visit
from grids.visits.reference import outcomes
from requests_intake import sla
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.submit import next_number
from requests_intake.mediation import (
    MEDIATOR,
    OPEN,
    find_case,
    is_mediator,
    mediators_in_post,
    open_case_of,
    orphans,
)
from requests_intake.models import (
    MediationCase,
    MediationExtension,
    MediationKind,
    MediationMember,
    MediationMode,
    MediationParty,
    MediationSession,
    Note,
    Ticket,
)
from requests_intake.reference import rules

LONGEST_EXTENSION = timedelta(days=30)
EARLIER = timedelta(days=30)
"""How long before its registration a session of a case may have been held (急诊: first help, then the file)."""
TEXT_LENGTH = 4_000
MOST_PARTIES = 6
State, Severity, Role = MediationCase.State, MediationCase.Severity, MediationMember.Role
_UPPER = (Level.STREET.value, Level.DISTRICT.value, Level.DEPARTMENT.value)
_HEAVIER = {Severity.SMALL: (Severity.BIG, Severity.HARD), Severity.BIG: (Severity.HARD,)}


@dataclass(frozen=True)
class Party:
    name: str
    phone: str = ""


@dataclass(frozen=True)
class NewCase:
    """What is registered. ``mediators``: memberships of people in post as mediators."""

    kind: str
    dispute: str
    severity: str
    mode: str
    facts: str
    parties: Sequence[Party]
    mediators: Sequence[int]


def limits() -> tuple[sla.Limit, sla.Limit]:
    """The district's limits of the first session and of the whole (SLA D.2, dispute: 3 working days, 30 days)."""
    _version, policy = rules().policy()
    row = policy.classes[sla.Klass.DISPUTE]
    return row.contact or row.resolve, row.resolve


# ---------------------------------------------------------------- registering
@savepoint
def open_case(new: NewCase, *, actor: Actor) -> MediationCase:
    """Register a dispute brought to a mediator, who is one of its mediators then.

    Small ones are mediated in the community, big ones with somebody of the street, hard ones by several organizations
    together (S0-21). Raises ``NotAllowed`` and ``Invalid`` with a sentence per field.
    """
    if MEDIATOR not in actor.role_kinds or actor.membership_id is None:
        raise NotAllowed("not_mediator", _("只有调解员可以登记调解。承办单位请在诉求页上点“转调解”。"))
    office = next(role.organization_id for role in actor.roles if role.kind == MEDIATOR)
    assert office is not None
    return _open(replace(new, mediators=[actor.membership_id, *new.mediators]), office, None, actor)


@savepoint
def mediate_visit(visit: Visit, new: NewCase, *, actor: Actor) -> MediationCase:
    """转调解 at a household's door (S2-06): whoever keeps the household hands a dispute to mediators.

    The visit keeps no trace of the case: who reads visits is not inside it. Raises ``NotAllowed``, ``NotFound``,
    ``Invalid``, ``DomainError`` ``no_dispute`` where the visit's outcome offers no mediation.
    """
    row = find_visit(actor, visit.pk)
    outcome = outcomes().get(row.outcome_id or 0)
    if outcome is None or not outcome.offers_mediation or row.withdrawn_at is not None:
        raise DomainError("no_dispute", _("只有记了纠纷的走访能转调解。"))
    return _open(new, None, None, actor)


@savepoint
def mediate_ticket(ticket: Ticket, new: NewCase, *, actor: Actor) -> Ticket:
    """转调解: who handles a ticket makes a case of it. The ticket stays where it is, says that it is being mediated
    and nothing of the case; its promise does not move (D.12)."""
    with making("mediate", ticket, actor=actor) as (handling, mover):
        found = handling.ticket
        if open_case_of(found) is not None:
            raise DomainError("case_open", _("这件诉求已经在调解了。"))
        case = _open(new, None, found, actor)
        words = _("这件事由调解员当面调解。")
        mover.move(
            "mediate", found, handling.order, note=words, audience=Note.Audience.PUBLIC, case=case.number
        )  # fmt: skip
        return found


def _open(new: NewCase, office: int | None, ticket: Ticket | None, actor: Actor) -> MediationCase:
    mediators = list(dict.fromkeys(new.mediators))
    _check(new, mediators)
    # What came from a ticket is the mediators', not of the office that hands it to them.
    office = office or mediators_in_post()[mediators[0]][0].organization_id
    now, calendar = clock.now(), work_calendar()
    first, whole = limits()
    case = MediationCase.objects.create(
        number=next_number(now),
        kind=new.kind,
        dispute=new.dispute,
        severity=new.severity,
        mode=new.mode,
        organization_id=office,
        ticket=ticket,
        facts=new.facts.strip(),
        opened_by_id=actor.membership_id,
        opened_at=now,
        first_session_due_at=sla.due_at(now, first, calendar),
        due_at=sla.due_at(now, whole, calendar),
    )
    phones = [normal_phone(party.phone) for party in new.parties]
    MediationParty.objects.bulk_create(
        MediationParty(
            case=case, name=party.name.strip(), phone=phone, phone_hash=keyed_hash(phone) if phone else ""
        )
        for party, phone in zip(new.parties, phones, strict=True)
    )  # fmt: skip
    add_members(case, mediators, Role.MEDIATOR, actor)
    audit.record("mediation.open", actor=actor, object_kind="mediation", object_id=case.pk, severity=new.severity)
    return case


def _check(new: NewCase, mediators: Sequence[int]) -> None:
    fields: dict[str, list[str]] = {}
    choices = {
        "kind": MediationKind, "dispute": MediationCase.Dispute, "severity": Severity, "mode": MediationMode,
    }  # fmt: skip
    fields |= {name: [_("请选一项。")] for name, each in choices.items() if getattr(new, name) not in each.values}
    if new.severity == Severity.HARD and new.mode != MediationMode.JOINT:
        fields.setdefault("mode", [_("疑难纠纷要集中会诊，请选“会诊”。")])
    if not new.facts.strip() or len(new.facts) > TEXT_LENGTH:
        fields["facts"] = [_("请写纠纷事由，最多 {limit} 字。").format(limit=TEXT_LENGTH)]
    said = _parties_wrong(new.parties)
    if said:
        fields["parties"] = [said]
    said = _panel_wrong(new.severity, mediators)
    if said:
        fields["mediators"] = [said]
    if fields:
        raise Invalid("invalid_case", _("有些内容需要修改。"), fields=fields)


def _parties_wrong(parties: Sequence[Party]) -> str:
    if not 2 <= len(parties) <= MOST_PARTIES or any(not party.name.strip() for party in parties):
        return _("请写出双方当事人的姓名，最多 {most} 人。").format(most=MOST_PARTIES)
    if any(looks_masked(text) for party in parties for text in (party.name, party.phone)):
        return masked_words()
    if any(party.phone.strip() and not 7 <= len(normal_phone(party.phone)) <= 13 for party in parties):
        return _("电话号码不对，请检查。")
    return ""


def _panel_wrong(severity: str, mediators: Sequence[int]) -> str:
    """Why these mediators cannot take on a dispute of this severity; empty where they can (S0-21)."""
    places, posts = territory(), mediators_in_post()
    if not mediators or any(member not in posts for member in mediators):
        return _("请选在岗的调解员。")
    offices = {row.organization_id for member in mediators for row in posts[member]}
    levels = {places.organizations[pk].level for pk in offices}
    if severity == Severity.BIG and not levels & set(_UPPER):
        return _("大的纠纷要有街道或区里的调解员参加。")
    if severity == Severity.HARD and (len(offices) < 2 or len(set(mediators)) < 2):
        return _("疑难纠纷要集中会诊，至少两个单位的两名调解员。")
    return ""


# ---------------------------------------------------------------- who is inside
def add_members(case: MediationCase, ids: Sequence[int], role: str, actor: Actor) -> None:
    """Let people into the file, and tell those who did not do it themselves. The caller has checked who they are."""
    now = clock.now()
    MediationMember.objects.bulk_create(
        MediationMember(case=case, membership_id=pk, role=role, added_by_id=actor.membership_id, since=now)
        for pk in ids
    )
    tell_members(case, [pk for pk in ids if pk != actor.membership_id], f"joined:{now:%Y%m%d}", _("请您参与调解"))


def tell_members(case: MediationCase, ids: Sequence[int], what: str, words: str) -> None:
    """A line with the number and no word into the inboxes of these members; once for each occasion."""
    text = f"{words}：{case.number}"
    path = f"/desk/mediation/{case.number}/"
    tell(
        [
            Notice(
                membership_id=pk, source=f"mediation:{case.pk}:{what}", kind="mediation",
                text=text, brief=text[:80], path=path, created_at=clock.now(),
            )
            for pk in ids
        ]
    )  # fmt: skip


def writing(case: MediationCase, actor: Actor, *, is_open: bool = True) -> MediationCase:
    """The case, locked, for one of its mediators; open unless said otherwise. For every action on a case."""
    found = find_case(actor, case.number, lock=True)
    if not is_mediator(actor, found):
        raise NotAllowed("not_its_mediator", _("只有这件调解的调解员可以记。您受邀知悉，只能看。"))
    if is_open and found.state not in OPEN:
        raise ended(found)
    if found.erased_at is not None:
        raise DomainError("case_erased", _("这件调解的内容已按规定清除。"))
    return found


def ended(case: MediationCase) -> DomainError:
    return DomainError("case_ended", _("这件调解已经结束：{state}。").format(state=case.get_state_display()))


@savepoint
def name_member(case: MediationCase, membership_id: int, *, role: str, actor: Actor) -> MediationCase:
    """A mediator names another mediator, or somebody who may read the file."""
    found = writing(case, actor, is_open=False)
    posts = territory().held_by(membership_id)
    said = ""
    if role not in Role.values or not posts:
        said = _("请选在岗的人。")
    elif role == Role.MEDIATOR and not any(row.kind == MEDIATOR for row in posts):
        said = _("这个人没有调解员岗位。")
    elif MediationMember.objects.filter(case=found, membership_id=membership_id, until=None).exists():
        said = _("已经在知悉范围里。")
    if said:
        raise Invalid("invalid_member", said, fields={"member": [said]})
    add_members(found, [membership_id], role, actor)
    audit.record(
        "mediation.name", actor=actor, object_kind="mediation", object_id=found.pk, member=membership_id, role=role
    )
    return found


@savepoint
def end_member(case: MediationCase, membership_id: int, *, actor: Actor) -> MediationCase:
    """Somebody is outside from now on. The last mediator stays: a file without one would be nobody's."""
    found = writing(case, actor, is_open=False)
    inside = MediationMember.objects.select_for_update(of=("self",)).filter(case=found, until=None)
    rows = {row.membership_id: row for row in inside}
    row = rows.get(membership_id)
    said = ""
    if row is None:
        said = _("这个人已经不在知悉范围里。")
    elif row.role == Role.MEDIATOR and sum(each.role == Role.MEDIATOR for each in rows.values()) == 1:
        said = _("至少要留一名调解员。请先加入接手的人。")
    if row is None or said:
        raise Invalid("invalid_member", said, fields={"member": [said]})
    row.until = max(clock.now(), row.since)
    row.save(update_fields=["until"])
    audit.record("mediation.leave", actor=actor, object_kind="mediation", object_id=found.pk, member=membership_id)
    return found


@savepoint
def take_over(number: str, *, actor: Actor) -> MediationCase:
    """接手 a case of one's own organization whose mediators have all left their posts. Raises ``NotFound`` for any
    other: who is outside does not learn that there is one."""
    row = orphans(actor).select_for_update(of=("self",)).filter(number=number).first()
    if row is None or actor.membership_id is None:
        return find_case(actor, number)
    now = clock.now()
    # Whoever comes back into post later is not inside again by that.
    MediationMember.objects.filter(case=row, until=None, role=Role.MEDIATOR).update(until=now)
    MediationMember.objects.filter(case=row, until=None, membership_id=actor.membership_id).update(until=now)
    add_members(row, [actor.membership_id], Role.MEDIATOR, actor)
    audit.record(
        "mediation.name", actor=actor, object_kind="mediation", object_id=row.pk,
        member=actor.membership_id, role=Role.MEDIATOR.value,
    )  # fmt: skip
    return find_case(actor, number)


@savepoint
def reveal_party_phone(case: MediationCase, party_id: int, *, actor: Actor) -> str:
    """A party's number in clear, for a call; counted and on record like every showing.

    Raises ``DomainError`` 404 for who is not inside, for another case's party, and where there is no number.
    """
    found = find_case(actor, case.number)
    party = MediationParty.objects.filter(case=found, pk=party_id).first()
    if party is None or not party.phone:
        raise NotFound("no_phone", _("没有留电话。"))
    return disclose(
        object_kind="mediation_party", object_id=party.pk, field="phone", reason=Disclosure.Reason.CONTACT, words="",
        actor=actor, value=lambda: party.phone,
    )  # fmt: skip


@savepoint
def raise_case(case: MediationCase, *, severity: str, mediators: Sequence[int], actor: Actor) -> MediationCase:
    """大上报、疑难会诊: what turns out heavier goes on with more people. Its limits stay."""
    found = writing(case, actor)
    inside = MediationMember.objects.filter(case=found, until=None)
    panel = list(inside.filter(role=Role.MEDIATOR).values_list("membership_id", flat=True))
    fresh = [pk for pk in dict.fromkeys(mediators) if pk not in panel]
    fields: dict[str, list[str]] = {}
    if severity not in _HEAVIER.get(Severity(found.severity), ()):
        fields["severity"] = [_("只能往重里改。")]
    said = _panel_wrong(severity, [*panel, *fresh])
    if said:
        fields["mediators"] = [said]
    if fields:
        raise Invalid("invalid_panel", _("有些内容需要修改。"), fields=fields)
    inside.filter(membership_id__in=fresh).update(until=clock.now())
    add_members(found, fresh, Role.MEDIATOR, actor)
    found.severity = severity
    found.mode = MediationMode.JOINT if severity == Severity.HARD else found.mode
    found.save(update_fields=["severity", "mode"])
    audit.record("mediation.raise", actor=actor, object_kind="mediation", object_id=found.pk, severity=severity)
    return found


# ---------------------------------------------------------------- sessions and the limit
@savepoint
def record_session(
    case: MediationCase, *, held_at: datetime, place: str, mode: str, present: str, minutes: str, actor: Actor
) -> MediationSession:
    """One meeting. The first begins the mediation; after an agreement only 复诊 is recorded."""
    found = writing(case, actor, is_open=False)
    fields: dict[str, list[str]] = {}
    if found.state not in OPEN and not (found.state == State.SETTLED and mode == MediationMode.FOLLOW_UP):
        raise ended(found)
    if held_at > clock.now() or held_at < found.opened_at - EARLIER:
        fields["held_at"] = [_("时间不对：不能晚于现在，也不能比登记早三十天以上。")]
    if mode not in MediationMode.values:
        fields["mode"] = [_("请选诊法。")]
    for name, text in (("present", present), ("minutes", minutes)):
        if not text.strip() or len(text) > TEXT_LENGTH:
            fields[name] = [_("请填写，最多 {limit} 字。").format(limit=TEXT_LENGTH)]
    if fields:
        raise Invalid("invalid_session", _("有些内容需要修改。"), fields=fields)
    row = MediationSession.objects.create(
        case=found,
        held_at=held_at,
        place=place.strip()[:200],
        mode=mode,
        present=present.strip(),
        minutes=minutes.strip(),
        recorded_by_id=actor.membership_id,
        recorded_at=clock.now(),
    )
    if found.state == State.REGISTERED:
        found.state = State.MEDIATING
    found.first_session_at = min(held_at, found.first_session_at or held_at)
    found.save(update_fields=["state", "first_session_at"])
    audit.record("mediation.session", actor=actor, object_kind="mediation", object_id=found.pk, mode=mode)
    return row


@savepoint
def extend_case(case: MediationCase, *, until: date, agreed: Sequence[int], actor: Actor) -> MediationCase:
    """A later limit, with the consent of every party on record (SLA D.2). ``agreed``: the parties' ids."""
    found = writing(case, actor)
    parties = set(MediationParty.objects.filter(case=found).values_list("pk", flat=True))
    local = clock.local(found.due_at)
    due = datetime.combine(until, local.timetz())
    fields: dict[str, list[str]] = {}
    if set(agreed) != parties:
        fields["agreed"] = [_("{number} 方当事人都同意才能延长。").format(number=len(parties))]
    if not found.due_at < due <= found.due_at + LONGEST_EXTENSION:
        fields["until"] = [_("一次最多延长三十天，要晚于现在的期限。")]
    if fields:
        raise Invalid("invalid_extension", _("有些内容需要修改。"), fields=fields)
    MediationExtension.objects.create(
        case=found,
        from_due=found.due_at,
        to_due=due,
        parties_agreed=len(parties),
        recorded_by_id=actor.membership_id,
        at=clock.now(),
    )
    found.due_at = due
    found.save(update_fields=["due_at"])
    audit.record("mediation.extend", actor=actor, object_kind="mediation", object_id=found.pk, until=until.isoformat())
    return found
