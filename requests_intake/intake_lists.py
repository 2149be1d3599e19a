"""The lists of intake among the ledgers of a desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from requests_intake.actions.grid_messages import SERVING
from requests_intake.grid_circle import waiting
from requests_intake.ledgers import Ledger, register
from requests_intake.station import STATION_KINDS, untaken
from requests_intake.workflow import READERS

GROUP = gettext_lazy("收件和登记")

register(
    Ledger(
        code="station",
        title=gettext_lazy("工作站收件"),
        about=gettext_lazy("电话、网上、当面、纸上来的，都在一张单子里"),
        url_name="desk:station",
        kinds=STATION_KINDS,
        group=GROUP,
        waiting=untaken,
        icon="inbox",
    )
)
register(
    Ledger(
        code="bulk",
        title=gettext_lazy("连续登记"),
        about=gettext_lazy("晨步、走访回来一次记好几件"),
        url_name="desk:bulk",
        kinds=frozenset({"grid_leader", "community_secretary", "community_staff", "network_liaison"}),
        group=GROUP,
        icon="walk",
    )
)
register(
    Ledger(
        code="circles",
        title=gettext_lazy("网格圈"),
        about=gettext_lazy("居民在网格里说的话：答复，能办的转成工单"),
        url_name="talk:circles",
        kinds=SERVING - {"grid_worker"},
        group=GROUP,
        waiting=waiting,
        icon="msg",
    )
)
register(
    Ledger(
        code="campaigns",
        title=gettext_lazy("专项台账"),
        about=gettext_lazy("创城、防汛这样集中办的事：一起看、导出、报送单位"),
        url_name="desk:campaigns",
        kinds=READERS - {"grid_worker"},
        group=GROUP,
        icon="list",
    )
)
