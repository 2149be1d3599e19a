"""The lists of restricted matters among a desk's ledgers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from requests_intake import circle, mediation, mediation_figures, workflow
from requests_intake.ledgers import Ledger, register
from requests_intake.restricted_register import waiting_letters

GROUP = _("限制知悉")
MEDIATION = _("调解")

register(
    Ledger(
        code="restricted",
        title=_("限制知悉登记"),
        about=_("举报等限制知悉的事项，只列编号和状态；在知悉范围里的才打得开。"),
        url_name="desk:restricted",
        kinds=workflow.REGISTER_READERS,
        group=GROUP,
        icon="lock",
    )
)
register(
    Ledger(
        code="letters",
        title=_("书记直通车"),
        about=_("居民写给您一个人的信，一个工作日内首次答复。"),
        url_name="desk:letters",
        kinds=frozenset({circle.ADDRESSEE}),
        group=GROUP,
        waiting=waiting_letters,
        icon="file",
    )
)
register(
    Ledger(
        code="mediation",
        title=_("调解"),
        about=_("您参与的调解：登记、记录、协议和复诊。别人看不到。"),
        url_name="desk:mediation",
        kinds=frozenset({mediation.MEDIATOR}),
        group=MEDIATION,
        waiting=mediation.waiting,
        icon="users",
    )
)
register(
    Ledger(
        code="mediation_figures",
        title=_("调解统计"),
        about=_("调成多少、回访多少，只有数字；少于五件不显示。"),
        url_name="desk:mediation_figures",
        kinds=mediation_figures.FIGURE_READERS,
        group=MEDIATION,
        icon="chart",
    )
)
