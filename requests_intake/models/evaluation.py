from __future__ import annotations

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Organization
from requests_intake.models.whistle import WhistleTarget
from requests_intake.models.work_order import WorkOrder


def _score(label: Any) -> models.PositiveSmallIntegerField:
    return models.PositiveSmallIntegerField(label, validators=[MinValueValidator(1), MaxValueValidator(5)])


class EvaluationEntry(DistrictModel):
    """What one organization thinks of another after one matter (谁呼谁评、谁应谁评, S3-29).

    The matter is a work order that was handed on, or an organization's part in a whistle. Scores are 1 to 5, never
    changed; only the comment can be erased. ``month`` is the first day of the month it was given in: what the rated
    side sees are months that have ended, so that no single entry shows in a difference.
    """

    class Rater(models.TextChoices):
        CALLER = "caller", _("呼叫方")
        RESPONDER = "responder", _("响应方")

    work_order = DistrictForeignKey(WorkOrder, null=True, blank=True)
    whistle_target = DistrictForeignKey(WhistleTarget, null=True, blank=True)
    rater_kind = models.CharField(max_length=10, choices=Rater.choices)
    rater = DistrictForeignKey(Organization)
    ratee = DistrictForeignKey(Organization)
    speed = _score(_("快不快"))
    result = _score(_("办得怎么样"))
    attitude = _score(_("态度"))
    comment = models.TextField(_("说一句"), blank=True, default="")
    month = models.DateField()
    at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "work_order", "rater"],
                condition=Q(work_order__isnull=False),
                name="evaluation_order_once",
            ),
            models.UniqueConstraint(
                fields=["district", "whistle_target", "rater"],
                condition=Q(whistle_target__isnull=False),
                name="evaluation_whistle_once",
            ),
            models.CheckConstraint(
                condition=Q(work_order__isnull=False, whistle_target=None)
                | Q(work_order=None, whistle_target__isnull=False),
                name="evaluation_of_one_matter",
            ),
            models.CheckConstraint(
                condition=Q(speed__range=(1, 5), result__range=(1, 5), attitude__range=(1, 5)),
                name="evaluation_one_to_five",
            ),
        ]
        indexes = [models.Index(fields=["district", "ratee", "month"], name="evaluation_ratee")]

    def __str__(self) -> str:
        return f"{self.rater_id} → {self.ratee_id}"
