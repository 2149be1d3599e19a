from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.kernel.tenancy.models import DistrictModel


class NationalCalendarDay(models.Model):
    """A day that differs from Monday–Friday: a statutory holiday, or a make-up workday (调休)."""

    day = models.DateField(_("日期"), primary_key=True)
    works = models.BooleanField(_("上班"))
    name = models.CharField(_("说明"), max_length=30, blank=True, default="")
    is_published = models.BooleanField(
        _("已公布"), default=True, help_text=_("未公布的年份只知道法定假日，调休日要等通知")
    )

    class Meta:
        verbose_name = _("全国工作日历")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {'班' if self.works else '休'}"


class CalendarDay(DistrictModel):
    """A district's own exception to the national calendar."""

    day = models.DateField(_("日期"))
    works = models.BooleanField(_("上班"))
    name = models.CharField(_("说明"), max_length=30, blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "day"], name="calendarday_once")]

    def __str__(self) -> str:
        return f"{self.day} {'班' if self.works else '休'}"


class CalendarYear(DistrictModel):
    """A year whose whole schedule the district has entered itself: its dates are final here."""

    year = models.PositiveSmallIntegerField(_("年份"))

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "year"], name="calendaryear_once")]

    def __str__(self) -> str:
        return str(self.year)


class WorkHours(DistrictModel):
    """A version of the district's working hours (SLA D.1). From its day on it holds until a newer version begins.

    ``hours`` and the hours of ``seasons`` are pairs of clock times, ``[["08:30", "12:00"], …]``; a season adds the
    part of the year, ``{"from": "05-01", "to": "09-30", "hours": …}``. Read by ``kernel.work_hours``.
    """

    version = models.PositiveIntegerField()
    starts_on = models.DateField(_("从哪天起"))
    hours = models.JSONField()
    seasons = models.JSONField(default=list)
    note = models.CharField(max_length=200, blank=True, default="")
    made_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "version"], name="workhours_version")]

    def __str__(self) -> str:
        return f"v{self.version} {self.starts_on}"
