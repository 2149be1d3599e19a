"""The people of a household: added, corrected, ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hash, normal_phone
from governance.kernel.errors import DomainError, Invalid, NotFound
from governance.kernel.masking import check_unmasked
from grids.households.models import Household, Person
from grids.households.policies import find_household

OLDEST = 125  # years
MOST = 60  # persons of one household; a dormitory is a collective household with a count


@dataclass(frozen=True)
class PersonDetails:
    """``birth_year``: the year and no more. A phone is of their own; children have none."""

    name: str
    phone: str = ""
    birth_year: int | None = None
    relation: str = Person.Relation.OTHER


@transaction.atomic
def add_person(household: Household, details: PersonDetails, *, actor: Actor) -> Person:
    """Raises ``NotAllowed``, ``NotFound``, ``Invalid`` by field, ``DomainError`` ``household_ended``, ``too_many``."""
    row = _locked(household, actor)
    if Person.objects.filter(household=row, ended_on=None).count() >= MOST:
        raise DomainError("too_many", _("一户最多登记 {most} 人；宿舍请登记为集体户，只写人数。").format(most=MOST))
    person = new_person(row, details)
    person.save()
    _told("create", person, actor)
    return person


@transaction.atomic
def edit_person(person: Person, details: PersonDetails, *, actor: Actor, forgets_phone: bool = False) -> Person:
    """An empty name or number leaves what is there, since nobody sees it whole; ``forgets_phone`` takes the number out.

    Raises as ``add_person``, and ``person_ended``.
    """
    row = _running(person, actor)
    if forgets_phone:
        row.phone = ""
    fresh = new_person(row.household, details, known=row)
    row.name, row.phone, row.phone_hash = fresh.name, fresh.phone, fresh.phone_hash
    row.birth_year, row.relation = fresh.birth_year, fresh.relation
    row.save()
    _told("change", row, actor)
    return row


@transaction.atomic
def end_person(person: Person, *, reason: str, on: date, actor: Actor) -> Person:
    """They belong to the household no more. Raises as ``edit_person``."""
    row = _running(person, actor)
    if reason not in Person.EndReason.values:
        raise Invalid("no_reason", _("请选原因。"), fields={"reason": [_("请选原因。")]})
    if on > clock.today():
        words = _("这一天还没有到。")
        raise Invalid("wrong_day", words, fields={"on": [words]})
    row.ended_on, row.end_reason = on, reason
    row.save(update_fields=["ended_on", "end_reason"])
    _told("end", row, actor, reason=reason)
    return row


def new_person(household: Household, said: PersonDetails, known: Person | None = None) -> Person:
    """An unsaved row; raises ``Invalid`` by field. ``known``: the row that is being corrected."""
    check_unmasked(name=said.name, phone=said.phone)
    wrong: dict[str, list[str]] = {}
    name = said.name.strip() or (known.name if known else "")
    if not name:
        wrong["name"] = [_("请写姓名。")]
    elif len(name) > 40:
        wrong["name"] = [_("最多 40 字。")]
    phone = normal_phone(said.phone)
    if said.phone.strip() and not 7 <= len(phone) <= 12:
        wrong["phone"] = [_("电话号码不完整，请填 7 到 12 位数字。")]
    year = clock.today().year
    if said.birth_year is not None and not year - OLDEST <= said.birth_year <= year:
        wrong["birth_year"] = [_("请填 {first} 到 {last} 之间的年份。").format(first=year - OLDEST, last=year)]
    if said.relation not in Person.Relation.values:
        wrong["relation"] = [_("请选关系。")]
    if wrong:
        raise Invalid("person_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    phone = phone or (known.phone if known else "")
    return Person(
        household=household, name=name, phone=phone, phone_hash=keyed_hash(phone) if phone else "",
        birth_year=said.birth_year, relation=said.relation, added_on=clock.today(),
    )  # fmt: skip


def _locked(household: Household, actor: Actor) -> Household:
    row = find_household(actor, household.pk, lock=True)
    if row.ended_on is not None:
        raise DomainError("household_ended", _("这一户已经迁出，不能再改。"))
    return row


def _running(person: Person, actor: Actor) -> Person:
    _locked(person.household, actor)
    row = Person.objects.select_for_update(of=("self",)).select_related("household").filter(pk=person.pk).first()
    if row is None:
        raise NotFound("no_person", _("没有这个人。"))
    if row.ended_on is not None:
        raise DomainError("person_ended", _("这个人已经离开这一户，不能再改。"))
    return row


def _told(verb: str, row: Person, actor: Actor, **detail: Any) -> None:
    audit.record(
        f"person.{verb}", actor=actor, object_kind="person", object_id=row.pk, household=row.household_id, **detail
    )
