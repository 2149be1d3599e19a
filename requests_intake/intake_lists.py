"""The lists of intake among the ledgers of a desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from requests_intake.ledgers import Ledger, register
from requests_intake.workflow import READERS

GROUP = gettext_lazy("收件和登记")

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
