"""推选楼栋长: opened by who keeps the building, voted by its households, confirmed by the secretary (S3-17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash, normal_phone
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.masking import check_unmasked
from grids.actions.heads import appoint_head, invite_head
from grids.households.models import Household
from grids.households.policies import find_building, find_household
from grids.models import Building, PostAssignment
from grids.posts.models import Candidate, HouseholdVote, NominationRound
from grids.posts.nominations import find_round, households_behind, is_voting, tally, voters_of
from grids.reference import areas_of, territory

State = NominationRound.State
LONGEST = timedelta(days=60)
MOST = 8
CONFIRMERS = frozenset({"community_secretary"})


@dataclass(frozen=True)
class Nominee:
    """Who agreed to stand. ``phone`` is for the invitation of who has no account yet; nobody voting sees it."""

    name: str
    phone: str = ""
    says: str = ""
    membership: Membership | None = None


@transaction.atomic
def open_nomination(
    building: Building, nominees: Sequence[Nominee], *, unit: int | None = None, confirm_by: date, actor: Actor
) -> NominationRound:
    """Ask the households of a building (or one of its units) whom they want; votes are taken until ``confirm_by``.

    Raises ``NotAllowed``, ``NotFound``, ``Invalid`` by field, ``DomainError`` ``round_open`` where one runs already.
    """
    found = find_building(actor, building.pk)
    Building.objects.select_for_update().get(pk=found.pk)
    wrong: dict[str, list[str]] = {}
    today = clock.today()
    if not today <= confirm_by <= today + LONGEST:
        wrong["confirm_by"] = [_("请选今天到 {days} 天以内的一天。").format(days=LONGEST.days)]
    if unit is not None and not 1 <= unit <= found.unit_count:
        wrong["unit"] = [_("这栋楼没有 {unit} 单元。").format(unit=unit)]
    names = [row.name.strip() for row in nominees]
    if not 1 <= len(names) <= MOST or not all(names):
        wrong["nominees"] = [_("请写 1 到 {most} 位候选人的姓名。").format(most=MOST)]
    elif len(set(names)) < len(names):
        wrong["nominees"] = [_("有两位候选人同名，请加上区别，如“王芳（2单元）”。")]
    if wrong:
        raise Invalid("bad_nomination", next(iter(wrong.values()))[0], fields=wrong)
    if NominationRound.objects.filter(building=found, unit=unit, state=State.OPEN).exists():
        raise DomainError("round_open", _("这里正在推选，先确认或取消那一次。"))
    row = NominationRound.objects.create(
        building=found, unit=unit, opened_at=clock.now(), opened_by_id=actor.membership_id, confirm_by=confirm_by
    )
    for nominee in nominees:
        _stand(row, nominee)
    _told("open", row, actor, candidates=len(nominees))
    return row


def _stand(row: NominationRound, nominee: Nominee) -> None:
    check_unmasked(nominees=nominee.name, phone=nominee.phone)
    phone = normal_phone(nominee.phone)
    if len(nominee.name.strip()) > 40 or len(nominee.says.strip()) > 60:
        words = _("姓名最多 40 字，介绍最多 60 字。")
        raise Invalid("bad_nomination", words, fields={"nominees": [words]})
    if nominee.phone.strip() and not (phone.isdigit() and 5 <= len(phone) <= 20):
        words = _("{name} 的电话请填数字。").format(name=nominee.name.strip())
        raise Invalid("bad_nomination", words, fields={"nominees": [words]})
    Candidate.objects.create(
        round=row, name=nominee.name.strip(), phone=phone, phone_hash=keyed_hash(phone) if phone else "",
        says=nominee.says.strip(), membership=nominee.membership,
    )  # fmt: skip


@transaction.atomic
def record_vote(round_: NominationRound, household: Household, candidate_id: int, *, actor: Actor) -> HouseholdVote:
    """A household said at the door whom it wants; who keeps the building writes it down.

    Raises ``NotAllowed``, ``NotFound`` (round, household or candidate is not there), ``DomainError`` as ``_vote``.
    """
    row = find_round(actor, round_.pk, lock=True)
    home = find_household(actor, household.pk)
    return _vote(row, home, candidate_id, actor, recorded_by=actor.membership_id)


@transaction.atomic
def cast_vote(round_: NominationRound, candidate_id: int, *, phone: str, household_id: int = 0) -> HouseholdVote:
    """The household in which somebody has this number (proved by signing in with it) says whom it wants.

    ``household_id`` chooses where there are several. Raises ``NotFound``, ``NotAllowed`` ``no_household`` where the
    number is in no voting household of the building, ``DomainError`` as ``_vote``.
    """
    row = NominationRound.objects.select_for_update(of=("self",)).filter(pk=round_.pk).first()
    if row is None:
        raise NotFound("no_round", _("没有这次推选。"))
    homes = households_behind(row, phone)
    home = next((each for each in homes if each.pk == household_id), homes[0] if homes and not household_id else None)
    if home is None:
        raise NotAllowed("no_household", _("您的号码没有登记在这栋楼的住户里，请网格员上门时登记，或者由网格员代记。"))
    return _vote(row, home, candidate_id, Actor.public(), recorded_by=None)


def _vote(
    row: NominationRound, home: Household, candidate_id: int, actor: Actor, *, recorded_by: int | None
) -> HouseholdVote:
    """One vote a household: another replaces the first, which stays on record.

    Raises ``DomainError`` ``not_voting`` (closed or past its day), ``no_voter`` (another building or unit, a shop),
    ``NotFound`` for a candidate of another round. The same vote again is no second one.
    """
    if not is_voting(row):
        raise DomainError("not_voting", _("推选已经结束，不能再投。"))
    if not voters_of(row).filter(pk=home.pk).exists():
        raise DomainError("no_voter", _("这一户不在这次推选的范围里。"))
    candidate = Candidate.objects.filter(pk=candidate_id, round=row).first()
    if candidate is None:
        raise NotFound("no_candidate", _("没有这位候选人。"))
    now, before = clock.now(), HouseholdVote.objects.filter(round=row, household=home, replaced_at=None).first()
    if before is not None and before.candidate_id == candidate.pk:
        return before
    if before is not None:
        before.replaced_at = now
        before.save(update_fields=["replaced_at"])
    vote = HouseholdVote.objects.create(
        round=row, household=home, candidate=candidate, at=now, recorded_by_id=recorded_by
    )
    # The log says that a household voted; for whom stands in the votes alone.
    _told("vote", row, actor, household=home.pk, replaced=before.pk if before else 0)
    return vote


@transaction.atomic
def confirm_nomination(
    round_: NominationRound, candidate_id: int, *, actor: Actor, handle: str = ""
) -> tuple[PostAssignment, str]:
    """The secretary confirms who has most households behind them: they hold the post from today.

    The token of an invitation is returned where they had no account (``handle`` is the account's name), else "".
    Raises ``NotAllowed``, ``NotFound``, ``DomainError``: ``round_closed``, ``still_voting`` (before its last day has
    passed and households are left that did not vote), ``not_leading``, and what ``appoint_head`` raises.
    """
    row = find_round(actor, round_.pk, lock=True)
    _require_open(row, actor)
    found = tally(row)
    candidate = next((each for each, _count in found.support if each.pk == candidate_id), None)
    if candidate is None:
        raise NotFound("no_candidate", _("没有这位候选人。"))
    if is_voting(row) and found.voted < found.voters:
        words = _("还有 {count} 户没有表态，{day} 以后再确认。")
        raise DomainError("still_voting", words.format(count=found.voters - found.voted, day=row.confirm_by))
    if candidate not in found.leading:
        raise DomainError("not_leading", _("只能确认支持户数最多的人；谁也没有支持的，取消这次推选。"))
    token, today = "", clock.today()
    # What the households chose and the secretary confirmed is carried out by the platform: it is no one's favour.
    system = Actor.system("nomination")
    if candidate.membership is not None:
        held = appoint_head(row.building, unit=row.unit, membership=candidate.membership, since=today, actor=system)
    else:
        member, token = invite_head(
            row.building, unit=row.unit, since=today, actor=system, handle=handle, name=candidate.name,
            phone=candidate.phone,
        )  # fmt: skip
        held = PostAssignment.objects.get(membership=member, post__building=row.building, post__unit=row.unit)
    Candidate.objects.filter(pk=candidate.pk).update(is_chosen=True)
    row.assignment = held
    _close(row, State.CONFIRMED, actor)
    support = next(count for each, count in found.support if each.pk == candidate.pk)
    _told("confirm", row, actor, candidate=candidate.pk, support=support)
    return held, token


@transaction.atomic
def call_off_nomination(round_: NominationRound, *, actor: Actor) -> NominationRound:
    """Nobody is appointed; what was voted stays on record. Raises ``NotAllowed``, ``NotFound``, ``round_closed``."""
    row = find_round(actor, round_.pk, lock=True)
    _require_open(row, actor)
    _close(row, State.CALLED_OFF, actor)
    _told("call_off", row, actor)
    return row


def may_confirm(actor: Actor, row: NominationRound) -> bool:
    grid = territory().areas.get(row.building.grid_id)
    return grid is not None and any(area.id == grid.community_id for area in areas_of(actor, CONFIRMERS))


def require_confirmer(row: NominationRound, actor: Actor) -> None:
    """The secretary of the building's community. Raises ``NotAllowed``."""
    if not may_confirm(actor, row):
        raise NotAllowed("secretary_only", _("推选结果由社区书记确认，您的岗位不能。"))


def _require_open(row: NominationRound, actor: Actor) -> None:
    require_confirmer(row, actor)
    if row.state != State.OPEN:
        raise DomainError("round_closed", _("这次推选已经结束。"))


def _close(row: NominationRound, state: str, actor: Actor) -> None:
    row.state, row.closed_at, row.closed_by_id = state, clock.now(), actor.membership_id
    row.save(update_fields=["state", "closed_at", "closed_by", "assignment"])


def _told(verb: str, row: NominationRound, actor: Actor, **facts: Any) -> None:
    audit.record(
        f"nomination.{verb}", actor=actor, object_kind="nomination", object_id=row.pk, building=row.building_id, **facts
    )
