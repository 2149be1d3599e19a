from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Level, Organization
from requests_intake import workflow
from requests_intake.models.ticket import Ticket


class WorkOrder(DistrictModel):
    """The order to one handling organization (工单). ``organization`` and ``level`` never change: going up makes a new
    one. ``assignee`` is optional: the clock runs for the organization."""

    class Role(models.TextChoices):
        LEAD = "lead", _("主办")
        CO_HANDLING = "co_handling", _("协办")

    ticket = DistrictForeignKey(Ticket, related_name="work_orders")
    sequence = models.PositiveSmallIntegerField(help_text="1, 2, 3 … within the ticket")
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.LEAD)
    state = models.CharField(max_length=12, choices=workflow.OrderState.choices())
    organization = DistrictForeignKey(Organization)
    level = models.CharField(max_length=10, choices=Level.choices)
    assignee = DistrictForeignKey(Membership, null=True, blank=True)
    handed_over_reason = models.CharField(max_length=12, blank=True, default="")
    dispatched_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)
    contacted_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    limit_value = models.PositiveIntegerField()
    limit_unit = models.CharField(max_length=12)
    due_at = models.DateTimeField()
    was_cut = models.BooleanField(_("已截短"), default=False)
    beyond_promise = models.BooleanField(default=False)
    is_late_sign = models.BooleanField(default=False)
    is_late_contact = models.BooleanField(default=False)
    supervise_level = models.PositiveSmallIntegerField(default=0)
    urge_count = models.PositiveSmallIntegerField(default=0)
    rework_count = models.PositiveSmallIntegerField(default=0)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "ticket", "sequence"], name="workorder_sequence"),
            models.UniqueConstraint(
                fields=["district", "ticket"],
                condition=Q(role="lead", ended_at=None),
                name="workorder_one_lead",
            ),
        ]
        indexes = [
            models.Index(
                fields=["district", "organization", "due_at"], name="workorder_open_org", condition=Q(ended_at=None)
            ),
            models.Index(fields=["district", "organization", "ticket"], name="workorder_org_ticket"),
            # What is to be evaluated: handed on by somebody, done, of the last weeks.
            models.Index(
                fields=["district", "ended_at", "id"],
                name="workorder_handed_on",
                condition=Q(role="lead", state="verified", sequence__gt=1),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.sequence}"
