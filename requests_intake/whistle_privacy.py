"""What whistles and evaluations hold of people: words somebody typed. They go after their term, or with the tickets a
whistle is about; times, organizations and scores stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.models import Notice
from governance.kernel import clock
from governance.privacy.holders import Kind, Removed, register_kind
from requests_intake.models import EvaluationEntry, ReportIn, Whistle, WhistleNote, WhistleTransition
from requests_intake.whistle_notices import SOURCE


def _due(before: datetime) -> list[int]:
    rows = Whistle.objects.filter(closed_at__lt=before, erased_at=None).order_by("closed_at")
    return list(rows.values_list("pk", flat=True))


def free_whistles(ids: Sequence[int]) -> tuple[int, Removed]:
    """Free the ended ones of ``ids`` of every word, in the running transaction. Returns how many, and what went."""
    rows = Whistle.objects.filter(pk__in=list(ids), closed_at__isnull=False, erased_at=None)
    found = list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", "number"))
    removed: Removed = Counter()
    if not found:
        return 0, removed
    pks = [pk for pk, _number in found]
    removed["whistles"] = len(pks)
    removed["notes"] = WhistleNote.objects.filter(whistle__in=pks).delete()[0]
    ReportIn.objects.filter(target__whistle__in=pks).update(place="", note="")
    entries = EvaluationEntry.objects.filter(whistle_target__whistle__in=pks).exclude(comment="")
    removed["notes"] += entries.update(comment="")
    moves = WhistleTransition.objects.filter(whistle__in=pks).values_list("pk", flat=True)
    removed["notices"] = Notice.objects.filter(source__in=[f"{SOURCE}:{pk}" for pk in moves]).delete()[0]
    Whistle.objects.filter(pk__in=pks).update(
        summary=_("事由、地点和各方说明已按规定清除，只保留单位、时间和评分。"), address_text=_("（已清除）"),
        building=None, erased_at=clock.now(),
    )  # fmt: skip
    return len(pks), removed


def free_of_tickets(ticket_ids: Sequence[int]) -> Removed:
    """The words said about these tickets: their ended whistles, and comments on their orders."""
    whistles = Whistle.objects.filter(links__ticket__in=ticket_ids, closed_at__isnull=False, erased_at=None)
    removed = free_whistles(list(whistles.values_list("pk", flat=True)))[1]
    entries = EvaluationEntry.objects.filter(work_order__ticket__in=ticket_ids).exclude(comment="")
    removed["notes"] += entries.update(comment="")
    return removed


register_kind(
    Kind(
        code="whistle",
        label=gettext_lazy("吹哨"),
        begins=gettext_lazy("结束"),
        what=gettext_lazy("清除事由、地点、各方说明、报到备注和评价的话；保留单位、时间和评分，统计不变。"),
        months=60,
        least=36,
        most=120,
        why=gettext_lazy("同所附诉求，至少保存三年"),
        due=_due,
        scrub=free_whistles,
    )
)
