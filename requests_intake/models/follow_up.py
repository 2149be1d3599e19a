"""What comes after the handling: the draw for a look on site, the tasks of looking and asking, the review."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Level
from requests_intake.models.ticket import Ticket
from requests_intake.models.work_order import WorkOrder


class DrawSeed(DistrictModel):
    """The secret of one month's draws. ``commitment`` may be read at once, the seed when the month is over."""

    month = models.DateField(help_text="its first day")
    commitment = models.CharField(max_length=64, help_text="SHA-256 of the seed")
    seed = EncryptedTextField()
    made_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "month"], name="drawseed_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class SampleDraw(DistrictModel):
    """Whether somebody looks on site, and why: one row for each time a ticket is reported done (SLA D.10).

    ``value`` (0–99) and ``seed`` are there only where it was left to the draw.
    """

    class Rule(models.TextChoices):
        URGENCY = "urgency", _("特急、紧急必查")
        SAFETY = "safety", _("涉及安全必查")
        AGAIN = "again", _("上次核查没通过，必查")
        ORGANIZATION = "organization", _("按承办单位抽查")
        CATEGORY = "category", _("按事项抽查")
        SAMPLE = "sample", _("一般抽查")
        OWN_FIND = "own_find", _("网格自己发现、自己办好，不查")

    ticket = DistrictForeignKey(Ticket, related_name="draws")
    work_order = DistrictForeignKey(WorkOrder)
    turn = models.PositiveSmallIntegerField(help_text="1, 2, 3 …: how often the ticket was reported done")
    rule = models.CharField(max_length=12, choices=Rule.choices)
    percent = models.PositiveSmallIntegerField()
    seed = DistrictForeignKey(DrawSeed, null=True, blank=True)
    value = models.PositiveSmallIntegerField(null=True, blank=True)
    chosen = models.BooleanField()
    drawn_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "ticket", "turn"], name="sampledraw_turn")]
        indexes = [models.Index(fields=["district", "-drawn_at", "-id"], name="sampledraw_newest")]

    def __str__(self) -> str:
        return f"{self.ticket_id}/{self.turn}: {self.chosen}"


class FollowUp(DistrictModel):
    """A look on site or a return visit that is still to be made; open exactly while the ticket waits for it.

    ``level``: whose turn a look is; it goes up where nobody looked in time (``raised_at``). ``handled_by`` reported the
    matter done and may not look themselves. ``claimed_by``: who is calling just now, until ``claimed_until``.
    """

    class Kind(models.TextChoices):
        CHECK = "check", _("核查")
        VISIT = "visit", _("回访")

    ticket = DistrictForeignKey(Ticket, related_name="follow_ups")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    level = models.CharField(max_length=10, choices=Level.choices, blank=True, default="")
    handled_by = DistrictForeignKey(Membership, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    raised_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    claimed_by = DistrictForeignKey(Membership, null=True, blank=True, related_name="+")
    claimed_until = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "ticket"], condition=Q(ended_at=None), name="followup_one_open"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "kind", "due_at"], name="followup_due", condition=Q(ended_at=None)),
            models.Index(fields=["district", "ticket"], name="followup_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.ticket_id}"


class UnreasonableClaim(DistrictModel):
    """A leader asks the district to find that a matter, handled twice, asks for what cannot be given (不合理诉求).

    The words of both sides are notes. ``granted`` is None until the district has decided.
    """

    ticket = DistrictForeignKey(Ticket, related_name="unreasonable_claims")
    asked_by = DistrictForeignKey(Membership, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = DistrictForeignKey(Membership, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    granted = models.BooleanField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "ticket"], condition=Q(decided_at=None), name="unreasonable_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.granted}"
