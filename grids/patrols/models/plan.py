"""When a grid is to be walked (S3-21): a plan with its shifts, from a day on."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Area


class PatrolPlan(DistrictModel):
    """What a grid plans from ``starts_on`` to ``ended_on`` (both included; open where None).

    A change ends the row and begins another one the next day, so that what was planned stays planned. ``weekdays`` are
    ISO numbers (1 Monday … 7 Sunday). ``on_days_off``: those weekdays whatever the calendar says; else a day counts
    only if the district works on it. Nothing of a way walked is kept (read_first 1).
    """

    class Kind(models.TextChoices):
        ROUTINE = "routine", _("日常巡查")
        SAFETY = "safety", _("安全、应急巡查")

    grid = DistrictForeignKey(Area)
    kind = models.CharField(_("类型"), max_length=8, choices=Kind.choices)
    weekdays = models.JSONField(_("星期"))
    on_days_off = models.BooleanField(_("节假日也巡"), default=False)
    starts_on = models.DateField(_("从哪天起"))
    ended_on = models.DateField(_("到哪天"), null=True, blank=True)
    made_by = DistrictForeignKey(Membership, null=True, blank=True)
    made_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "grid", "kind"], condition=Q(ended_on=None), name="patrolplan_one_runs"
            ),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("starts_on")), name="patrolplan_ends_later"
            ),
        ]
        indexes = [models.Index(fields=["district", "grid", "starts_on"], name="patrolplan_of")]

    def __str__(self) -> str:
        return f"{self.grid_id} {self.kind} {self.starts_on}"


class PatrolShift(DistrictModel):
    """A part of the day that is to be walked once. Times are of the day in Shanghai."""

    class Code(models.TextChoices):
        AM = "am", _("上午")
        PM = "pm", _("下午")
        NIGHT = "night", _("晚上")

    plan = DistrictForeignKey(PatrolPlan, related_name="shifts")
    code = models.CharField(_("班次"), max_length=5, choices=Code.choices)
    opens_at = models.TimeField(_("从几点"))
    closes_at = models.TimeField(_("到几点"))

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "plan", "code"], name="patrolshift_once"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="patrolshift_closes_later"),
        ]

    def __str__(self) -> str:
        return f"{self.plan_id} {self.code}"


class PatrolPoint(DistrictModel):
    """A place of a safety plan at which somebody taps 到点. Only where the district has a ground for it."""

    plan = DistrictForeignKey(PatrolPlan, related_name="points")
    title = models.CharField(_("巡查点"), max_length=40)
    position = models.PositiveSmallIntegerField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "plan", "title"], name="patrolpoint_once")]

    def __str__(self) -> str:
        return self.title
