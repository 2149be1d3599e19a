"""到点: tapping at a point of the way, which a district may ask for only where safety or an emergency calls for it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from governance.kernel import features

PATROL_POINTS = features.register(
    features.Feature(
        code="patrol_points",
        title=_("安全、应急巡查到点确认"),
        why_off=_("除安保、应急外，政务应用不得有打卡签到（国办函〔2026〕12号）。"),
        when_off=_("巡查只记开始、结束和发现的事，不设巡查点。"),
        when_on=_("安全、应急巡查的计划可以写巡查点，到了点一下“到点”，只记时间，不记位置；日常巡查仍然没有。"),
    )
)
