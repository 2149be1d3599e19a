"""The register's figures and the changes of grids among the ledgers of a desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from grids.households.policies import FIGURE_READERS
from grids.territory.policies import READERS
from requests_intake.ledgers import Ledger, register

register(
    Ledger(
        code="figures",
        title=gettext_lazy("户数对照"),
        about=gettext_lazy("上报的基数和登记的户数，差多少，差在哪栋楼"),
        url_name="households_desk:figures",
        kinds=FIGURE_READERS,
        group=gettext_lazy("住户"),
        icon="chart",
    )
)

register(
    Ledger(
        code="territory",
        title=gettext_lazy("网格调整"),
        about=gettext_lazy("社区提出拆分、合并网格，街道审批，都留底"),
        url_name="territory_desk:changes",
        kinds=READERS,
        group=gettext_lazy("住户"),
        icon="map",
    )
)
