from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


class Level(models.TextChoices):
    """Levels of territory and of organizations. Departments have no territory of their own below the district."""

    GRID = "grid", _("网格")
    COMMUNITY = "community", _("社区")
    STREET = "street", _("街道")
    DEPARTMENT = "department", _("部门")
    DISTRICT = "district", _("区")


class Area(DistrictModel):
    """A piece of territory: district, street, community or grid. Areas end; they are never deleted.

    ``path`` is searched by range, never by LIKE. ``street``, ``community`` and ``grid`` are copied down (an area
    holds itself at its own level), so that a scope is an equality on one column.
    """

    class GridKind(models.TextChoices):
        BASIC = "basic", _("基础网格")
        EXCLUSIVE = "exclusive", _("专属网格")
        MICRO = "micro", _("微网格")

    level = models.CharField(_("层级"), max_length=10, choices=Level.choices)
    code = models.CharField(_("区划代码"), max_length=20)
    name = models.CharField(_("名称"), max_length=60)
    parent = DistrictForeignKey("self", null=True, blank=True, related_name="children")
    path = models.CharField(max_length=80, db_collation="C")
    street = DistrictForeignKey("self", null=True, blank=True)
    community = DistrictForeignKey("self", null=True, blank=True)
    grid = DistrictForeignKey("self", null=True, blank=True)
    grid_kind = models.CharField(max_length=10, choices=GridKind.choices, blank=True, default="")
    household_count = models.PositiveIntegerField(_("户数"), default=0)
    resident_count = models.PositiveIntegerField(_("人数"), default=0)
    valid_from = models.DateField(_("启用日期"))
    ended_on = models.DateField(_("停用日期"), null=True, blank=True)
    is_generated = models.BooleanField(_("演示生成"), default=False)

    class Meta(DistrictModel.Meta):
        permissions = [("read_area", _("查看这一区域的诉求")), ("dispatch_area", _("在这一区域调度"))]
        constraints = [
            models.UniqueConstraint(fields=["district", "code"], name="area_code_once"),
            models.UniqueConstraint(fields=["district", "path"], name="area_path_once"),
            models.CheckConstraint(
                condition=models.Q(ended_on=None) | models.Q(ended_on__gte=models.F("valid_from")),
                name="area_ends_later",
            ),
            # 西安 DB6101/T 3185: a grid belongs to exactly one community, never directly to a street or district.
            models.CheckConstraint(
                condition=~models.Q(level="grid") | models.Q(community__isnull=False), name="area_grid_in_community"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "level"], name="area_level"),
            models.Index(fields=["district", "parent"], name="area_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class AreaBorder(DistrictModel):
    """An area's border: a GeoJSON Polygon or MultiPolygon in WGS-84. Apart from ``Area`` because it is large."""

    area = DistrictForeignKey(Area)
    geometry = models.JSONField()
    split_reason = models.CharField(
        _("不连片的原因"), max_length=120, blank=True, default="", help_text=_("边界分成几块时必填，如中间隔着河")
    )

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "area"], name="areaborder_once")]

    def __str__(self) -> str:
        return f"border of {self.area_id}"
