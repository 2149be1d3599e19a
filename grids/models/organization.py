from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models.area import Area, Level


class Organization(DistrictModel):
    """A body that handles work (单位). Every grid, community, street and district has its own."""

    class Kind(models.TextChoices):
        GRID_TEAM = "grid_team", _("网格")
        RESIDENTS_COMMITTEE = "residents_committee", _("居委会")
        STREET_OFFICE = "street_office", _("街道办事处")
        DISTRICT_CENTER = "district_center", _("区指挥中心")
        DEPARTMENT = "department", _("职能部门")
        PROPERTY_COMPANY = "property_company", _("物业公司")
        PARTNER_UNIT = "partner_unit", _("辖区单位")

    name = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(_("类型"), max_length=20, choices=Kind.choices)
    level = models.CharField(_("层级"), max_length=10, choices=Level.choices)
    area = DistrictForeignKey(Area)
    parent = DistrictForeignKey("self", null=True, blank=True)
    department_kind = models.CharField(_("部门职能"), max_length=30, blank=True, default="")
    phone = models.CharField(_("公开电话"), max_length=30, blank=True, default="")
    stationed_street = DistrictForeignKey(
        Area,
        null=True,
        blank=True,
        help_text="stationed there (派驻) beside its own bureau above",
    )
    ended_on = models.DateField(_("撤销日期"), null=True, blank=True)

    class Meta(DistrictModel.Meta):
        permissions = [("handle_organization", _("办理这一单位的工单"))]
        constraints = [
            models.UniqueConstraint(fields=["district", "name"], name="organization_name_once"),
            models.UniqueConstraint(
                fields=["district", "area"],
                condition=models.Q(kind__in=["grid_team", "residents_committee", "street_office", "district_center"])
                & models.Q(ended_on=None),
                name="organization_own_area",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PostKind(models.TextChoices):
    """What a post is for; rights are given to kinds of post (``requests_intake.policies``)."""

    GRID_WORKER = "grid_worker", _("网格员")
    GRID_LEADER = "grid_leader", _("网格长")
    PARTY_INSTRUCTOR = "party_instructor", _("党建指导员")
    COMMUNITY_SECRETARY = "community_secretary", _("社区书记")
    COMMUNITY_STAFF = "community_staff", _("社区工作者")
    NETWORK_LIAISON = "network_liaison", _("网络联络员")
    COMMUNITY_POLICE = "community_police", _("社区民警")
    LEGAL_ADVISER = "legal_adviser", _("法律顾问")
    STREET_DISPATCHER = "street_dispatcher", _("街道调度员")
    STREET_LEADER = "street_leader", _("街道负责人")
    DEPARTMENT_HANDLER = "department_handler", _("部门承办人")
    DEPARTMENT_LEADER = "department_leader", _("部门负责人")
    DISTRICT_DISPATCHER = "district_dispatcher", _("区调度员")
    DISTRICT_OFFICIAL = "district_official", _("区级领导")
    RETURN_VISITOR = "return_visitor", _("回访员")
    SUPERVISOR = "supervisor", _("督查员")
    REPORT_OFFICER = "report_officer", _("举报受理员")
    MEDIATOR = "mediator", _("调解员")
    CHIEF_JUSTICE_ADVISER = "chief_justice_adviser", _("司法总顾问")
    DISTRICT_ADMIN = "district_admin", _("区管理员")
    SECURITY_ADMIN = "security_admin", _("安全管理员")
    AUDIT_ADMIN = "audit_admin", _("审计员")
    BUILDING_HEAD = "building_head", _("楼栋长")
    UNIT_HEAD = "unit_head", _("单元长")


SEPARATED = (PostKind.DISTRICT_ADMIN, PostKind.SECURITY_ADMIN, PostKind.AUDIT_ADMIN)
"""The three administrators (三员) who keep each other in check: nobody is two of them on the same day (B.8)."""


class Post(DistrictModel):
    """A seat in an organization. It stays when people change; empty, it shows 缺岗 and the clock runs on.

    Those of a building's and a unit's head (``kernel.actors.HEADS``) point to their building and handle nothing:
    nobody misses them when work is given out, and they are managed with their building (``grids.actions.heads``).
    """

    organization = DistrictForeignKey(Organization, related_name="posts")
    kind = models.CharField(_("岗位"), max_length=24, choices=PostKind.choices)
    name = models.CharField(_("岗位名称"), max_length=80)
    is_leader = models.BooleanField(_("负责人"), default=False)
    building = DistrictForeignKey("grids.Building", null=True, blank=True)
    unit = models.PositiveSmallIntegerField(_("单元号"), null=True, blank=True)
    ended_on = models.DateField(_("撤销日期"), null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "organization", "name"], name="post_name_once"),
            models.UniqueConstraint(
                fields=["district", "building", "unit"],
                condition=models.Q(building__isnull=False),
                nulls_distinct=False,
                name="post_head_once",
            ),
            # S0-07, S3-03: one seat each; who holds it is one person at a time (``actions.posts``).
            models.UniqueConstraint(
                fields=["district", "organization", "kind"],
                condition=models.Q(
                    kind__in=["party_instructor", "community_police", "legal_adviser", "chief_justice_adviser"],
                    ended_on=None,
                ),
                name="post_adviser_once",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="building_head", building__isnull=False, unit=None)
                | models.Q(kind="unit_head", building__isnull=False, unit__isnull=False)
                | (~models.Q(kind__in=["building_head", "unit_head"]) & models.Q(building=None, unit=None)),
                name="post_head_of_a_building",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PostAssignment(DistrictModel):
    """Who holds a post from when to when (``until`` is the last day; open where None)."""

    post = DistrictForeignKey(Post, related_name="assignments")
    membership = DistrictForeignKey(Membership)
    since = models.DateField(_("到任"))
    until = models.DateField(_("离任"), null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "post", "membership", "since"], name="assignment_once"),
            models.CheckConstraint(
                condition=models.Q(until=None) | models.Q(until__gte=models.F("since")), name="assignment_ends_later"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "membership"], name="assignment_member"),
            models.Index(fields=["district", "post"], name="assignment_post"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}: {self.membership_id}"
