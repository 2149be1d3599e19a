from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel import clock
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Area, Building, Organization


class Announcement(DistrictModel):
    """What an office tells the people of a place, or those in certain posts (公告).

    Title, text and last day are those of the newest version; what was published is never rewritten
    (``AnnouncementVersion``). ``is_public``: it addresses places; otherwise only posts and organizations, and nobody
    else ever sees it.
    """

    class Kind(models.TextChoices):
        OUTAGE = "outage", _("停水停电")
        SAFETY = "safety", _("安全提醒")
        ACTIVITY = "activity", _("活动")
        POLICY = "policy", _("政策")
        OTHER = "other", _("其他")

    class State(models.TextChoices):
        DRAFT = "draft", _("草稿")
        PUBLISHED = "published", _("已发布")
        WITHDRAWN = "withdrawn", _("已撤回")

    number = models.PositiveIntegerField(_("编号"), help_text=_("区内编号，居民看到的短号"))
    kind = models.CharField(_("类别"), max_length=12, choices=Kind.choices)
    title = models.CharField(_("标题"), max_length=60)
    text = models.TextField(_("正文"))
    version = models.PositiveSmallIntegerField(_("第几版"), default=1)
    organization = DistrictForeignKey(Organization)
    author = DistrictForeignKey(Membership)
    state = models.CharField(_("状态"), max_length=12, choices=State.choices, default=State.DRAFT)
    is_public = models.BooleanField(_("居民可见"), default=True)
    is_pinned = models.BooleanField(_("置顶"), default=False)
    wants_receipt = models.BooleanField(_("要回执"), default=False)
    visible_until = models.DateField(_("有效到"), null=True, blank=True, help_text=_("最后一天；空着就一直有效"))
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    corrected_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawal = models.CharField(_("撤回原因"), max_length=200, blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "number"], name="announcement_number_once"),
            models.CheckConstraint(
                condition=Q(state="draft", published_at=None) | (~Q(state="draft") & Q(published_at__isnull=False)),
                name="announcement_published_or_draft",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "state", "-published_at"], name="announcement_newest"),
            models.Index(fields=["district", "organization", "-id"], name="announcement_office"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_over(self) -> bool:
        return self.visible_until is not None and self.visible_until < clock.today()


class AnnouncementVersion(DistrictModel):
    """Words as they were published, the first and each correction; never changed."""

    announcement = DistrictForeignKey(Announcement, related_name="versions")
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=60)
    text = models.TextField()
    visible_until = models.DateField(null=True)
    note = models.CharField(_("更正了什么"), max_length=200, blank=True, default="")
    author = DistrictForeignKey(Membership)
    at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "announcement", "version"], name="announcement_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.announcement_id} v{self.version}"


class AnnouncementTarget(DistrictModel):
    """One address: a place (an area with all below it, a building), a kind of post in an area, or an organization.

    Heads of buildings and units are also addressed in one building.
    """

    class Kind(models.TextChoices):
        AREA = "area", _("区域")
        BUILDING = "building", _("楼栋")
        POST = "post", _("岗位")
        ORGANIZATION = "organization", _("单位")

    announcement = DistrictForeignKey(Announcement, models.CASCADE, related_name="targets")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    area = DistrictForeignKey(Area, null=True)
    building = DistrictForeignKey(Building, null=True)
    post_kind = models.CharField(max_length=24, blank=True, default="", help_text="a grids.PostKind")
    organization = DistrictForeignKey(Organization, null=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="area", area__isnull=False, building=None, organization=None, post_kind="")
                | Q(kind="building", building__isnull=False, area=None, organization=None, post_kind="")
                | (Q(kind="post", area__isnull=False, building=None, organization=None) & ~Q(post_kind=""))
                | Q(
                    kind="post",
                    building__isnull=False,
                    area=None,
                    organization=None,
                    post_kind__in=["building_head", "unit_head"],
                )
                | Q(kind="organization", organization__isnull=False, area=None, building=None, post_kind=""),
                name="announcement_target_is_one",
            )
        ]
        indexes = [
            models.Index(fields=["district", "announcement"], name="target_announcement"),
            models.Index(fields=["district", "area"], name="target_area"),
            models.Index(fields=["district", "building"], name="target_building"),
        ]
