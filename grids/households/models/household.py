"""Households, where they live and have lived, and their people. Rows end; they are never deleted."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField, KeyedHashField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Building, Room


class Household(DistrictModel):
    """People who keep house together in a room, or at a place of a building that has no rooms registered.

    ``people_count`` is what the household says, the persons written down may be fewer. ``contact_name`` and
    ``contact_phone`` are whom to ring; nobody is rung while ``may_be_called`` is no (consent, recorded with its day).
    """

    class Kind(models.TextChoices):
        FAMILY = "family", _("家庭户")
        SHARED = "shared", _("合租户")
        COLLECTIVE = "collective", _("集体户")
        BUSINESS = "business", _("商户")

    class EndReason(models.TextChoices):
        MOVED_OUT = "moved_out", _("搬走了")
        DEMOLISHED = "demolished", _("房屋征收或拆除")
        JOINED = "joined", _("并入别的户")
        MISTAKEN = "mistaken", _("登记有误")

    building = DistrictForeignKey(Building)
    room = DistrictForeignKey(Room, null=True, blank=True)
    place = models.CharField(_("位置"), max_length=60, blank=True, default="")
    code = models.CharField(_("户号"), max_length=20, blank=True, default="")
    kind = models.CharField(_("类型"), max_length=12, choices=Kind.choices, default=Kind.FAMILY)
    people_count = models.PositiveSmallIntegerField(_("人数"), default=0)
    legacy_group = models.CharField(_("原村组"), max_length=40, blank=True, default="")
    contact_name = EncryptedTextField(_("联系人"), of_person=True, blank=True, default="")
    contact_phone = EncryptedTextField(_("联系电话"), of_person=True, blank=True, default="")
    contact_hash = KeyedHashField(of="contact_phone", blank=True, default="")
    may_be_called = models.BooleanField(_("同意联系"), default=False)
    agreed_on = models.DateField(_("同意日期"), null=True, blank=True)
    moved_in_on = models.DateField(_("入住日期"), null=True, blank=True)
    ended_on = models.DateField(_("迁出日期"), null=True, blank=True)
    end_reason = models.CharField(_("迁出原因"), max_length=12, choices=EndReason.choices, blank=True, default="")
    erased_at = models.DateTimeField(null=True, blank=True, help_text="names, numbers and words were removed")
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)
    recorded_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    is_generated = models.BooleanField(_("演示生成"), default=False)

    class Meta(DistrictModel.Meta):
        verbose_name = _("住户")
        constraints = [
            models.CheckConstraint(condition=Q(room__isnull=False) | ~Q(place=""), name="household_lives_somewhere"),
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(moved_in_on=None) | Q(ended_on__gte=F("moved_in_on")),
                name="household_ends_later",
            ),
            models.CheckConstraint(
                condition=Q(may_be_called=False) | Q(agreed_on__isnull=False), name="household_agreed_on_a_day"
            ),
            # Two households of one flat are told apart by their number.
            models.UniqueConstraint(
                fields=["district", "room", "code"],
                condition=Q(ended_on=None, room__isnull=False),
                name="household_once_a_room",
            ),
            models.UniqueConstraint(
                fields=["district", "building", "place", "code"],
                condition=Q(ended_on=None, room__isnull=True),
                name="household_once_a_place",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "building"], name="household_building"),
            models.Index(fields=["district", "room"], name="household_room"),
            models.Index(fields=["district", "contact_hash"], name="household_contact"),
            models.Index(fields=["district", "ended_on"], name="household_ended"),
        ]

    def __str__(self) -> str:
        return f"household {self.pk}"


class HouseholdMove(DistrictModel):
    """A household lived there until it moved (within the district). Rows are only added."""

    household = DistrictForeignKey(Household)
    building = DistrictForeignKey(Building)
    room = DistrictForeignKey(Room, null=True, blank=True)
    place = models.CharField(max_length=60, blank=True, default="")
    since = models.DateField(null=True, blank=True)
    until = models.DateField()
    by = DistrictForeignKey(Membership, null=True, blank=True)

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "household", "-until"], name="householdmove_of")]

    def __str__(self) -> str:
        return f"{self.household_id} until {self.until}"


class Person(DistrictModel):
    """Somebody of a household. Of the birth only the year, no identity number, nothing of health or belief."""

    class Relation(models.TextChoices):
        HEAD = "head", _("户主")
        SPOUSE = "spouse", _("配偶")
        CHILD = "child", _("子女")
        PARENT = "parent", _("父母")
        RELATIVE = "relative", _("其他亲属")
        CO_TENANT = "co_tenant", _("合租人")
        WORKER = "worker", _("从业人员")
        OTHER = "other", _("其他")

    class EndReason(models.TextChoices):
        LEFT = "left", _("搬走了")
        DIED = "died", _("去世")
        MISTAKEN = "mistaken", _("登记有误")

    household = DistrictForeignKey(Household)
    name = EncryptedTextField(_("姓名"), of_person=True, blank=True, default="")
    phone = EncryptedTextField(_("电话"), of_person=True, blank=True, default="")
    phone_hash = KeyedHashField(of="phone", blank=True, default="")
    birth_year = models.PositiveSmallIntegerField(_("出生年份"), null=True, blank=True)
    relation = models.CharField(_("与户主关系"), max_length=10, choices=Relation.choices, default=Relation.OTHER)
    added_on = models.DateField(_("登记日期"))
    ended_on = models.DateField(_("离开日期"), null=True, blank=True)
    end_reason = models.CharField(max_length=10, choices=EndReason.choices, blank=True, default="")

    class Meta(DistrictModel.Meta):
        verbose_name = _("住户成员")
        indexes = [
            models.Index(fields=["district", "household"], name="person_household"),
            models.Index(fields=["district", "phone_hash"], name="person_phone"),
        ]

    def __str__(self) -> str:
        return f"person {self.pk}"
