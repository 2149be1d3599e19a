"""The list of patrols among the ledgers of the desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from grids.patrols.policies import READERS
from requests_intake.ledgers import Ledger, register

register(
    Ledger(
        code="patrols",
        title=gettext_lazy("巡查"),
        about=gettext_lazy("每个网格排了几个班次，巡完几个，发现多少事"),
        url_name="patrols_desk:index",
        kinds=READERS,
        group=gettext_lazy("巡查"),
        icon="walk",
    )
)
