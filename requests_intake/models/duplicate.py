from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from requests_intake import workflow
from requests_intake.models.ticket import Ticket
from requests_intake.models.work_order import WorkOrder


class TicketMerge(DistrictModel):
    """One follower handled with its master, from ``merged_at`` until it was undone (if it was).

    A row is never deleted and a follower has at most one that runs. ``former_…`` is what the follower was taken from;
    ``brought_by`` the merge of its former master that took this follower along to another one.
    """

    master = DistrictForeignKey(Ticket, related_name="mergers")
    follower = DistrictForeignKey(Ticket, related_name="merges")
    merged_by = DistrictForeignKey(Membership, null=True, blank=True)
    merged_at = models.DateTimeField()
    former_state = models.CharField(max_length=10, choices=workflow.TicketState.choices())
    former_order = DistrictForeignKey(WorkOrder, null=True, blank=True, help_text="the lead order that was cancelled")
    brought_by = DistrictForeignKey("self", null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = DistrictForeignKey(Membership, null=True, blank=True, related_name="+")

    class Meta(DistrictModel.Meta):
        constraints = [
            # However many desks merge it at once: a follower has one master.
            models.UniqueConstraint(
                fields=["district", "follower"], condition=Q(undone_at=None), name="ticketmerge_one_master"
            ),
            models.CheckConstraint(condition=~Q(master=F("follower")), name="ticketmerge_of_two"),
        ]
        indexes = [
            models.Index(fields=["district", "master"], name="ticketmerge_master", condition=Q(undone_at=None)),
            models.Index(fields=["district", "follower"], name="ticketmerge_follower"),
            models.Index(fields=["district", "brought_by"], name="ticketmerge_brought_by"),
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} → {self.master_id}"


class TicketSplit(DistrictModel):
    """A part of a matter that was reported as one. The original keeps its number and remains the first part."""

    original = DistrictForeignKey(Ticket, related_name="parts")
    part = DistrictForeignKey(Ticket, related_name="part_of")
    split_by = DistrictForeignKey(Membership, null=True, blank=True)
    split_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "part"], name="ticketsplit_one_original"),
            models.CheckConstraint(condition=~Q(original=F("part")), name="ticketsplit_of_two"),
        ]
        indexes = [models.Index(fields=["district", "original"], name="ticketsplit_original")]

    def __str__(self) -> str:
        return f"{self.original_id}: {self.part_id}"


class TicketRepeat(DistrictModel):
    """The same person brought the same kind of matter at the same place before (kpi E.5).

    It ties a person's reports together, so it goes with the person (``actions/anonymize.py``).
    """

    ticket = DistrictForeignKey(Ticket, related_name="repeats")
    earlier = DistrictForeignKey(Ticket, related_name="repeated_by")

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "ticket", "earlier"], name="ticketrepeat_once")]
        indexes = [models.Index(fields=["district", "earlier"], name="ticketrepeat_earlier")]

    def __str__(self) -> str:
        return f"{self.ticket_id} after {self.earlier_id}"
