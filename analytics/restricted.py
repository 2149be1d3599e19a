"""What the statistics do only where a legal ground is recorded (``kernel.features``, read_first 1)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from governance.kernel import features

RESULT_RANKING = features.register(
    features.Feature(
        code="result_ranking",
        title=gettext_lazy("街道按结果排名"),
        why_off=gettext_lazy("政务应用不得有积分排名功能（国办函〔2026〕12号）。"),
        when_off=gettext_lazy("统计页上各街道按登记的顺序列出，没有名次。"),
        when_on=gettext_lazy("统计页上各街道按居民评价的满意率排出名次；评价不到 10 件的不排。只排单位，不排个人。"),
    )
)
