"""三级力量清单: who can be called upon in a grid, a community or a street (S3-28, S2-20b). Rows end."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField, KeyedHashField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Area


class Force(DistrictModel):
    """A person, or a body of ``headcount`` people, that helps in ``area``.

    Residents read name and ``role`` where ``is_public``, and the number only where ``publishes_phone``; both stand on
    the consent given on ``agreed_on``. ``membership``: an account here, told when help is asked for.
    """

    class Kind(models.TextChoices):
        PARTY_MEMBER = "party_member", _("党员骨干")
        POLICE = "police", _("社区民警")
        DOCTOR = "doctor", _("家庭医生")
        LAWYER = "lawyer", _("律师")
        PROPERTY = "property", _("物业")
        VOLUNTEER = "volunteer", _("志愿服务")
        DEPARTMENT = "department", _("下沉人员")
        PARTNER = "partner", _("共驻共建单位")
        SOCIAL = "social", _("社会组织")

    area = DistrictForeignKey(Area)
    kind = models.CharField(_("类别"), max_length=12, choices=Kind.choices)
    name = EncryptedTextField(_("姓名或队伍名称"), of_person=True, blank=True, default="")
    role = models.CharField(_("身份"), max_length=30)
    headcount = models.PositiveSmallIntegerField(_("人数"), default=1)
    contact = EncryptedTextField(_("联系人"), of_person=True, blank=True, default="")
    phone = EncryptedTextField(_("电话"), of_person=True, blank=True, default="")
    phone_hash = KeyedHashField(of="phone", blank=True, default="")
    availability = models.CharField(_("什么时候能来"), max_length=60, blank=True, default="")
    is_public = models.BooleanField(_("居民看得到"), default=False)
    publishes_phone = models.BooleanField(_("公开电话"), default=False)
    agreed_on = models.DateField(_("同意日期"), null=True, blank=True)
    membership = DistrictForeignKey(Membership, null=True, blank=True)
    since = models.DateField(_("加入日期"))
    ended_on = models.DateField(_("退出日期"), null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True, help_text="name, contact and number were removed")
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        verbose_name = _("力量")
        constraints = [
            models.CheckConstraint(condition=Q(headcount__gte=1), name="force_of_somebody"),
            models.CheckConstraint(condition=Q(is_public=False) | Q(agreed_on__isnull=False), name="force_agreed"),
            models.CheckConstraint(
                condition=Q(publishes_phone=False) | (Q(is_public=True) & ~Q(phone_hash="")),
                name="force_publishes_a_phone",
            ),
            models.CheckConstraint(condition=Q(ended_on=None) | Q(ended_on__gte=F("since")), name="force_ends_later"),
        ]
        indexes = [
            models.Index(fields=["district", "area"], name="force_area"),
            models.Index(fields=["district", "phone_hash"], name="force_phone"),
            models.Index(fields=["district", "ended_on"], name="force_ended"),
        ]

    def __str__(self) -> str:
        return f"force {self.pk}"


class ForceSkill(DistrictModel):
    """One thing a force can do (电工, 急救); a row each, so that it is found by equality."""

    force = DistrictForeignKey(Force, related_name="skills")
    word = models.CharField(_("技能"), max_length=10)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "force", "word"], name="forceskill_once")]
        indexes = [models.Index(fields=["district", "word"], name="forceskill_word")]

    def __str__(self) -> str:
        return self.word
