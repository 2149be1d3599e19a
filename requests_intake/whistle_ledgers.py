"""The lists of whistles and evaluations among those a desk keeps (``requests_intake.ledgers``)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from requests_intake import evaluations, whistle_queries
from requests_intake import whistle_workflow as workflow
from requests_intake.actions.evaluation import RATERS
from requests_intake.ledgers import Ledger, register
from requests_intake.whistle_policies import READERS

_WHISTLES, _RATINGS = gettext_lazy("吹哨报到"), gettext_lazy("互相评价")

register(
    Ledger(
        code="whistles", title=gettext_lazy("吹哨和报到"), icon="whistle", url_name="desk:whistles", kinds=READERS,
        about=gettext_lazy("街道叫几个单位到现场：应哨、报到、办完、评哨、拒哨裁定"), group=_WHISTLES,
        waiting=whistle_queries.waiting,
    )
)  # fmt: skip
register(
    Ledger(
        code="direct", title=gettext_lazy("直接调派"), icon="send", url_name="desk:direct_dispatches",
        kinds=frozenset(workflow.OVERSEERS), group=_WHISTLES,
        about=gettext_lazy("街道直接派给派驻队伍的工单，不用区里批"),
    )
)  # fmt: skip
register(
    Ledger(
        code="evaluations", title=gettext_lazy("评一评"), icon="good", url_name="desk:evaluations", kinds=RATERS,
        about=gettext_lazy("办完的事，给对方单位点一个表情"), group=_RATINGS, waiting=evaluations.waiting,
    )
)  # fmt: skip
register(
    Ledger(
        code="evaluations_received", title=gettext_lazy("收到的评价"), icon="star",
        url_name="desk:evaluations_received", kinds=RATERS, about=gettext_lazy("别的单位怎么评我们，满月满 5 条后显示"),
        group=_RATINGS,
    )
)  # fmt: skip
register(
    Ledger(
        code="evaluation_detail", title=gettext_lazy("评价明细"), icon="eye", url_name="desk:evaluation_detail",
        kinds=frozenset({"district_official", "supervisor"}), group=_RATINGS,
        about=gettext_lazy("谁评了谁；打开会记录"),
    )
)  # fmt: skip
