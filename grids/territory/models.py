"""How grids change: proposals to split and merge them, and what they were called before (S1-09b, S3-19)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Area, Building


class GridChange(DistrictModel):
    """A proposal to split a grid, or to merge it into a neighbour. Nothing changes before it is approved.

    A split keeps the grid as its first part; a merge ends it. ``before`` keeps the borders as they were, ``moved`` how
    much of each kind went along.
    """

    class Kind(models.TextChoices):
        SPLIT = "split", _("拆分")
        MERGE = "merge", _("合并")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("待街道审批")
        APPROVED = "approved", _("已生效")
        REFUSED = "refused", _("没有同意")
        WITHDRAWN = "withdrawn", _("已撤回")

    kind = models.CharField(_("做什么"), max_length=10, choices=Kind.choices)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.PROPOSED)
    community = DistrictForeignKey(Area, related_name="grid_changes")
    grid = DistrictForeignKey(Area, related_name="changes", help_text="what is split, or merged away")
    target = DistrictForeignKey(Area, null=True, blank=True, related_name="+", help_text="the neighbour of a merge")
    reason = models.CharField(_("理由"), max_length=200)
    apart_reason = models.CharField(
        _("不连片的原因"), max_length=120, blank=True, default="", help_text=_("有一片不连在一起时必填")
    )
    proposed_by = DistrictForeignKey(Membership, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = DistrictForeignKey(Membership, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(_("审批意见"), max_length=200, blank=True, default="")
    before = models.JSONField(default=dict, blank=True, help_text="area id → border before the change")
    moved = models.JSONField(default=dict, blank=True, help_text="how many rows of each kind went along")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "grid"], condition=Q(state="proposed"), name="gridchange_one_proposal"
            ),
            models.CheckConstraint(
                condition=Q(kind="merge", target__isnull=False) | Q(kind="split", target=None),
                name="gridchange_merge_has_target",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at=None) | ~Q(state="proposed") & Q(decided_at__isnull=False),
                name="gridchange_decided",
            ),
        ]
        indexes = [models.Index(fields=["district", "community", "-id"], name="gridchange_community")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class GridChangePart(DistrictModel):
    """One of the grids a split makes, by ``place`` 1, 2 …; the first is the old grid. ``area``: which it became."""

    change = DistrictForeignKey(GridChange, models.CASCADE, related_name="parts")
    place = models.PositiveSmallIntegerField()
    name = models.CharField(_("名称"), max_length=60)
    geometry = models.JSONField(null=True, blank=True)
    area = DistrictForeignKey(Area, null=True, blank=True, related_name="+")

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "change", "place"], name="gridchangepart_place")]

    def __str__(self) -> str:
        return self.name


class GridChangeBuilding(DistrictModel):
    """Into which part a building goes."""

    change = DistrictForeignKey(GridChange, models.CASCADE, related_name="buildings")
    part = DistrictForeignKey(GridChangePart, models.CASCADE, related_name="buildings")
    building = DistrictForeignKey(Building, related_name="+")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "change", "building"], name="gridchangebuilding_once")
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class LegacyGridRef(DistrictModel):
    """That a grid of an older system (城管、综治、党建 …) lies in one of ours; one may lie in several (S3-19)."""

    system = models.CharField(_("旧系统"), max_length=30)
    code = models.CharField(_("旧代码"), max_length=40)
    grid = DistrictForeignKey(Area, related_name="legacy_refs")
    name = models.CharField(_("旧名称"), max_length=60, blank=True, default="")
    is_generated = models.BooleanField(_("演示生成"), default=False)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "system", "code", "grid"], name="legacygridref_once")
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.code}"
