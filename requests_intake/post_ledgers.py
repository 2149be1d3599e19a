"""Posts and forces among the ledgers of a desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from grids.households.policies import KEEPERS
from grids.posts.policies import COVERAGE_READERS, FORCE_READERS
from requests_intake.ledgers import Ledger, register

_PEOPLE = gettext_lazy("队伍")
register(
    Ledger(
        code="post_grids",
        title=gettext_lazy("一长一员"),
        about=gettext_lazy("每个网格的网格长和党建指导员，哪里缺岗，哪个网格户数太多"),
        url_name="posts_desk:grids",
        kinds=COVERAGE_READERS,
        group=_PEOPLE,
        icon="users",
    )
)
register(
    Ledger(
        code="post_coverage",
        title=gettext_lazy("一社区一警一法律顾问"),
        about=gettext_lazy("民警、法律顾问、司法总顾问配了多少，缺的是哪几个社区"),
        url_name="posts_desk:coverage",
        kinds=COVERAGE_READERS,
        group=_PEOPLE,
        icon="shield",
    )
)
register(
    Ledger(
        code="forces",
        title=gettext_lazy("力量清单"),
        about=gettext_lazy("街道、社区、网格三级，谁会什么、什么时候能来"),
        url_name="posts_desk:forces",
        kinds=FORCE_READERS - {"grid_worker"},
        group=_PEOPLE,
        icon="users",
    )
)
register(
    Ledger(
        code="business_lines",
        title=gettext_lazy("业务条线"),
        about=gettext_lazy("民政、社保这些条线谁在管，哪条没有人"),
        url_name="posts_desk:lines",
        kinds=COVERAGE_READERS,
        group=_PEOPLE,
        icon="list",
    )
)
register(
    Ledger(
        code="nominations",
        title=gettext_lazy("推选楼栋长"),
        about=gettext_lazy("一户一票，书记确认后任职"),
        url_name="posts_desk:nominations",
        kinds=KEEPERS - {"grid_worker"},
        group=_PEOPLE,
        icon="hand",
    )
)
register(
    Ledger(
        code="law_buildings",
        title=gettext_lazy("法治楼栋"),
        about=gettext_lazy("八项都做到的楼，复查没做到的待整改"),
        url_name="posts_desk:law",
        kinds=KEEPERS - {"grid_worker"},
        group=_PEOPLE,
        icon="bld",
    )
)
