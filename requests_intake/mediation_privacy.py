"""What mediation holds of people: its term (ten years after the end), copies and erasure on request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.models import Notice
from governance.kernel import clock
from governance.kernel.crypto import keyed_hash, keyed_hashes
from governance.privacy.holders import (
    Erased,
    Holder,
    Kind,
    Removed,
    Section,
    register_holder,
    register_kind,
    register_labels,
)
from governance.privacy.holds import held
from requests_intake.models import MediationAgreement, MediationCase, MediationParty, MediationSession, MediationVisit

OBJECT_KIND = "mediation"


def _due(before: datetime) -> list[int]:
    rows = MediationCase.objects.filter(ended_at__lt=before, erased_at=None).order_by("ended_at")
    return list(rows.values_list("pk", flat=True))


def free_cases(ids: Sequence[int]) -> tuple[int, Removed]:
    """Free the ended ones of ``ids`` that are not held: who and what was said; kind, dates and result stay."""
    rows = MediationCase.objects.filter(pk__in=list(ids), ended_at__isnull=False, erased_at=None)
    locked = list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    stays = held(OBJECT_KIND, locked)
    found = [pk for pk in locked if pk not in stays]
    removed: Removed = Counter()
    if not found:
        return 0, removed
    removed["mediation"] = len(found)
    MediationParty.objects.filter(case__in=found).update(name="", phone="", phone_hash="")
    MediationSession.objects.filter(case__in=found).update(place="", present="", minutes="")
    MediationAgreement.objects.filter(case__in=found).update(text="", finding="")
    MediationVisit.objects.filter(case__in=found).update(words="")
    for pk in found:
        removed["notices"] += Notice.objects.filter(source__startswith=f"mediation:{pk}:").delete()[0]
    MediationCase.objects.filter(pk__in=found).update(
        facts="", outcome="", receipt_number="", receipt_by="", erased_at=clock.now()
    )
    return len(found), removed


def _cases_of(phone: str) -> list[MediationCase]:
    parties = MediationParty.objects.filter(phone_hash__in=keyed_hashes(phone))
    return list(MediationCase.objects.filter(pk__in=parties.values("case_id")).order_by("pk"))


def _export(phone: str) -> list[Section]:
    """The person's own part: what others said in the file is theirs."""
    sections = []
    for case in _cases_of(phone):
        own = MediationParty.objects.filter(case=case, phone_hash__in=keyed_hashes(phone)).first()
        row = {
            _("编号"): case.number,
            _("姓名"): own.name if own else "",
            _("电话"): own.phone if own else "",
            _("调解类型"): case.get_kind_display(),
            _("纠纷类别"): case.get_dispute_display(),
            _("登记"): f"{clock.local(case.opened_at):%Y-%m-%d}",
            _("状态"): case.get_state_display(),
        }
        paper = case.agreements.first()
        rows = [row] + ([{_("协议内容"): paper.text}] if paper else [])
        sections.append(Section(_("调解 {number}").format(number=case.number), rows))
    return sections


def _preview(phone: str) -> Erased:
    cases = _cases_of(phone)
    stays = held(OBJECT_KIND, [case.pk for case in cases])
    ended = {case.pk for case in cases if case.ended_at is not None and case.erased_at is None}
    kept = Counter(held=len(stays), open=len({case.pk for case in cases if case.ended_at is None} - stays))
    return Erased(len(ended - stays), Counter(), kept)


def _erase(phone: str) -> Erased:
    """Ended cases are freed at once; open and held ones stay, and are said."""
    result = Erased(kept=_preview(phone).kept)
    objects, removed = free_cases([case.pk for case in _cases_of(phone)])
    result += Erased(objects, removed)
    return result


def _correct(phone: str, name: str, new_phone: str) -> int:
    changed = 0
    for party in MediationParty.objects.filter(phone_hash__in=keyed_hashes(phone)).select_for_update().order_by("pk"):
        party.name = name or party.name
        if new_phone:
            party.phone, party.phone_hash = new_phone, keyed_hash(new_phone)
        party.save(update_fields=["name", "phone", "phone_hash"])
        changed += 1
    return changed


def _find(number: str) -> tuple[int, str] | None:
    case = MediationCase.objects.filter(number=number).select_for_update(of=("self",)).first()
    return None if case is None else (case.pk, case.number)


def _labels(ids: Iterable[int]) -> dict[int, str]:
    return dict(MediationCase.objects.filter(pk__in=list(ids)).values_list("pk", "number"))


register_kind(
    Kind(
        code="mediation",
        label=gettext_lazy("调解"),
        begins=gettext_lazy("调解结束"),
        what=gettext_lazy("清除当事人姓名和电话、事由、笔录、协议、回访和结果说明；保留类型、日期和结果，统计不变。"),
        months=120,
        least=36,
        most=240,
        why=gettext_lazy("调解案卷默认保存十年，至少三年（一般诉讼时效）"),
        due=_due,
        scrub=free_cases,
        object_kind=OBJECT_KIND,
        find=_find,
    )
)
register_holder(Holder(export=_export, erase=_erase, preview=_preview, correct=_correct))
register_labels(OBJECT_KIND, _labels)
