from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from requests_intake.models.ticket import Ticket


class Consent(DistrictModel):
    """That somebody agreed to another reporting for them: who, how, when (S2-05, people.md 9).

    Who agreed is the ticket's requester, whose phone gets the news. Of a neighbour or relative who reported only what
    they are to the person is kept, of staff who wrote it down (``recorded_by``).
    """

    class How(models.TextChoices):
        FACE = "face", _("当面说的")
        PHONE = "phone", _("电话里说的")
        ONLINE = "online", _("网上聊天说的")
        WRITING = "writing", _("书面写的")

    class Helper(models.TextChoices):
        FAMILY = "family", _("家人")
        NEIGHBOUR = "neighbour", _("邻居")
        CARER = "carer", _("照护人、志愿者")
        STAFF = "staff", _("工作人员")

    ticket = DistrictForeignKey(Ticket, related_name="consents")
    how = models.CharField(_("怎么同意的"), max_length=10, choices=How.choices)
    helper = models.CharField(_("替报的人"), max_length=10, choices=Helper.choices)
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)
    text_version = models.PositiveIntegerField(default=0, help_text="of the text agreed to; 0: our own")
    at = models.DateTimeField(_("同意时间"))

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "ticket"], name="consent_once")]

    def __str__(self) -> str:
        return f"{self.pk}"
