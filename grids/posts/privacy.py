"""What the lists of forces and the nominations hold of people: terms, copies, corrections and erasure on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.crypto import keyed_hash, keyed_hashes
from governance.privacy.holders import Erased, Holder, Kind, Section, register_holder, register_kind, register_labels
from governance.privacy.holds import held
from grids.posts.actions.erase import due_forces, due_nominations, erase_candidates, erase_forces, erase_nominations
from grids.posts.actions.forces import FORCE
from grids.posts.models import Candidate, Force
from grids.reference import territory


def _of(phone: str) -> QuerySet[Force]:
    return Force.objects.filter(phone_hash__in=keyed_hashes(phone)).order_by("pk")


def _export(phone: str) -> list[Section]:
    rows = [
        {
            _("姓名或队伍"): row.name,
            _("联系人"): row.contact,
            _("电话"): row.phone,
            _("身份"): row.role,
            _("在哪里"): territory().area_name(row.area_id),
            _("居民看得到"): _("是") if row.is_public else _("否"),
            _("公开电话"): _("是") if row.publishes_phone else _("否"),
            _("加入"): f"{row.since:%Y-%m-%d}",
            _("退出"): f"{row.ended_on:%Y-%m-%d}" if row.ended_on else "",
        }
        for row in _of(phone)
    ]
    sections = [Section(_("力量清单"), rows)] if rows else []
    rows = [
        {_("姓名"): row.name, _("电话"): row.phone, _("介绍"): row.says, _("楼栋"): row.round.building.name}
        for row in _candidates(phone).select_related("round__building")
    ]
    return [*sections, Section(_("楼栋长推选的候选人"), rows)] if rows else sections


def _candidates(phone: str) -> QuerySet[Candidate]:
    return Candidate.objects.filter(phone_hash__in=keyed_hashes(phone)).order_by("pk")


def _split(phone: str) -> tuple[list[int], list[int]]:
    """Ended ones, then running ones."""
    rows = list(_of(phone).values_list("pk", "ended_on"))
    return [pk for pk, ended in rows if ended], [pk for pk, ended in rows if not ended]


def _preview(phone: str) -> Erased:
    gone, here = _split(phone)
    stays = held(FORCE, gone)
    stood = _candidates(phone).count()
    return Erased(len(set(gone) - stays) + len(here) + stood, kept=Counter(held=len(stays), force=len(here)))


def _erase(phone: str) -> Erased:
    """Ended ones are freed wholly; who still helps keeps an entry without a number, hidden from residents."""
    result = Erased(kept=_preview(phone).kept)
    gone, here = _split(phone)
    result += Erased(*erase_forces(gone))
    numbers = Force.objects.filter(pk__in=here).update(
        phone="", phone_hash="", is_public=False, publishes_phone=False, agreed_on=None
    )
    result += Erased(numbers, Counter(force_phones=numbers))
    stood = _leave(phone)
    return result.__iadd__(Erased(stood, Counter(candidates=stood)))


def _leave(phone: str) -> int:
    """Of a round that is over the name goes; of one that runs the number alone, since people are voting on a name."""
    rows = _candidates(phone)
    over = list(rows.exclude(round__closed_at=None).values_list("pk", flat=True))
    running = list(rows.filter(round__closed_at=None).values_list("pk", flat=True))
    return erase_candidates(Candidate.objects.filter(pk__in=over)) + Candidate.objects.filter(pk__in=running).update(
        phone="", phone_hash=""
    )


def _correct(phone: str, name: str, new_phone: str) -> int:
    changed = 0
    for row in _of(phone).select_for_update(of=("self",)):
        if name and row.contact:
            row.contact = name
        elif name and row.headcount == 1:
            row.name = name
        if new_phone:
            row.phone, row.phone_hash = new_phone, keyed_hash(new_phone)
        row.save(update_fields=["name", "contact", "phone", "phone_hash"])
        changed += 1
    for candidate in _candidates(phone).select_for_update(of=("self",)):
        candidate.name = name or candidate.name
        if new_phone:
            candidate.phone, candidate.phone_hash = new_phone, keyed_hash(new_phone)
        candidate.save(update_fields=["name", "phone", "phone_hash"])
        changed += 1
    return changed


def _label(pk: int) -> str:
    return _("力量 {number}").format(number=pk)


def _find(number: str) -> tuple[int, str] | None:
    """Locked, so that no term reaches it while it is put on hold."""
    if not number.isdigit():
        return None
    row = Force.objects.filter(pk=int(number)).select_for_update(of=("self",)).first()
    return None if row is None else (row.pk, _label(row.pk))


def _labels(ids: Iterable[int]) -> dict[int, str]:
    return {pk: _label(pk) for pk in ids}


register_kind(
    Kind(
        code="force",
        label=gettext_lazy("退出的力量"),
        begins=gettext_lazy("退出清单"),
        what=gettext_lazy("清除姓名、联系人和电话；保留类别、技能和起止日期。"),
        months=12,
        least=1,
        most=24,
        why=gettext_lazy("退出以后只为核对一段时间内请谁帮过忙"),
        due=due_forces,
        scrub=erase_forces,
        object_kind=FORCE,
        find=_find,
    )
)
register_kind(
    Kind(
        code="nomination",
        label=gettext_lazy("楼栋长推选"),
        begins=gettext_lazy("推选结束"),
        what=gettext_lazy("清除候选人的姓名、电话和介绍；保留几户支持。"),
        months=12,
        least=1,
        most=36,
        why=gettext_lazy("居民对结果有疑问时要能核对"),
        due=due_nominations,
        scrub=erase_nominations,
    )
)
register_holder(Holder(export=_export, erase=_erase, preview=_preview, correct=_correct))
register_labels(FORCE, _labels)
