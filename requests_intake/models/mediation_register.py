from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Area
from requests_intake.models.mediation import MediationKind


class MediationCommittee(DistrictModel):
    """调解委员会 (S3-05): of a community, a street, a trade, or of the district; people's, administrative or judicial.

    ``community`` is set for one of a community alone, ``street`` for that one and for one of a street. All of it is
    public; who its members are is not.
    """

    name = models.CharField(_("名称"), max_length=60)
    kind = models.CharField(_("类型"), max_length=16, choices=MediationKind.choices)
    street = DistrictForeignKey(Area, null=True, blank=True)
    community = DistrictForeignKey(Area, null=True, blank=True)
    trade = models.CharField(_("行业"), max_length=20, blank=True, default="")
    place = models.CharField(_("调解室在哪儿"), max_length=100)
    phone = models.CharField(_("办公电话"), max_length=30, blank=True, default="")
    hours = models.CharField(_("开门时间"), max_length=80, blank=True, default="")
    since = models.DateField(_("从哪天起"))
    until = models.DateField(_("到哪天"), null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "name"], name="committee_name_once"),
            models.CheckConstraint(
                condition=Q(community=None) | Q(street__isnull=False), name="committee_community_in_a_street"
            ),
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="committee_ends_later"),
        ]
        indexes = [models.Index(fields=["district", "street", "name"], name="committee_street")]

    def __str__(self) -> str:
        return self.name


class CommitteeMember(DistrictModel):
    """Somebody who mediates in a committee, from a day to a day (``until`` is the last one).

    With an account it is the membership, and the name is the one registered there; without one a name is kept,
    encrypted. ``is_keeper`` (内勤): keeps the committee's files and reads every booking; the others read those of the
    days they are on duty.
    """

    class Profession(models.TextChoices):
        MEDIATOR = "mediator", _("专职调解员")
        COMMUNITY = "community", _("社区干部")
        PROPERTY = "property", _("物业")
        PROCURATOR = "procurator", _("检察官")
        JUDGE = "judge", _("法官")
        POLICE = "police", _("民警")
        LAWYER = "lawyer", _("律师")
        ELDER = "elder", _("“五老”")
        OTHER = "other", _("其他")

    committee = DistrictForeignKey(MediationCommittee, related_name="members")
    membership = DistrictForeignKey(Membership, null=True, blank=True)
    name = EncryptedTextField(_("姓名"), of_person=True, blank=True, default="")
    profession = models.CharField(_("身份"), max_length=12, choices=Profession.choices)
    is_keeper = models.BooleanField(_("内勤：管预约和档案"), default=False)
    since = models.DateField(_("从哪天起"))
    until = models.DateField(_("到哪天"), null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "committee", "membership"],
                condition=Q(membership__isnull=False, until=None),
                name="committee_member_once",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="committee_member_ends_later"
            ),
            models.CheckConstraint(
                condition=Q(is_keeper=False) | Q(membership__isnull=False), name="committee_keeper_has_an_account"
            ),
        ]
        indexes = [models.Index(fields=["district", "membership"], name="committee_member_account")]

    def __str__(self) -> str:
        return f"{self.committee_id}: {self.pk}"
