from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from requests_intake.models.ticket import Ticket


class CaseMember(DistrictModel):
    """Somebody named into the circle of a restricted ticket (知悉范围) besides the desk and those who handle it now.

    ``since`` and ``until`` are moments; the row stays after it has ended. ``reason`` is encrypted: it may say what the
    matter is about, and goes with the ticket's words.
    """

    class Role(models.TextChoices):
        HANDLER = "handler", _("参与办理")
        SUPERVISOR = "supervisor", _("督办")
        ADVISER = "adviser", _("提供意见")

    ticket = DistrictForeignKey(Ticket, related_name="case_members")
    membership = DistrictForeignKey(Membership)
    role = models.CharField(_("身份"), max_length=12, choices=Role.choices)
    reason = EncryptedTextField(_("为什么要知道"), blank=True, default="")
    added_by = DistrictForeignKey(Membership, null=True, blank=True)
    since = models.DateTimeField(_("从"))
    until = models.DateTimeField(_("到"), null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "ticket", "membership"], condition=Q(until=None), name="casemember_once"
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=models.F("since")), name="casemember_ends"),
        ]
        indexes = [models.Index(fields=["district", "membership", "ticket"], name="casemember_of")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.membership_id}"
