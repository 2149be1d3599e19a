"""Who opened a masked value, why, and how often in a day."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


class Disclosure(DistrictModel):
    """One showing of one masked value. Holds never the value itself; rows are only added.

    ``office`` is the organization and post acted in, as the person it is about is told. ``words`` is free text and may
    name somebody: it is encrypted and goes with the object it is about.
    """

    class Reason(models.TextChoices):
        CONTACT = "contact", _("联系诉求人，了解情况")
        ON_SITE = "on_site", _("上门处理，找不到地点")
        RETURN_VISIT = "return_visit", _("电话回访")
        HOME_VISIT = "home_visit", _("走访、联系住户")
        ANSWER = "answer", _("答复本人")
        EMERGENCY = "emergency", _("紧急情况")
        OTHER = "other", _("其他原因")

    membership = DistrictForeignKey(Membership)
    office = models.CharField(_("单位和岗位"), max_length=130, blank=True, default="")
    at = models.DateTimeField(_("时间"))
    object_kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    field = models.CharField(_("看了什么"), max_length=20)
    reason = models.CharField(_("原因"), max_length=20, choices=Reason.choices)
    words = EncryptedTextField(_("补充说明"), blank=True, default="")

    class Meta(DistrictModel.Meta):
        indexes = [
            models.Index(fields=["district", "object_kind", "object_id", "-at"], name="disclosure_object"),
            models.Index(fields=["district", "-at"], name="disclosure_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.object_kind} {self.object_id}"


class DisclosureCount(DistrictModel):
    """How many values somebody was shown on a day (Asia/Shanghai). Its row lock makes the cap exact."""

    membership = DistrictForeignKey(Membership)
    day = models.DateField()
    number = models.PositiveIntegerField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "membership", "day"], name="disclosurecount_once")]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.day}: {self.number}"


class DisclosureAllowance(DistrictModel):
    """A higher cap for one person on one day, granted by the security administrator. Rows are only added."""

    membership = DistrictForeignKey(Membership)
    day = models.DateField(_("日期"))
    cap = models.PositiveIntegerField(_("当天上限"))
    reason = models.CharField(_("原因"), max_length=200)
    granted_by = DistrictForeignKey(Membership)
    granted_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "day", "membership"], name="allowance_day")]

    def __str__(self) -> str:
        return f"{self.membership_id} {self.day}: {self.cap}"
