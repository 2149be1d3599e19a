"""What stays in the grid, among the ledgers of the desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from grids.patrols.policies import READERS
from requests_intake.ledgers import Ledger, register

register(
    Ledger(
        code="grid_rates",
        title=gettext_lazy("网格指标"),
        about=gettext_lazy("多少在网格里就解决了，多少是我们先发现的"),
        url_name="desk:grid_rates",
        kinds=READERS,
        group=gettext_lazy("巡查"),
        icon="chart",
    )
)
