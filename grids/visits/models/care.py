"""关爱台账 (S1-20, S2-23): who is cared for, who looks after them, how often, and when it was last done."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField, KeyedHashField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.households.models import Household, Person
from grids.visits.models.visit import Visit


class CareObject(DistrictModel):
    """A household, or one person of it, that somebody looks after. ``every``: days within which there is a contact.

    ``level`` says how closely, it is no score of a person (read_first, risk 7). No diagnosis, no amount is kept.
    """

    class Category(models.TextChoices):
        ALONE = "alone", _("独居、高龄")
        HARDSHIP = "hardship", _("生活困难")
        DISABILITY = "disability", _("残疾人家庭")
        ENTITLED = "entitled", _("优抚对象")
        CHILD = "child", _("留守、困境儿童")
        OTHER = "other", _("其他")

    class Level(models.TextChoices):
        USUAL = "usual", _("常关心")
        CLOSE = "close", _("多关心")
        CLOSEST = "closest", _("特别关心")

    class EndReason(models.TextChoices):
        BETTER = "better", _("不再需要")
        MOVED = "moved", _("搬走了")
        DIED = "died", _("去世")
        WISH = "wish", _("本人不愿意")

    household = DistrictForeignKey(Household)
    person = DistrictForeignKey(Person, null=True, blank=True)
    category = models.CharField(_("为什么关心"), max_length=10, choices=Category.choices)
    level = models.CharField(_("多关心"), max_length=8, choices=Level.choices, default=Level.USUAL)
    every = models.PositiveSmallIntegerField(_("几天联系一次"))
    needs = EncryptedTextField(_("要帮什么"), blank=True, default="")
    since = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=8, choices=EndReason.choices, blank=True, default="")
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)
    recorded_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(every__gte=1), name="careobject_some_days"),
            models.UniqueConstraint(
                fields=["district", "household"], condition=Q(ended_on=None, person=None), name="careobject_home_once"
            ),
            models.UniqueConstraint(
                fields=["district", "person"],
                condition=Q(ended_on=None, person__isnull=False),
                name="careobject_person_once",
            ),
        ]
        indexes = [models.Index(fields=["district", "household"], name="careobject_of")]

    def __str__(self) -> str:
        return f"care {self.pk}"


class CareBenefit(DistrictModel):
    """Something somebody is entitled to, and the day it has to be looked at again (应保尽保)."""

    care = DistrictForeignKey(CareObject)
    what = EncryptedTextField(_("享受什么"))
    recheck_on = models.DateField(_("哪天复核"))
    ended_on = models.DateField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        indexes = [
            models.Index(fields=["district", "recheck_on"], condition=Q(ended_on=None), name="carebenefit_due"),
            models.Index(fields=["district", "care"], name="carebenefit_of"),
        ]

    def __str__(self) -> str:
        return f"benefit {self.pk}"


class CareLink(DistrictModel):
    """结对: somebody who looks after a cared-for household. A colleague with an account, or a neighbour by name.

    ``follows``: whose place they took over (handover).
    """

    class Kind(models.TextChoices):
        STAFF = "staff", _("工作人员")
        MEMBER = "member", _("党员")
        NEIGHBOUR = "neighbour", _("邻居")
        VOLUNTEER = "volunteer", _("志愿者")
        RELATIVE = "relative", _("亲属")
        UNIT = "unit", _("单位")

    care = DistrictForeignKey(CareObject)
    kind = models.CharField(_("是谁"), max_length=10, choices=Kind.choices)
    helper = DistrictForeignKey(Membership, null=True, blank=True)
    helper_name = EncryptedTextField(_("称呼"), of_person=True, blank=True, default="")
    helper_phone = EncryptedTextField(_("电话"), of_person=True, blank=True, default="")
    helper_hash = KeyedHashField(of="helper_phone", blank=True, default="")
    since = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    follows = DistrictForeignKey("visits.CareLink", null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(ended_on=None) | Q(ended_on__gte=F("since")), name="carelink_ends_later")
        ]
        indexes = [
            models.Index(fields=["district", "care"], name="carelink_of"),
            models.Index(fields=["district", "helper_hash"], name="carelink_phone"),
        ]

    def __str__(self) -> str:
        return f"care link {self.pk}"


class CareContact(DistrictModel):
    """The helper was there, rang, or did something. Rows are only added, their words go after the term."""

    class How(models.TextChoices):
        CAME = "came", _("去看了")
        RANG = "rang", _("打了电话")
        HELPED = "helped", _("帮了忙")

    link = DistrictForeignKey(CareLink)
    at = models.DateTimeField()
    how = models.CharField(_("怎么联系的"), max_length=6, choices=How.choices)
    words = EncryptedTextField(_("说了什么"), blank=True, default="")
    visit = DistrictForeignKey(Visit, null=True, blank=True)
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)
    recorded_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "link", "-at"], name="carecontact_of")]

    def __str__(self) -> str:
        return f"contact {self.pk}"
