"""What the register of households holds of people: its terms, copies, corrections and erasure on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.crypto import keyed_hash, keyed_hashes
from governance.privacy.holders import Erased, Holder, Kind, Section, register_holder, register_kind, register_labels
from governance.privacy.holds import held
from governance.privacy.models import Disclosure
from grids.households.actions.erase import due_households, due_persons, erase_households, erase_persons
from grids.households.actions.reveal import HOUSEHOLD, PERSON
from grids.households.models import Household, HouseholdMove, HouseholdTagging, Person
from grids.households.presentation.places import place_words


def _persons(phone: str) -> QuerySet[Person]:
    return Person.objects.filter(phone_hash__in=keyed_hashes(phone)).order_by("pk")


def _contacts(phone: str) -> QuerySet[Household]:
    return Household.objects.filter(contact_hash__in=keyed_hashes(phone)).order_by("pk")


def _export(phone: str) -> list[Section]:
    sections = []
    rows = [
        {
            _("住处"): place_words(row),
            _("联系人"): row.contact_name,
            _("联系电话"): row.contact_phone,
            _("同意联系"): _("是，{day}").format(day=row.agreed_on) if row.may_be_called else _("否"),
            _("原村组"): row.legacy_group,
            _("入住"): _day(row.moved_in_on),
            _("迁出"): _day(row.ended_on),
        }
        for row in _contacts(phone).select_related("building", "room__unit")
    ]
    if rows:
        sections.append(Section(_("住户登记（联系人）"), rows))
    people = list(_persons(phone).select_related("household__building", "household__room__unit"))
    homes = [person.household_id for person in people] + list(_contacts(phone).values_list("pk", flat=True))
    rows = [
        {
            _("姓名"): row.name,
            _("电话"): row.phone,
            _("出生年份"): str(row.birth_year or ""),
            _("与户主关系"): row.get_relation_display(),
            _("住处"): place_words(row.household),
            _("登记"): _day(row.added_on),
            _("离开"): _day(row.ended_on),
        }
        for row in people
    ]
    if rows:
        sections.append(Section(_("住户登记（成员）"), rows))
    tagged = HouseholdTagging.objects.filter(household_id__in=homes).select_related("tag").order_by("pk")
    rows = [
        {_("标签"): row.tag.name, _("从"): _day(row.since), _("到"): _day(row.until), _("依据"): row.reason}
        for row in tagged
    ]
    if rows:
        sections.append(Section(_("住户标签"), rows))
    moved = HouseholdMove.objects.filter(household_id__in=homes).select_related("building", "room__unit").order_by("pk")
    rows = [{_("住过"): place_words(row), _("到"): _day(row.until)} for row in moved]
    if rows:
        sections.append(Section(_("搬迁记录"), rows))
    opened = Disclosure.objects.filter(object_kind=HOUSEHOLD, object_id__in=homes) | Disclosure.objects.filter(
        object_kind=PERSON, object_id__in=[person.pk for person in people]
    )
    rows = [
        {
            _("时间"): f"{clock.local(row.at):%Y-%m-%d %H:%M}",
            _("查看的单位"): row.office,
            _("原因"): row.get_reason_display(),
        }
        for row in opened.order_by("pk")
    ]
    if rows:
        sections.append(Section(_("谁查看过住户登记"), rows))
    return sections


def _day(day: date | None) -> str:
    return f"{day:%Y-%m-%d}" if day else ""


def _split(phone: str) -> tuple[list[int], list[int], list[int], list[int]]:
    """Ended households and persons, then running ones."""
    homes, people = (
        list(_contacts(phone).values_list("pk", "ended_on")),
        list(_persons(phone).values_list("pk", "ended_on")),
    )
    return (
        [pk for pk, ended in homes if ended], [pk for pk, ended in people if ended],
        [pk for pk, ended in homes if not ended], [pk for pk, ended in people if not ended],
    )  # fmt: skip


def _preview(phone: str) -> Erased:
    gone, left, living, here = _split(phone)
    stays = held(HOUSEHOLD, gone)
    kept = Counter(held=len(stays), household=len(living) + len(here))
    return Erased(len(set(gone) - stays) + len(left) + len(living) + len(here), kept=kept)


def _erase(phone: str) -> Erased:
    """Who left is freed wholly; who lives here keeps an entry without the number, which stood on their consent."""
    result = Erased(kept=_preview(phone).kept)
    gone, left, living, here = _split(phone)
    for objects, removed in (erase_households(gone), erase_persons(left)):
        result += Erased(objects, removed)
    numbers = Household.objects.filter(pk__in=living).update(
        contact_phone="", contact_hash="", may_be_called=False, agreed_on=None
    )
    numbers += Person.objects.filter(pk__in=here).update(phone="", phone_hash="")
    return result.__iadd__(Erased(numbers, Counter(register_phones=numbers)))


def _correct(phone: str, name: str, new_phone: str) -> int:
    changed = 0
    for home in _contacts(phone).select_for_update(of=("self",)):
        home.contact_name = name or home.contact_name
        if new_phone:
            home.contact_phone, home.contact_hash = new_phone, keyed_hash(new_phone)
        home.save(update_fields=["contact_name", "contact_phone", "contact_hash"])
        changed += 1
    for person in _persons(phone).select_for_update(of=("self",)):
        person.name = name or person.name
        if new_phone:
            person.phone, person.phone_hash = new_phone, keyed_hash(new_phone)
        person.save(update_fields=["name", "phone", "phone_hash"])
        changed += 1
    return changed


def _find(number: str) -> tuple[int, str] | None:
    """Locked, so that no term reaches it while it is put on hold."""
    if not number.isdigit():
        return None
    row = Household.objects.filter(pk=int(number)).select_for_update(of=("self",)).first()
    return None if row is None else (row.pk, _label(row.pk))


def _label(pk: int) -> str:
    return _("住户 {number}").format(number=pk)


register_kind(
    Kind(
        code="household",
        label=gettext_lazy("迁出的住户"),
        begins=gettext_lazy("迁出"),
        what=gettext_lazy("清除联系人、电话、成员姓名和标签；保留住过哪里、人数和起止日期。"),
        months=24,
        least=6,
        most=60,
        why=gettext_lazy("走访记录保存两年，期间要能对得上"),
        due=due_households,
        scrub=erase_households,
        object_kind=HOUSEHOLD,
        find=_find,
    )
)
register_kind(
    Kind(
        code="household_person",
        label=gettext_lazy("离开住户的人"),
        begins=gettext_lazy("离开"),
        what=gettext_lazy("清除姓名、电话和出生年份；保留有过这一口人。"),
        months=24,
        least=6,
        most=60,
        why=gettext_lazy("走访记录保存两年，期间要能对得上"),
        due=due_persons,
        scrub=erase_persons,
    )
)
register_holder(Holder(export=_export, erase=_erase, preview=_preview, correct=_correct))


def _labels(ids: Iterable[int]) -> dict[int, str]:
    return {pk: _label(pk) for pk in ids}


def _person_labels(ids: Iterable[int]) -> dict[int, str]:
    return {pk: _("住户成员 {number}").format(number=pk) for pk in ids}


register_labels(HOUSEHOLD, _labels)
register_labels(PERSON, _person_labels)
