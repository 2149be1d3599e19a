"""What a visit to a household led to. The visit lies below and knows nothing of it."""

from __future__ import annotations

from django.db import models

from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.visits.models import Visit
from requests_intake.models.ticket import Ticket


class VisitTicket(DistrictModel):
    """A ticket that was raised at a visit (S1-09c ``linked_request``). Rows are only added."""

    visit = DistrictForeignKey(Visit)
    ticket = DistrictForeignKey(Ticket)
    made_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "ticket"], name="visitticket_once")]
        indexes = [models.Index(fields=["district", "visit"], name="visitticket_of")]

    def __str__(self) -> str:
        return f"{self.visit_id} {self.ticket_id}"
