"""关爱台账 (S1-20, S2-23): somebody is cared for, has a helper, is contacted, and handed over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.queries import staff_names
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash, normal_phone
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.masking import check_unmasked
from grids.households.actions.households import running
from grids.households.actions.tags import stigma_sentence
from grids.households.models import Household, Person
from grids.visits.models import CareBenefit, CareContact, CareLink, CareObject
from grids.visits.policies import find_care

WORDS = 300
LONGEST = 92
"""Days: whoever is contacted more seldom than once a quarter is visited, not cared for."""
USUAL_EVERY = {CareObject.Level.USUAL: 30, CareObject.Level.CLOSE: 14, CareObject.Level.CLOSEST: 7}
"""Days between contacts by how closely somebody is looked after; a proposal, changed where it does not fit."""
MOST_HELPERS = 5


@dataclass(frozen=True)
class CareDetails:
    """``every``: days within which somebody is in contact; by the level where None."""

    category: str
    level: str = CareObject.Level.USUAL
    every: int | None = None
    needs: str = ""
    person: Person | None = None


@dataclass(frozen=True)
class HelperDetails:
    """A colleague (``member``, id of a membership) or somebody by name."""

    kind: str
    member: int | None = None
    name: str = ""
    phone: str = ""


@transaction.atomic
def begin_care(household: Household, said: CareDetails, helper: HelperDetails, *, actor: Actor) -> CareObject:
    """Write somebody into the ledger of care, with a first helper. Raises ``NotAllowed``, ``NotFound``, ``Invalid``
    by field, ``DomainError`` ``household_ended``, ``already_cared_for``."""
    home = running(household, actor)
    if said.person is not None and (said.person.household_id != home.pk or said.person.ended_on is not None):
        words = _("请选这一户里的人。")
        raise Invalid("no_person", words, fields={"person": [words]})
    if CareObject.objects.filter(household=home, person=said.person, ended_on=None).exists():
        raise DomainError("already_cared_for", _("已经在关爱台账里了。"))
    row = CareObject(
        household=home, person=said.person, since=clock.today(), recorded_by_id=actor.membership_id,
        recorded_at=clock.now(),
    )  # fmt: skip
    _fill(row, said)
    row.save()
    _new_link(row, helper).save()
    _told("care.create", row, actor)
    return row


@transaction.atomic
def change_care(care: CareObject, said: CareDetails, *, actor: Actor) -> CareObject:
    """How closely, how often, what is needed. An empty ``needs`` leaves what is there. Raises as ``begin_care`` and
    ``care_ended``."""
    row = _running(care, actor)
    before = row.needs
    _fill(row, said)
    row.needs = row.needs or before
    row.save()
    _told("care.change", row, actor)
    return row


@transaction.atomic
def end_care(care: CareObject, *, reason: str, actor: Actor) -> CareObject:
    """Nobody has to look after them any more; helpers and benefits end with it. Raises ``Invalid``, ``care_ended``."""
    row = _running(care, actor)
    if reason not in CareObject.EndReason.values:
        raise Invalid("no_reason", _("请选原因。"), fields={"reason": [_("请选原因。")]})
    row.ended_on, row.end_reason = clock.today(), reason
    row.save(update_fields=["ended_on", "end_reason"])
    CareLink.objects.filter(care=row, ended_on=None).update(ended_on=clock.today())
    CareBenefit.objects.filter(care=row, ended_on=None).update(ended_on=clock.today())
    _told("care.end", row, actor, reason=reason)
    return row


# ---------------------------------------------------------------- helpers
@transaction.atomic
def add_helper(care: CareObject, helper: HelperDetails, *, actor: Actor) -> CareLink:
    """Raises ``Invalid`` by field, ``DomainError`` ``care_ended``, ``too_many_helpers``."""
    row = _running(care, actor)
    if CareLink.objects.filter(care=row, ended_on=None).count() >= MOST_HELPERS:
        raise DomainError("too_many_helpers", _("一户最多 {n} 个结对的人。").format(n=MOST_HELPERS))
    link = _new_link(row, helper)
    link.save()
    _told("care.helper", row, actor, link=link.pk)
    return link


@transaction.atomic
def hand_over(link: CareLink, helper: HelperDetails, *, actor: Actor) -> CareLink:
    """Somebody takes a helper's place from today; who it was before stays on record. Raises as ``add_helper`` and
    ``link_ended``."""
    row = _running(link.care, actor)
    old = CareLink.objects.select_for_update().get(pk=link.pk)
    if old.ended_on is not None:
        raise DomainError("link_ended", _("这一对已经结束了。"))
    fresh = _new_link(row, helper)
    fresh.follows = old
    fresh.save()
    old.ended_on = clock.today()
    old.save(update_fields=["ended_on"])
    _told("care.hand_over", row, actor, link=fresh.pk)
    return fresh


@transaction.atomic
def record_contact(
    link: CareLink, *, how: str, actor: Actor, words: str = "", at: datetime | None = None
) -> CareContact:
    """The helper was in contact; the days to the next count from ``at`` (now). Raises ``Invalid``, ``link_ended``."""
    row = _running(link.care, actor)
    if link.ended_on is not None:
        raise DomainError("link_ended", _("这一对已经结束了。"))
    now, words = clock.now(), words.strip()
    wrong: dict[str, list[str]] = {}
    if how not in CareContact.How.values:
        wrong["how"] = [_("请选怎么联系的。")]
    if at is not None and at > now:
        wrong["at"] = [_("这个时间还没有到。")]
    if said := _bad_words(words):
        wrong["words"] = [said]
    if wrong:
        raise Invalid("contact_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    made = CareContact.objects.create(
        link=link, at=at or now, how=how, words=words, recorded_by_id=actor.membership_id, recorded_at=now
    )
    _told("care.contact", row, actor, link=link.pk)
    return made


# ---------------------------------------------------------------- benefits
@transaction.atomic
def add_benefit(care: CareObject, *, what: str, recheck_on: date, actor: Actor) -> CareBenefit:
    """Something they are entitled to, and the day to look at it again. Raises ``Invalid`` by field, ``care_ended``."""
    row = _running(care, actor)
    wrong: dict[str, list[str]] = {}
    if not what.strip() or len(what.strip()) > 30:
        wrong["what"] = [_("请写享受什么，最多 30 字。")]
    if recheck_on < clock.today():
        wrong["recheck_on"] = [_("请选今天以后的日子。")]
    if wrong:
        raise Invalid("benefit_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    made = CareBenefit.objects.create(care=row, what=what.strip(), recheck_on=recheck_on)
    _told("care.benefit", row, actor, benefit=made.pk)
    return made


@transaction.atomic
def recheck_benefit(benefit: CareBenefit, *, again_on: date | None, actor: Actor) -> CareBenefit:
    """Looked at: it goes on until ``again_on``, or ends today where None. Raises ``Invalid``, ``benefit_ended``."""
    row = _running(benefit.care, actor)
    found = CareBenefit.objects.select_for_update().get(pk=benefit.pk)
    if found.ended_on is not None:
        raise DomainError("benefit_ended", _("这一项已经停了。"))
    if again_on is None:
        found.ended_on = clock.today()
    elif again_on <= clock.today():
        words = _("请选今天以后的日子。")
        raise Invalid("wrong_day", words, fields={"again_on": [words]})
    else:
        found.recheck_on = again_on
    found.save(update_fields=["ended_on", "recheck_on"])
    _told("care.recheck", row, actor, benefit=found.pk)
    return found


def _running(care: CareObject, actor: Actor) -> CareObject:
    row = find_care(actor, care.pk, lock=True)
    if row.ended_on is not None:
        raise DomainError("care_ended", _("已经不在关爱台账里，不能再改。"))
    return row


def _bad_words(words: str) -> str:
    if len(words) > WORDS:
        return _("最多 {limit} 字，现在 {n} 字。").format(limit=WORDS, n=len(words))
    return stigma_sentence(words)


def _fill(row: CareObject, said: CareDetails) -> None:
    wrong: dict[str, list[str]] = {}
    if said.category not in CareObject.Category.values:
        wrong["category"] = [_("请选为什么关心。")]
    if said.level not in CareObject.Level.values:
        wrong["level"] = [_("请选多关心到什么程度。")]
    every = said.every if said.every is not None else USUAL_EVERY.get(said.level, 30)  # type: ignore[call-overload]
    if not 1 <= every <= LONGEST:
        wrong["every"] = [_("请填 1 到 {most} 天。").format(most=LONGEST)]
    if bad := _bad_words(said.needs.strip()):
        wrong["needs"] = [bad]
    if wrong:
        raise Invalid("care_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    row.category, row.level, row.every, row.needs = said.category, said.level, every, said.needs.strip()


def _new_link(care: CareObject, said: HelperDetails) -> CareLink:
    check_unmasked(name=said.name, phone=said.phone)
    wrong: dict[str, list[str]] = {}
    phone = normal_phone(said.phone)
    if said.kind not in CareLink.Kind.values:
        wrong["kind"] = [_("请选是谁。")]
    if said.member is None and not said.name.strip():
        wrong["name"] = [_("请写怎么称呼，或者选一位同事。")]
    elif said.member is not None and said.member not in staff_names({said.member}):
        wrong["member"] = [_("请选一位同事。")]
    if len(said.name.strip()) > 40:
        wrong["name"] = [_("最多 40 字。")]
    if said.phone.strip() and not 7 <= len(phone) <= 12:
        wrong["phone"] = [_("电话号码不完整，请填 7 到 12 位数字。")]
    if wrong:
        raise Invalid("helper_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    return CareLink(
        care=care, kind=said.kind, helper_id=said.member, helper_name="" if said.member else said.name.strip(),
        helper_phone=phone, helper_hash=keyed_hash(phone) if phone else "", since=clock.today(),
    )  # fmt: skip


def _told(action: str, row: CareObject, actor: Actor, **detail: Any) -> None:
    audit.record(action, actor=actor, object_kind="care", object_id=row.pk, household=row.household_id, **detail)
