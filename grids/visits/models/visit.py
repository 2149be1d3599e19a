"""Visits to households, and how many a grid means to reach in a month."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.households.models import Household
from grids.models import Area


class VisitOutcome(DistrictModel):
    """What came of a visit, in the district's own words (五小工作法, S2-06).

    ``offers_mediation``: a visit with this outcome offers to go on as a mediation.
    """

    name = models.CharField(_("名称"), max_length=12)
    offers_mediation = models.BooleanField(_("可以转调解"), default=False)
    position = models.PositiveSmallIntegerField(_("次序"), default=0)
    ended_on = models.DateField(_("停用日期"), null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "name"], condition=Q(ended_on=None), name="visitoutcome_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class VisitPlan(DistrictModel):
    """How many households a grid means to reach in a month (S1-09c). Without a row the usual number holds.

    ``month`` is the first day of it.
    """

    grid = DistrictForeignKey(Area)
    month = models.DateField(_("月份"))
    target = models.PositiveSmallIntegerField(_("走访户数"))
    set_by = DistrictForeignKey(Membership, null=True, blank=True)
    set_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "grid", "month"], name="visitplan_once"),
            models.CheckConstraint(condition=Q(target__gte=1), name="visitplan_some"),
            models.CheckConstraint(condition=Q(month__day=1), name="visitplan_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.grid_id} {self.month:%Y-%m}: {self.target}"


class Visit(DistrictModel):
    """Somebody went to a household, or rang it.

    ``grid`` is where the household lived then. Nobody at home and a refusal are attempts: they do not count as
    visited. ``findings`` are words about people: read by whoever wrote them, opened with a reason by others.
    A withdrawn visit counts nowhere. No position, no photo, no length of stay is kept (read_first 1).
    """

    class Met(models.TextChoices):
        YES = "yes", _("见到了")
        NO = "no", _("没人在家")
        REFUSED = "refused", _("不愿见")
        PHONE = "phone", _("电话谈了")

    class Purpose(models.TextChoices):
        ROUTINE = "routine", _("日常走访")
        KEY = "key", _("重点看望")
        MUST = "must", _("必访必到")
        AGREED = "agreed", _("约好的")
        OTHER = "other", _("别的事")

    household = DistrictForeignKey(Household)
    grid = DistrictForeignKey(Area)
    at = models.DateTimeField(_("时间"))
    recorded_at = models.DateTimeField()
    by = DistrictForeignKey(Membership, null=True, blank=True)
    purpose = models.CharField(_("为什么去"), max_length=8, choices=Purpose.choices, default=Purpose.ROUTINE)
    met = models.CharField(_("见到人没有"), max_length=8, choices=Met.choices)
    outcome = DistrictForeignKey(VisitOutcome, null=True, blank=True)
    findings = EncryptedTextField(_("说了什么"), blank=True, default="")
    next_visit_on = models.DateField(_("约好哪天再去"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        verbose_name = _("走访")
        constraints = [
            models.CheckConstraint(condition=Q(at__lte=models.F("recorded_at")), name="visit_before_it_is_recorded"),
        ]
        indexes = [
            models.Index(fields=["district", "household", "-at"], name="visit_of"),
            models.Index(fields=["district", "grid", "at"], name="visit_month"),
            models.Index(fields=["district", "by", "-at"], name="visit_by"),
        ]

    def __str__(self) -> str:
        return f"visit {self.pk}"


REACHED = (Visit.Met.YES, Visit.Met.PHONE)
"""Somebody was spoken to: only this counts as visited."""
