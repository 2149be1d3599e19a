from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Organization
from requests_intake.models.ticket import Ticket
from requests_intake.models.work_order import WorkOrder


class Application(DistrictModel):
    """What a handling organization asks for about its work order (申请): to give it back, to get more time, to hold the
    clock, to put the matter on the list of what cannot be solved now (SLA D.5–D.8).

    Its words stand in the notes of its two transitions. ``decider`` is the organization that answers, ``decide_by`` the
    end of its time; what silence means depends on the kind (``requests_intake.discipline``). Only one of a kind is open
    for a work order.
    """

    class Kind(models.TextChoices):
        RETURN = "return", _("退单")
        EXTENSION = "extension", _("延期")
        PAUSE = "pause", _("暂停计时")
        SUSPENSION = "suspension", _("挂账")

    class State(models.TextChoices):
        ASKED = "asked", _("待答复")
        GRANTED = "granted", _("已同意")
        REFUSED = "refused", _("未同意")
        LAPSED = "lapsed", _("已失效")
        TAKEN_BACK = "taken_back", _("已撤回")

    ticket = DistrictForeignKey(Ticket, related_name="applications")
    work_order = DistrictForeignKey(WorkOrder, related_name="applications")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    reason = models.CharField(max_length=24, blank=True, default="", help_text="code from requests_intake.discipline")
    organization = DistrictForeignKey(Organization, related_name="applications")
    asked_by = DistrictForeignKey(Membership, null=True, blank=True, related_name="asked_applications")
    asked_at = models.DateTimeField()
    decider = DistrictForeignKey(Organization, related_name="applications_to_decide")
    decide_by = models.DateTimeField()
    is_arbitration = models.BooleanField(_("裁定"), default=False)
    decided_by = DistrictForeignKey(Membership, null=True, blank=True, related_name="decided_applications")
    decided_at = models.DateTimeField(null=True, blank=True)
    lapse_reason = models.CharField(max_length=16, blank=True, default="", help_text="unanswered or order_ended")
    limit_value = models.PositiveIntegerField(null=True, blank=True, help_text="extension: how much more")
    limit_unit = models.CharField(max_length=12, blank=True, default="")
    until = models.DateTimeField(null=True, blank=True, help_text="pause: expected end; suspension: target date")
    suggested = DistrictForeignKey(
        Organization, null=True, blank=True, related_name="applications_suggesting", help_text="return: who it is for"
    )
    clause = models.CharField(_("职责清单条款"), max_length=120, blank=True, default="")
    told = models.TextField(blank=True, default="", help_text="what the resident reads once it is granted")
    responsible = DistrictForeignKey(Membership, null=True, blank=True, help_text="suspension: who answers for it")
    attempts = models.JSONField(default=list, blank=True, help_text="access refused: ISO moments somebody was there")
    ended_at = models.DateTimeField(null=True, blank=True, help_text="end of the granted pause or suspension")
    reviewed_at = models.DateTimeField(null=True, blank=True, help_text="last review of a suspension")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "work_order", "kind"], condition=Q(state="asked"), name="application_one_open"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "kind", "state", "-asked_at", "-id"], name="application_list"),
            models.Index(
                fields=["district", "decider", "decide_by"], name="application_to_decide", condition=Q(state="asked")
            ),
            models.Index(fields=["district", "ticket"], name="application_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.ticket_id}"
