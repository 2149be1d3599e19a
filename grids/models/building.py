from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models.area import Area


class Compound(DistrictModel):
    """A residential compound (小区): may lie over several grids, as a grid may hold several compounds."""

    class Management(models.TextChoices):
        PROFESSIONAL = "professional", _("专业物业")
        SELF = "self", _("自主管理")
        NONE = "none", _("无物业")

    name = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(
        _("类型"), max_length=30, blank=True, default="", help_text=_("各区自定，如商品房、老旧小区")
    )
    management = models.CharField(_("管理方式"), max_length=12, choices=Management.choices)
    community = DistrictForeignKey(Area)
    address = models.CharField(_("地址"), max_length=120, blank=True, default="")
    property_company = DistrictForeignKey("grids.Organization", null=True, blank=True)
    ended_on = models.DateField(_("停用日期"), null=True, blank=True)
    is_generated = models.BooleanField(_("演示生成"), default=False)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "community", "name"], name="compound_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Building(DistrictModel):
    """A building belongs to one grid and, where there is one, to one compound."""

    grid = DistrictForeignKey(Area)
    compound = DistrictForeignKey(Compound, null=True, blank=True)
    number = models.CharField(_("楼号"), max_length=20)
    name = models.CharField(_("名称"), max_length=60)
    address = models.CharField(_("地址"), max_length=120, blank=True, default="")
    lng = models.FloatField(_("经度"), null=True, blank=True)
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    unit_count = models.PositiveSmallIntegerField(_("单元数"), default=1)
    floor_count = models.PositiveSmallIntegerField(_("层数"), default=1)
    household_count = models.PositiveIntegerField(_("户数"), default=0)
    ended_on = models.DateField(_("停用日期"), null=True, blank=True)
    is_generated = models.BooleanField(_("演示生成"), default=False)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "grid", "name"], name="building_name_once"),
        ]
        indexes = [models.Index(fields=["district", "compound"], name="building_compound")]

    def __str__(self) -> str:
        return self.name


class Unit(DistrictModel):
    """An entrance (单元) of a building. Never used for 单位, which is an organization."""

    building = DistrictForeignKey(Building)
    number = models.PositiveSmallIntegerField(_("单元号"))

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "building", "number"], name="unit_once")]

    def __str__(self) -> str:
        return f"{self.number} 单元"


class Room(DistrictModel):
    """A flat or shop (户室)."""

    class Use(models.TextChoices):
        OWNER = "owner", _("自住")
        RENTED = "rented", _("出租")
        EMPTY = "empty", _("空置")
        BUSINESS = "business", _("商用")

    unit = DistrictForeignKey(Unit)
    floor = models.SmallIntegerField(_("楼层"))
    number = models.CharField(_("房号"), max_length=10)
    use = models.CharField(_("用途"), max_length=10, choices=Use.choices, default=Use.OWNER)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "unit", "number"], name="room_once")]

    def __str__(self) -> str:
        return self.number
