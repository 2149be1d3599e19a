from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.kernel.tenancy.models import DistrictModel
from requests_intake.models.ticket import Channel


class ChannelSetting(DistrictModel):
    """What a district says of a channel: whether it takes matters by it, its own name for it, its place in lists.

    A channel without a row is as it comes: in use, under its usual name, in the usual order.
    """

    channel = models.CharField(_("渠道"), max_length=20, choices=Channel.choices)
    name = models.CharField(_("本区叫法"), max_length=20, blank=True, default="")
    is_on = models.BooleanField(_("在用"), default=True)
    position = models.PositiveSmallIntegerField(_("排第几"))

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "channel"], name="channel_setting_once")]

    def __str__(self) -> str:
        return self.name or self.channel
