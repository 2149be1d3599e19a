from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Organization
from requests_intake.models.circular import Circular
from requests_intake.models.ticket import Ticket
from requests_intake.models.work_order import WorkOrder


class Supervision(DistrictModel):
    """A supervision order (督办单) to the head of an organization, or a line of the list that is published (通报).

    Both are issued by a person or by the clock (SLA D.4). An order wants a written answer by ``reply_by``; one that
    gets none goes on the draft list. A draft is published in an issue (``circular``), or dropped with a reason; what
    was published can be withdrawn with a reason. The words stand in notes.
    """

    class Kind(models.TextChoices):
        ORDER = "order", _("督办")
        CIRCULAR = "circular", _("通报")

    class State(models.TextChoices):
        ISSUED = "issued", _("待回复")
        ANSWERED = "answered", _("已回复")
        OVERDUE = "overdue", _("逾期未回复")
        DRAFT = "draft", _("拟通报")
        PUBLISHED = "published", _("已通报")
        DROPPED = "dropped", _("不予通报")
        WITHDRAWN = "withdrawn", _("已撤回通报")

    ticket = DistrictForeignKey(Ticket, related_name="supervisions")
    work_order = DistrictForeignKey(WorkOrder)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    organization = DistrictForeignKey(Organization, related_name="supervisions")
    issuer = DistrictForeignKey(Organization, related_name="issued_supervisions")
    issued_by = DistrictForeignKey(Membership, null=True, blank=True, help_text="nobody: the clock")
    issued_at = models.DateTimeField()
    reply_by = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    circular = DistrictForeignKey(Circular, null=True, blank=True, related_name="lines")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "work_order"], condition=models.Q(kind="circular"), name="supervision_one_circular"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "kind", "state", "-issued_at", "-id"], name="supervision_list"),
            models.Index(fields=["district", "organization", "state"], name="supervision_organization"),
            models.Index(fields=["district", "ticket"], name="supervision_ticket"),
            models.Index(fields=["district", "circular"], name="supervision_circular"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.ticket_id}"
