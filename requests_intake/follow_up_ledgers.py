"""The lists of looks, visits, reviews and draws among the ledgers of the desk."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from requests_intake import follow_ups
from requests_intake.follow_ups import FollowUpFilter
from requests_intake.ledgers import Ledger, register

_GROUP = _("办结以后")

register(
    Ledger(
        code="checks",
        title=_("待核查"),
        about=_("办结以后到现场看，谁办的不由谁看"),
        url_name="desk:checks",
        kinds=follow_ups.kinds_of("verify"),
        group=_GROUP,
        waiting=lambda actor: int(follow_ups.checks_of(actor, FollowUpFilter(view="mine")).count()),
        icon="eye",
    )
)
register(
    Ledger(
        code="visits",
        title=_("回访名单"),
        about=_("打电话问一声，四个结果，自动接下一个"),
        url_name="desk:visits",
        kinds=follow_ups.kinds_of("return_visit"),
        group=_GROUP,
        waiting=lambda actor: int(follow_ups.visits_of(actor).count()),
        icon="phone",
    )
)
register(
    Ledger(
        code="reviews",
        title=_("待复核"),
        about=_("办了两次还没解决的，负责人来定"),
        url_name="desk:reviews",
        kinds=follow_ups.kinds_of("order_again", "judge_unreasonable"),
        group=_GROUP,
        waiting=lambda actor: follow_ups.reviews_of(actor).count(),
        icon="shield",
    )
)
register(
    Ledger(
        code="draws",
        title=_("抽查记录"),
        about=_("哪件被抽到、按哪条规则，月后可以重算"),
        url_name="desk:draws",
        kinds=follow_ups.DRAW_READERS,
        group=_GROUP,
        icon="list",
    )
)
