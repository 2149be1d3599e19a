from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Area, Building, Compound, Organization
from requests_intake.models.reference import Category
from requests_intake.models.ticket import Ticket


class SeasonTemplate(DistrictModel):
    """What a district does every year before people have to ask (汛期, 供暖): one task a place when its days begin.

    ``starts_on`` and ``ends_on`` are days of the year (``11-01``), both included; may run over the new year.
    """

    class Scope(models.TextChoices):
        COMMUNITY = "community", _("每个社区")
        COMPOUND = "compound", _("每个小区")
        BUILDING = "building", _("每栋楼")

    name = models.CharField(_("名称"), max_length=20)
    category = DistrictForeignKey(Category, null=True, blank=True)
    text = models.CharField(_("做什么"), max_length=300)
    checklist = models.JSONField(_("要查的"), default=list, blank=True)
    starts_on = models.CharField(_("从"), max_length=5)
    ends_on = models.CharField(_("到"), max_length=5)
    scope = models.CharField(_("给谁"), max_length=10, choices=Scope.choices, default=Scope.COMPOUND)
    due_days = models.PositiveSmallIntegerField(_("几天内做完"), default=14)
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "name"], name="seasontemplate_name_once")]

    def __str__(self) -> str:
        return self.name


class ProactiveTask(DistrictModel):
    """主动治理 (S3-31): what a community does before it is asked, since a place, a season or a person calls for it.

    ``source_key`` names what it came from and the period, so that it comes once. No text of people: why it was dropped
    is one of a few reasons, and what was found is a ticket.
    """

    class Source(models.TextChoices):
        HOTSPOT = "hotspot", _("诉求热点")
        SEASON = "season", _("季节安排")
        REPEAT = "repeat", _("反复反映")

    class State(models.TextChoices):
        OPEN = "open", _("待办")
        DOING = "doing", _("在办")
        DONE = "done", _("已完成")
        DROPPED = "dropped", _("不办了")

    class Reason(models.TextChoices):
        SOLVED = "solved", _("问题已经解决")
        NOT_HERE = "not_here", _("这里没有这种情况")
        ELSEWHERE = "elsewhere", _("别的单位已经在办")
        DUPLICATE = "duplicate", _("和另一项重复")

    source = models.CharField(_("来源"), max_length=10, choices=Source.choices)
    source_key = models.CharField(max_length=60)
    template = DistrictForeignKey(SeasonTemplate, null=True, blank=True)
    title = models.CharField(_("标题"), max_length=120)
    text = models.CharField(_("做什么"), max_length=300)
    checklist = models.JSONField(_("要查的"), default=list, blank=True)
    category = DistrictForeignKey(Category, null=True, blank=True)
    street = DistrictForeignKey(Area, null=True, blank=True)
    community = DistrictForeignKey(Area, null=True, blank=True)
    compound = DistrictForeignKey(Compound, null=True, blank=True)
    building = DistrictForeignKey(Building, null=True, blank=True)
    organization = DistrictForeignKey(Organization)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.OPEN)
    reason = models.CharField(_("为什么不办"), max_length=10, choices=Reason.choices, blank=True, default="")
    created_at = models.DateTimeField()
    due_on = models.DateField(_("最晚"))
    closed_at = models.DateTimeField(null=True, blank=True)
    changed_by = DistrictForeignKey(Membership, null=True, blank=True)
    opened_ticket = DistrictForeignKey(Ticket, null=True, blank=True, help_text="the ticket it was brought in as")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "source_key"], name="proactive_source_once"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=False, state__in=["done", "dropped"])
                | Q(closed_at=None, state__in=["open", "doing"]),
                name="proactive_closed_when_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "community", "state", "due_on"], name="proactive_community"),
            models.Index(fields=["district", "street", "state", "due_on"], name="proactive_street"),
            models.Index(fields=["district", "source", "-created_at"], name="proactive_lately"),
        ]

    def __str__(self) -> str:
        return self.title


class ProactiveOrigin(DistrictModel):
    """A ticket a task came from."""

    task = DistrictForeignKey(ProactiveTask, related_name="origins")
    ticket = DistrictForeignKey(Ticket)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "task", "ticket"], name="proactive_origin_once")]
        indexes = [models.Index(fields=["district", "ticket"], name="proactive_origin_ticket")]

    def __str__(self) -> str:
        return f"{self.task_id}: {self.ticket_id}"
