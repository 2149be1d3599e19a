"""What care and contact members hold of people: terms, copies, erasure on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.crypto import keyed_hashes
from governance.privacy.holders import Erased, Holder, Kind, Section, register_holder, register_kind, register_labels
from grids.households.homes import homes_of_phone
from grids.households.presentation.places import place_words
from grids.visits.actions.erase_care import (
    due_care,
    due_members,
    due_messages,
    due_must_visits,
    erase_care,
    erase_members,
    erase_messages,
    erase_must_visits,
    forget_members,
)
from grids.visits.models import CareLink, CareObject, ContactMember, ContactMessage, MustVisit


def _day(day: date | None) -> str:
    return f"{day:%Y-%m-%d}" if day else ""


def _export(phone: str) -> list[Section]:
    hashes, homes = keyed_hashes(phone), homes_of_phone(phone)
    cares = CareObject.objects.filter(household_id__in=homes).select_related(
        "household__building", "household__room__unit"
    )
    helpers = CareLink.objects.filter(helper_hash__in=hashes).order_by("pk")
    members = ContactMember.objects.filter(phone_hash__in=hashes).order_by("pk")
    said = ContactMessage.objects.filter(link__household_id__in=homes, from_household=True, erased_at=None)
    must = MustVisit.objects.filter(household_id__in=homes).select_related("rule").order_by("pk")
    found = (
        (
            _("关爱台账"),
            [
                {
                    _("住处"): place_words(row.household), _("为什么关心"): row.get_category_display(),
                    _("要帮什么"): row.needs, _("从"): _day(row.since), _("到"): _day(row.ended_on),
                }
                for row in cares.order_by("pk")
            ],
        ),
        (
            _("结对帮人"),
            [
                {
                    _("称呼"): row.helper_name, _("电话"): row.helper_phone, _("从"): _day(row.since),
                    _("到"): _day(row.ended_on),
                }
                for row in helpers
            ],
        ),
        (
            _("联系党员"),
            [
                {
                    _("姓名"): row.full_name, _("居民看到的称呼"): row.public_name, _("电话"): row.phone,
                    _("同意的日子"): _day(row.agreed_on), _("到"): _day(row.ended_on),
                }
                for row in members
            ],
        ),
        (
            _("给联系党员的话"),
            [
                {_("时间"): f"{clock.local(row.at):%Y-%m-%d %H:%M}", _("说的话"): row.words, _("回话"): row.reply}
                for row in said.order_by("at", "pk")
            ],
        ),
        (
            _("必到必访"),
            [
                {_("什么事"): row.rule.name, _("怎么回事"): row.words, _("结果"): row.get_end_display()}
                for row in must
            ],
        ),
    )  # fmt: skip
    return [Section(title, rows) for title, rows in found if rows]


def _counts(phone: str) -> tuple[int, int, int]:
    hashes, homes = keyed_hashes(phone), homes_of_phone(phone)
    return (
        CareLink.objects.filter(helper_hash__in=hashes).count(),
        ContactMember.objects.filter(phone_hash__in=hashes, erased_at=None).count(),
        ContactMessage.objects.filter(link__household_id__in=homes, erased_at=None).count(),
    )


def _preview(phone: str) -> Erased:
    return Erased(sum(_counts(phone)))


def _erase(phone: str) -> Erased:
    """Who helps or is a contact does so by consent: their names go at once. What was written at the door goes too."""
    hashes, homes = keyed_hashes(phone), homes_of_phone(phone)
    helpers = CareLink.objects.filter(helper_hash__in=hashes)
    count = helpers.update(helper_name="", helper_phone="", helper_hash="")
    members = forget_members(ContactMember.objects.filter(phone_hash__in=hashes))
    said = ContactMessage.objects.filter(link__household_id__in=homes, erased_at=None)
    words, _removed = erase_messages(list(said.values_list("pk", flat=True)))
    removed = Counter(care_helpers=count, contact_members=members, contact_messages=words)
    return Erased(count + members + words, removed)


register_holder(Holder(export=_export, erase=_erase, preview=_preview))
register_kind(
    Kind(
        code="care",
        label=gettext_lazy("结束的关爱和结对"),
        begins=gettext_lazy("结束"),
        what=gettext_lazy("清除要帮什么、结对人的称呼和电话、联系时记的话；保留关心过多久。"),
        months=24,
        least=6,
        most=60,
        why=gettext_lazy("再列入台账时要能接得上"),
        due=due_care,
        scrub=erase_care,
    )
)
register_kind(
    Kind(
        code="contact_member",
        label=gettext_lazy("不再当的联系党员"),
        begins=gettext_lazy("结束"),
        what=gettext_lazy("清除姓名、称呼、电话和帮助记录的话；保留联系过多少户。"),
        months=12,
        least=1,
        most=36,
        why=gettext_lazy("交接以后一年内可能要查"),
        due=due_members,
        scrub=erase_members,
    )
)
register_kind(
    Kind(
        code="contact_message",
        label=gettext_lazy("居民和联系党员的话"),
        begins=gettext_lazy("留话"),
        what=gettext_lazy("清除说的话和回话。"),
        months=12,
        least=1,
        most=36,
        why=gettext_lazy("话转到、回了就用不着了"),
        due=due_messages,
        scrub=erase_messages,
    )
)
register_kind(
    Kind(
        code="must_visit",
        label=gettext_lazy("结束的必到必访"),
        begins=gettext_lazy("结束"),
        what=gettext_lazy("清除怎么回事、到场做了什么；保留什么事、几时到的。"),
        months=24,
        least=6,
        most=60,
        why=gettext_lazy("同一户再有事要能接得上"),
        due=due_must_visits,
        scrub=erase_must_visits,
    )
)


def _labelled(words: Callable[[], str]) -> Callable[[Iterable[int]], dict[int, str]]:
    return lambda ids: {pk: words().format(number=pk) for pk in ids}


register_labels("care", _labelled(lambda: _("关爱台账 {number}")))
register_labels("care_helper", _labelled(lambda: _("结对的人 {number}")))
register_labels("care_contact", _labelled(lambda: _("结对联系 {number}")))
register_labels("contact_member", _labelled(lambda: _("联系党员 {number}")))
