from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from requests_intake.models.ticket import Ticket
from requests_intake.models.work_order import WorkOrder


class ClockKind(models.TextChoices):
    PROMISE = "promise", _("对居民的承诺")
    SIGN = "sign", _("签收")
    CONTACT = "contact", _("联系")
    RESOLVE = "resolve", _("办结")


class Clock(DistrictModel):
    """A running limit. The promise is stored, not recomputed.

    ``schedule`` is the list of ``[stage, ISO instant]`` fixed at the start; ``stage_index`` how many have fired;
    ``next_fire_at`` the instant of the next (null: none left, stopped, or set aside). A clock whose stage could not be
    fired is set aside with its reason and stops nobody else.
    """

    ticket = DistrictForeignKey(Ticket, related_name="clocks")
    work_order = DistrictForeignKey(WorkOrder, null=True, blank=True, related_name="clocks")
    kind = models.CharField(max_length=10, choices=ClockKind.choices)
    started_at = models.DateTimeField()
    limit_value = models.PositiveIntegerField()
    limit_unit = models.CharField(max_length=12)
    due_at = models.DateTimeField()
    schedule = models.JSONField()
    stage_index = models.PositiveSmallIntegerField(default=0)
    next_fire_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    set_aside_at = models.DateTimeField(null=True, blank=True)
    set_aside_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "ticket", "work_order", "kind"], name="clock_once", nulls_distinct=False
            ),
        ]
        indexes = [
            models.Index(fields=["district", "next_fire_at"], name="clock_due", condition=Q(stopped_at=None)),
            models.Index(fields=["district", "work_order"], name="clock_order"),
            models.Index(fields=["district"], name="clock_set_aside", condition=Q(set_aside_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.ticket_id}"

    def planned(self, index: int) -> tuple[str, datetime] | None:
        """Stage and instant at ``index`` of the schedule; None past its end."""
        if index >= len(self.schedule):
            return None
        stage, instant = self.schedule[index]
        return stage, datetime.fromisoformat(instant)
