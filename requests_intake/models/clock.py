from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from requests_intake.models.application import Application
from requests_intake.models.supervision import Supervision
from requests_intake.models.ticket import Ticket
from requests_intake.models.work_order import WorkOrder


class ClockKind(models.TextChoices):
    PROMISE = "promise", _("对居民的承诺")
    SIGN = "sign", _("签收")
    CONTACT = "contact", _("联系")
    RESOLVE = "resolve", _("办结")
    ON_SITE = "on_site", _("到场")
    CONTROL = "control", _("控制险情")
    PLAN = "plan", _("告知方案")
    DECISION = "decision", _("答复申请")
    ARBITRATION = "arbitration", _("裁定")
    PAUSE_END = "pause_end", _("恢复计时")
    REVIEW = "review", _("复查挂账")
    REPLY = "reply", _("回复督办")


RUNNING_LIMITS = frozenset({ClockKind.PROMISE, ClockKind.SIGN, ClockKind.CONTACT, ClockKind.RESOLVE})
"""Kinds that a pause holds. The others measure how long somebody takes to answer, whatever the order does."""


FIELD_MOVES = {
    "arrive": ClockKind.ON_SITE,
    "control_danger": ClockKind.CONTROL,
    "report_danger": ClockKind.CONTROL,
    "tell_plan": ClockKind.PLAN,
}
"""Moves that answer a limit of the whole matter besides its promise (SLA D.2), and which: they are there only while it
runs. Such a clock belongs to no work order: it starts once, and handing the matter on resets none of it."""


class Clock(DistrictModel):
    """A running limit. The promise is stored, not recomputed.

    ``schedule`` is the list of ``[stage, ISO instant]`` fixed at the start; ``stage_index`` how many have fired;
    ``next_fire_at`` the instant of the next (null: none left, stopped, or set aside). A clock whose stage could not be
    fired is set aside with its reason and stops nobody else. ``paused_at``: held since then by a pause or a
    suspension; a held clock fires nothing. How the deadline came about stands in its ``ClockEntry`` rows.
    """

    ticket = DistrictForeignKey(Ticket, related_name="clocks")
    work_order = DistrictForeignKey(WorkOrder, null=True, blank=True, related_name="clocks")
    application = DistrictForeignKey(Application, null=True, blank=True, related_name="clocks")
    supervision = DistrictForeignKey(Supervision, null=True, blank=True, related_name="clocks")
    kind = models.CharField(max_length=12, choices=ClockKind.choices)
    started_at = models.DateTimeField()
    limit_value = models.PositiveIntegerField()
    limit_unit = models.CharField(max_length=12)
    due_at = models.DateTimeField()
    schedule = models.JSONField()
    stage_index = models.PositiveSmallIntegerField(default=0)
    next_fire_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    set_aside_at = models.DateTimeField(null=True, blank=True)
    set_aside_reason = models.CharField(max_length=200, blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "ticket", "work_order", "kind", "application", "supervision"],
                name="clock_once",
                nulls_distinct=False,
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


class ClockEntry(DistrictModel):
    """One line of a clock's ledger (SLA D.1, D.5, D.6, D.12): what moved or stopped it, when, and where it stood then.

    Insert only. ``due_at`` is the deadline after the line. ``facts`` holds whatever the line was computed from, so
    that it can be computed again in ten years: the days off and worked and the hours that counted (``calendar``), the
    promise it was cut to (``promise``), the limit, since when it was held. Read by ``requests_intake.sla.ledger``.
    """

    class Kind(models.TextChoices):
        START = "start", _("起算")
        TAKEN_OVER = "taken_over", _("接续")
        PAUSE = "pause", _("暂停")
        RESUME = "resume", _("恢复")
        EXTENSION = "extension", _("延期")
        TRANSFER = "transfer", _("移交")
        STOP = "stop", _("停止")
        CONTINUE = "continue", _("接着算")

    clock = DistrictForeignKey(Clock, related_name="entries")
    ticket = DistrictForeignKey(Ticket)
    application = DistrictForeignKey(Application, null=True, blank=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    due_at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    actor = DistrictForeignKey(Membership, null=True, blank=True)

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "ticket", "id"], name="clockentry_ticket")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.clock_id}"
