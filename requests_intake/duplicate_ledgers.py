"""The lists 疑似重复 and 重复诉求 among those of a desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from requests_intake import duplicates, workflow
from requests_intake.ledgers import Ledger, register

MERGERS = frozenset(kind for kind, _relation in workflow.ALLOWED["merge"])
LOOKERS = frozenset(workflow.READERS - {"grid_worker", "grid_leader", "reader", *workflow.ONLINE_ONLY})

register(
    Ledger(
        code="duplicates",
        title=_("疑似重复"),
        about=_("七天内同一地点、同一类的在办诉求，看一看能不能并成一件办。"),
        url_name="desk:duplicates",
        kinds=MERGERS,
        group=_("诉求之间"),
        waiting=lambda actor: duplicates.groups(actor).count(),
        icon="list",
    )
)
register(
    Ledger(
        code="repeats",
        title=_("重复诉求"),
        about=_("同一位居民 90 天内在同一地点又反映同一类事：多半是上次没有办好。"),
        url_name="desk:repeats",
        kinds=LOOKERS,
        group=_("诉求之间"),
        icon="user",
    )
)
