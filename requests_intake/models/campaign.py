from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Organization
from requests_intake import workflow
from requests_intake.models.ticket import Ticket


class Campaign(DistrictModel):
    """专项: a piece of work of some weeks (创城, 防汛) whose matters are kept together by a label (S4-08)."""

    name = models.CharField(_("专项名称"), max_length=40)
    description = models.CharField(_("说明"), max_length=500, blank=True, default="")
    owner = DistrictForeignKey(Organization)
    since = models.DateField(_("从哪天"))
    until = models.DateField(_("到哪天"), null=True, blank=True)
    is_active = models.BooleanField(_("在用"), default=True)
    created_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "name"], name="campaign_name_once"),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="campaign_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TicketCampaign(DistrictModel):
    """A ticket bears the label of a campaign; it may bear several."""

    ticket = DistrictForeignKey(Ticket, related_name="campaigns")
    campaign = DistrictForeignKey(Campaign, related_name="tickets")
    labelled_by = DistrictForeignKey(Membership, null=True, blank=True)
    labelled_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "ticket", "campaign"], name="campaign_ticket_once")]
        indexes = [models.Index(fields=["district", "campaign", "ticket"], name="campaign_tickets")]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.ticket_id}"


class BatchReport(DistrictModel):
    """报送: which tickets of a campaign were put before which organization, when and by whom (S4-08)."""

    campaign = DistrictForeignKey(Campaign, related_name="reports")
    sender = DistrictForeignKey(Organization)
    organization = DistrictForeignKey(Organization)
    reported_by = DistrictForeignKey(Membership, null=True, blank=True)
    reported_at = models.DateTimeField()
    number = models.PositiveSmallIntegerField(_("件数"))

    class Meta(DistrictModel.Meta):
        indexes = [
            models.Index(fields=["district", "campaign", "-reported_at"], name="batch_report_campaign"),
            models.Index(fields=["district", "organization", "-reported_at"], name="batch_report_to"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id} → {self.organization_id}"


class BatchReportRow(DistrictModel):
    """A ticket of a report, with the state it was in then: the sheet shows beside it how it stands now."""

    report = DistrictForeignKey(BatchReport, related_name="rows")
    ticket = DistrictForeignKey(Ticket, related_name="batch_rows")
    state_then = models.CharField(max_length=10, choices=workflow.TicketState.choices())

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "report", "ticket"], name="batch_report_row_once")]

    def __str__(self) -> str:
        return f"{self.report_id}: {self.ticket_id}"
