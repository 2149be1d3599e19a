"""The districts (区) of one installation."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _


class DistrictQuerySet(models.QuerySet["District"]):
    def with_shift(self) -> Self:
        """Reads the demo's clock shift in the same statement, so that opening a scope costs one."""
        seconds = ClockShift.objects.values("seconds")[:1]
        return self.annotate(shift_seconds=Coalesce(models.Subquery(seconds), 0))


def default_path() -> list[str]:
    return ["grid", "community", "street", "district"]


class District(models.Model):
    """One tenant: a district of 300,000 people, more or less.

    ``reference_version`` grows with every change of reference data (areas, organizations, posts, categories,
    policies, calendar); process caches are keyed by it, so they are exact without any messages between processes.
    """

    id = models.PositiveIntegerField(primary_key=True)
    code = models.SlugField(_("代号"), max_length=32, unique=True)
    name = models.CharField(_("名称"), max_length=50)
    area_code = models.CharField(
        _("区划代码"), max_length=6, unique=True, validators=[RegexValidator(r"^\d{6}$", _("区划代码是六位数字"))]
    )
    host = models.CharField(_("域名"), max_length=200, null=True, blank=True, unique=True)
    is_active = models.BooleanField(_("启用"), default=True)
    escalation_path = models.JSONField(_("上报路径"), default=default_path)
    hotline = models.CharField(_("热线"), max_length=30, blank=True, default="12345")
    reference_version = models.PositiveBigIntegerField(default=1, editable=False)

    objects = DistrictQuerySet.as_manager()

    class Meta:
        verbose_name = _("区")
        verbose_name_plural = _("区")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def clock_shift(self) -> timedelta:
        """How far this installation's clock is moved; zero unless read by ``with_shift``."""
        from django.conf import settings

        seconds: Any = getattr(self, "shift_seconds", 0)
        return timedelta(seconds=seconds) if settings.CLOCK_SHIFT_ALLOWED else timedelta(0)


class ClockShift(models.Model):
    """At most one row: seconds by which the demo and the tests run ahead. Production refuses to start with it."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="clockshift_one_row")]

    def __str__(self) -> str:
        return f"{self.seconds} s"
