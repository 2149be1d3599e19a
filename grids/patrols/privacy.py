"""What patrols hold of people: the words somebody wrote at the end of one, for a term."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from governance.privacy.holders import Kind, register_kind
from grids.patrols.actions.erase import due_notes, erase_notes

register_kind(
    Kind(
        code="patrol_note",
        label=_("巡查说明"),
        begins=_("巡查开始"),
        what=_("清除巡查时写的说明；保留哪个网格、哪个班次、什么时候开始和结束。"),
        months=24,
        least=6,
        most=60,
        why=_("和走访记录一样保存两年"),
        due=due_notes,
        scrub=erase_notes,
    )
)
