from __future__ import annotations

from django.db import models
from django.db.models import Q

from governance.kernel.models import Transition
from governance.kernel.tenancy.models import DistrictForeignKey
from requests_intake.models.clock import Clock
from requests_intake.models.ticket import Ticket
from requests_intake.models.work_order import WorkOrder


class TicketTransition(Transition):
    """One move of a ticket or of one of its work orders, or one fired stage of one of its clocks."""

    ticket = DistrictForeignKey(Ticket, related_name="transitions")
    work_order = DistrictForeignKey(WorkOrder, null=True, blank=True)
    clock = DistrictForeignKey(Clock, null=True, blank=True)
    stage = models.CharField(max_length=12, blank=True, default="")

    class Meta(Transition.Meta):
        abstract = False
        constraints = [
            # The second lock of the sweep: a stage fires once whatever two workers believe.
            models.UniqueConstraint(
                fields=["district", "clock", "stage"], condition=Q(clock__isnull=False), name="transition_stage_once"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "ticket", "id"], name="transition_ticket"),
            # The rows behind a number of the statistics: moves of a kind within a period.
            models.Index(fields=["district", "move", "at"], name="transition_move_at"),
            models.Index(fields=["district", "id"], name="transition_outbox", condition=Q(delivered_at=None)),
        ]
