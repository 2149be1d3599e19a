"""Forces: taken into a list, corrected, ended; their number opened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash, normal_phone
from governance.kernel.errors import DomainError, Invalid, NotFound
from governance.kernel.masking import check_unmasked
from governance.privacy.actions.disclose import disclose
from governance.privacy.models import Disclosure
from grids.posts import skills
from grids.posts.models import Force, ForceSkill
from grids.posts.policies import LEVELS, find_force, require_keeper
from grids.reference import territory

FORCE = "force"
"""Kind of object in disclosures and audit."""
MOST_PEOPLE = 10_000
_Reason = Disclosure.Reason
REASONS = {
    reason.value: reason.label for reason in (_Reason.ON_SITE, _Reason.HOME_VISIT, _Reason.EMERGENCY, _Reason.OTHER)
}


@dataclass(frozen=True)
class ForceDetails:
    """What is written down. ``is_public`` and ``publishes_phone`` need the person's consent, given on ``agreed_on``
    (today where it is left out)."""

    kind: str
    name: str
    role: str
    headcount: int = 1
    contact: str = ""
    phone: str = ""
    skills: Sequence[str] = ()
    availability: str = ""
    is_public: bool = False
    publishes_phone: bool = False
    agreed_on: date | None = None
    membership: Membership | None = None


@transaction.atomic
def add_force(area_id: int, details: ForceDetails, *, actor: Actor) -> Force:
    """Take a person or body into the list of a grid, community or street.

    Raises ``NotAllowed``, ``NotFound`` (not the actor's place), ``Invalid`` by field.
    """
    require_keeper(actor, area_id)
    area = territory().areas.get(area_id)
    if area is None or area.level not in LEVELS:
        raise NotFound("no_place", _("没有这个地方，或者不归您管。"))
    row = Force(area_id=area_id, since=clock.today(), recorded_by_id=actor.membership_id)
    _fill(row, details)
    row.save()
    _set_skills(row, details.skills)
    _told("create", row, actor)
    return row


@transaction.atomic
def edit_force(force: Force, details: ForceDetails, *, actor: Actor) -> Force:
    """Correct what is written down; taking a consent back takes effect at once. Raises as ``add_force``, and
    ``force_ended``."""
    row = _running(force, actor)
    _fill(row, details)
    row.save()
    _set_skills(row, details.skills)
    _told("change", row, actor)
    return row


@transaction.atomic
def end_force(force: Force, *, actor: Actor) -> Force:
    """They help no more from today; residents do not see them any longer. Raises as ``edit_force``."""
    row = _running(force, actor)
    row.ended_on, row.is_public, row.publishes_phone, row.changed_at = clock.today(), False, False, clock.now()
    row.save(update_fields=["ended_on", "is_public", "publishes_phone", "changed_at"])
    _told("end", row, actor)
    return row


def reveal_force_phone(force: Force, *, reason: str, actor: Actor, words: str = "") -> str:
    """The number in clear; with a reason, written down, capped. Not in a savepoint: a refusal stays written down.

    Raises ``NotAllowed``, ``NotFound`` (no number), and as ``disclose``.
    """
    row = find_force(actor, force.pk)
    if not row.phone:
        raise NotFound("nothing_there", _("这里没有登记电话。"))
    return disclose(
        object_kind=FORCE, object_id=row.pk, field="phone", reason=reason, words=words, actor=actor,
        value=lambda: row.phone,
    )  # fmt: skip


def _running(force: Force, actor: Actor) -> Force:
    row = find_force(actor, force.pk, lock=True)
    require_keeper(actor, row.area_id)
    if row.ended_on is not None:
        raise DomainError("force_ended", _("已经退出清单，不能再改。"))
    return row


def _fill(row: Force, said: ForceDetails) -> None:
    check_unmasked(name=said.name, contact=said.contact, phone=said.phone)
    name, role, phone = said.name.strip(), said.role.strip(), normal_phone(said.phone)
    wrong = {**_wrong_words(said, name, role), **_wrong_consent(said, phone)}
    if wrong:
        raise Invalid("force_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    row.kind, row.name, row.role, row.headcount = said.kind, name, role, said.headcount
    row.contact, row.phone, row.phone_hash = said.contact.strip(), phone, keyed_hash(phone) if phone else ""
    row.availability, row.is_public, row.publishes_phone = (
        said.availability.strip(), said.is_public, said.publishes_phone,
    )  # fmt: skip
    row.agreed_on = (said.agreed_on or row.agreed_on or clock.today()) if said.is_public else None
    row.membership, row.changed_at = said.membership, clock.now()


def _wrong_words(said: ForceDetails, name: str, role: str) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    if said.kind not in Force.Kind.values:
        wrong["kind"] = [_("请选类别。")]
    if not name or len(name) > 40:
        wrong["name"] = [_("请写姓名或队伍名称，最多 40 字。")]
    if not role or len(role) > 30:
        wrong["role"] = [_("请写身份，最多 30 字，如“社区民警”“水电维修队”。")]
    if not 1 <= said.headcount <= MOST_PEOPLE:
        wrong["headcount"] = [_("人数请填 1 到 {most}。").format(most=MOST_PEOPLE)]
    if len(said.skills) > skills.MOST or any(len(word) > skills.LENGTH for word in said.skills):
        words = _("技能最多 {most} 个，每个最多 {length} 字。")
        wrong["skills"] = [words.format(most=skills.MOST, length=skills.LENGTH)]
    if len(said.availability.strip()) > 60:
        wrong["availability"] = [_("最多 {limit} 字。").format(limit=60)]
    if len(said.contact.strip()) > 40:
        wrong["contact"] = [_("最多 {limit} 字。").format(limit=40)]
    return wrong


def _wrong_consent(said: ForceDetails, phone: str) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    if said.phone.strip() and not (5 <= len(phone) <= 20 and phone.isdigit()):
        wrong["phone"] = [_("电话请填数字。")]
    elif said.publishes_phone and not phone:
        wrong["phone"] = [_("要公开电话，请先填电话。")]
    if said.publishes_phone and not said.is_public:
        wrong["publishes_phone"] = [_("先要本人同意公开姓名和身份，才谈得上公开电话。")]
    if said.agreed_on is not None and said.agreed_on > clock.today():
        wrong["agreed_on"] = [_("同意日期不能晚于今天。")]
    if said.membership is not None and not said.membership.is_active:
        wrong["account"] = [_("这个账号已停用。")]
    return wrong


def _set_skills(row: Force, words: Sequence[str]) -> None:
    wanted = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    ForceSkill.objects.filter(force=row).exclude(word__in=wanted).delete()
    known = set(ForceSkill.objects.filter(force=row).values_list("word", flat=True))
    ForceSkill.objects.bulk_create(ForceSkill(force=row, word=word) for word in wanted if word not in known)


def _told(verb: str, row: Force, actor: Actor) -> None:
    audit.record(
        f"force.{verb}", actor=actor, object_kind=FORCE, object_id=row.pk, area=row.area_id, kind=row.kind,
        is_public=row.is_public, publishes_phone=row.publishes_phone,
    )  # fmt: skip
