"""What was walked: begun, ended, what came of it, and with whom."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Area
from grids.patrols.models.plan import PatrolPlan, PatrolPoint, PatrolShift


class Patrol(DistrictModel):
    """A patrol of one grid. It has a beginning and an end, no way between them.

    ``client_id`` is made where the patrol begins (a phone may have no network) and names it in every address. ``plan``
    and ``shift`` are empty where nothing was planned for the moment it began (加巡). ``day``: of the beginning, in
    Shanghai. ``find_count``: matters recorded during it.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("正在巡查")
        FINISHED = "finished", _("巡完")
        UNFINISHED = "unfinished", _("未结束")
        WITHDRAWN = "withdrawn", _("已撤回")

    class Result(models.TextChoices):
        NORMAL = "normal", _("正常")
        FINDINGS = "findings", _("有发现")

    client_id = models.UUIDField()
    grid = DistrictForeignKey(Area)
    plan = DistrictForeignKey(PatrolPlan, null=True, blank=True)
    shift = models.CharField(max_length=5, choices=PatrolShift.Code.choices, blank=True, default="")
    day = models.DateField()
    walker = DistrictForeignKey(Membership)
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    result = models.CharField(max_length=8, choices=Result.choices, blank=True, default="")
    note = EncryptedTextField(_("说明"), blank=True, default="")
    find_count = models.PositiveSmallIntegerField(default=0)
    recorded_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "client_id"], name="patrol_client_once"),
            models.UniqueConstraint(
                fields=["district", "walker"], condition=Q(state="running"), name="patrol_one_runs"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")), name="patrol_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(state="finished", ended_at__isnull=False) & ~Q(result="")
                | ~Q(state="finished") & Q(ended_at=None),
                name="patrol_finished_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "grid", "day"], name="patrol_of_grid"),
            models.Index(fields=["district", "walker", "-started_at"], name="patrol_of_walker"),
            models.Index(fields=["district", "day"], name="patrol_still_open", condition=Q(state="running")),
        ]

    def __str__(self) -> str:
        return f"{self.grid_id} {self.day} {self.shift}"


class PatrolCrew(DistrictModel):
    """Who walked along on a joint patrol (联防), by role and number: no names are collected (S3-32)."""

    class Role(models.TextChoices):
        POLICE = "police", _("民警")
        AUXILIARY = "auxiliary", _("辅警")
        PROPERTY = "property", _("物业")
        VOLUNTEER = "volunteer", _("志愿者")
        BUILDING_HEAD = "building_head", _("楼栋长")
        COMMUNITY = "community", _("社区工作者")
        STREET = "street", _("街道干部")
        URBAN = "urban", _("城管")
        FIRE = "fire", _("消防")
        JUSTICE = "justice", _("司法")
        MEDICAL = "medical", _("医护")
        OTHER = "other", _("其他")

    patrol = DistrictForeignKey(Patrol, related_name="crew")
    role = models.CharField(max_length=13, choices=Role.choices)
    number = models.PositiveSmallIntegerField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "patrol", "role"], name="patrolcrew_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="patrolcrew_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.number}"


class PatrolPointCheck(DistrictModel):
    """Somebody tapped 到点 at a point of a safety plan: when, not where."""

    patrol = DistrictForeignKey(Patrol, related_name="checks")
    point = DistrictForeignKey(PatrolPoint)
    at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "patrol", "point"], name="patrolpointcheck_once")]

    def __str__(self) -> str:
        return f"{self.patrol_id} {self.point_id}"
