"""What else is in a grid (S3-20): places one goes to, and things that stand in the street."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Area, Building


class GridElement(DistrictModel):
    """A place (地) or a thing (物) of a grid. People, events and organizations have tables of their own.

    Holds nothing of persons: a shop is here by its sign, not by who keeps it.
    """

    class Sort(models.TextChoices):
        PLACE = "place", _("场所")
        THING = "thing", _("部件")

    class Kind(models.TextChoices):
        SCHOOL = "school", _("学校、幼儿园")
        SHOP = "shop", _("商铺")
        MARKET = "market", _("市场")
        CLINIC = "clinic", _("诊所、药店")
        PARK = "park", _("公园、广场")
        SITE = "site", _("工地")
        HALL = "hall", _("活动场所")
        OTHER_PLACE = "other_place", _("其他场所")
        MANHOLE = "manhole", _("井盖")
        STREET_LAMP = "street_lamp", _("路灯")
        HYDRANT = "hydrant", _("消防栓")
        BIN = "bin", _("垃圾桶")
        BARRIER = "barrier", _("护栏、隔离桩")
        TREE = "tree", _("行道树")
        CAMERA = "camera", _("监控杆")
        CHARGER = "charger", _("充电桩")
        OTHER_THING = "other_thing", _("其他部件")

    grid = DistrictForeignKey(Area)
    sort = models.CharField(max_length=6, choices=Sort.choices)
    kind = models.CharField(_("类型"), max_length=12, choices=Kind.choices)
    name = models.CharField(_("名称"), max_length=60)
    code = models.CharField(_("编号"), max_length=30, blank=True, default="")
    building = DistrictForeignKey(Building, null=True, blank=True)
    address = models.CharField(_("位置"), max_length=120, blank=True, default="")
    lng = models.FloatField(_("经度"), null=True, blank=True)
    lat = models.FloatField(_("纬度"), null=True, blank=True)
    since = models.DateField()
    ended_on = models.DateField(_("停用日期"), null=True, blank=True)
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(lng=None) | Q(lat__isnull=False), name="gridelement_whole_point"),
            models.CheckConstraint(condition=Q(ended_on=None) | Q(ended_on__gte=F("since")), name="gridelement_ends"),
            models.UniqueConstraint(
                fields=["district", "code"], condition=~Q(code="") & Q(ended_on=None), name="gridelement_code_once"
            ),
        ]
        indexes = [models.Index(fields=["district", "grid", "sort"], name="gridelement_of")]

    def __str__(self) -> str:
        return self.name
