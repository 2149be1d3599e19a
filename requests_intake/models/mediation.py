from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField, KeyedHashField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Organization
from requests_intake.models.outcome import VisitChannel
from requests_intake.models.ticket import Ticket


class MediationMode(models.TextChoices):
    """五诊疗法 (S0-21)."""

    OUTREACH = "outreach", _("出诊")
    CLINIC = "clinic", _("坐诊")
    EMERGENCY = "emergency", _("急诊")
    JOINT = "joint", _("会诊")
    FOLLOW_UP = "follow_up", _("复诊")


class MediationKind(models.TextChoices):
    """三调联动 (S3-05)."""

    PEOPLE = "people", _("人民调解")
    ADMINISTRATIVE = "administrative", _("行政调解")
    JUDICIAL = "judicial", _("司法调解")


class MediationCase(DistrictModel):
    """A dispute that mediators take on. What it is about is known to its mediators and whom they name, to nobody else.

    ``first_session_due_at``: three working days after it was registered; ``due_at``: thirty calendar days, later only
    with the consent of every party (SLA D.2). ``visit_due_at``: until when the parties of a major case are to be asked
    after its end (S3-05: all of them are), ``visited_at`` when that was done or tried often enough (SLA D.10).
    """

    class Dispute(models.TextChoices):
        NEIGHBOUR = "neighbour", _("邻里")
        FAMILY = "family", _("婚姻家庭")
        PROPERTY = "property", _("物业")
        HOUSING = "housing", _("房屋宅基地")
        LABOUR = "labour", _("劳动报酬")
        CONSUMER = "consumer", _("消费")
        DAMAGES = "damages", _("损害赔偿")
        OTHER = "other", _("其他")

    class Severity(models.TextChoices):
        SMALL = "small", _("小：网格、社区当场调")
        BIG = "big", _("大：上报街道调")
        HARD = "hard", _("疑难：集中会诊")

    class State(models.TextChoices):
        REGISTERED = "registered", _("已登记")
        MEDIATING = "mediating", _("调解中")
        SETTLED = "settled", _("达成协议")
        FAILED = "failed", _("调解不成")
        WITHDRAWN = "withdrawn", _("当事人撤回")
        REFERRED = "referred", _("移送")
        DECLINED = "declined", _("不予受理")

    number = models.CharField(_("编号"), max_length=20)
    kind = models.CharField(_("调解类型"), max_length=16, choices=MediationKind.choices)
    dispute = models.CharField(_("纠纷类别"), max_length=12, choices=Dispute.choices)
    severity = models.CharField(_("轻重"), max_length=8, choices=Severity.choices)
    mode = models.CharField(_("诊法"), max_length=12, choices=MediationMode.choices)
    state = models.CharField(_("状态"), max_length=12, choices=State.choices, default=State.REGISTERED)
    organization = DistrictForeignKey(Organization)
    ticket = DistrictForeignKey(Ticket, null=True, blank=True, related_name="mediation_cases")
    facts = EncryptedTextField(_("纠纷事由"), blank=True, default="")
    opened_by = DistrictForeignKey(Membership, null=True, blank=True)
    opened_at = models.DateTimeField(_("登记时间"))
    first_session_due_at = models.DateTimeField(_("首次调解期限"))
    first_session_at = models.DateTimeField(_("首次调解"), null=True, blank=True)
    due_at = models.DateTimeField(_("调解期限"))
    ended_at = models.DateTimeField(_("结束时间"), null=True, blank=True)
    outcome = EncryptedTextField(_("结果说明"), blank=True, default="")
    referral_kind = models.CharField(_("转为"), max_length=16, choices=MediationKind.choices, blank=True, default="")
    referred_to = models.CharField(_("移送单位"), max_length=80, blank=True, default="")
    referred_on = models.DateField(_("移送日期"), null=True, blank=True)
    receipt_number = EncryptedTextField(_("回执编号"), blank=True, default="")
    receipt_by = EncryptedTextField(_("接收人"), blank=True, default="")
    receipt_on = models.DateField(_("回执日期"), null=True, blank=True)
    visit_due_at = models.DateTimeField(_("回访期限"), null=True, blank=True)
    visited_at = models.DateTimeField(_("回访完成"), null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "number"], name="mediation_number"),
            models.UniqueConstraint(
                fields=["district", "ticket"],
                condition=Q(ticket__isnull=False, ended_at=None),
                name="mediation_one_open_of_ticket",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, state__in=["registered", "mediating"])
                | Q(ended_at__isnull=False, state__in=["settled", "failed", "withdrawn", "referred", "declined"]),
                name="mediation_ended_in_its_states",
            ),
            models.CheckConstraint(
                condition=~Q(state="referred")
                | Q(referred_on__isnull=False)
                & ~Q(referred_to="")
                & Q(referral_kind__in=["administrative", "judicial"]),
                name="mediation_referral_says_where",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "organization", "-ended_at"], name="mediation_of_office"),
            models.Index(
                fields=["district", "visit_due_at"],
                name="mediation_visit_due",
                condition=Q(visit_due_at__isnull=False, visited_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_major(self) -> bool:
        return self.severity in (self.Severity.BIG, self.Severity.HARD)


class MediationParty(DistrictModel):
    """One of those who quarrel."""

    case = DistrictForeignKey(MediationCase, related_name="parties")
    name = EncryptedTextField(_("姓名"), of_person=True, blank=True, default="")
    phone = EncryptedTextField(_("电话"), of_person=True, blank=True, default="")
    phone_hash = KeyedHashField(of="phone", blank=True, default="")

    class Meta(DistrictModel.Meta):
        indexes = [
            models.Index(fields=["district", "case"], name="mediationparty_case"),
            models.Index(fields=["district", "phone_hash"], name="mediationparty_phone", condition=~Q(phone_hash="")),
        ]

    def __str__(self) -> str:
        return f"{self.pk}"


class MediationMember(DistrictModel):
    """Who knows of a case: its mediators, and whom they named. Rows end, they do not go."""

    class Role(models.TextChoices):
        MEDIATOR = "mediator", _("调解员")
        NAMED = "named", _("受邀知悉")

    case = DistrictForeignKey(MediationCase, related_name="members")
    membership = DistrictForeignKey(Membership)
    role = models.CharField(max_length=10, choices=Role.choices)
    added_by = DistrictForeignKey(Membership, null=True, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "case", "membership"], condition=Q(until=None), name="mediationmember_once"
            ),
        ]
        indexes = [models.Index(fields=["district", "membership", "case"], name="mediationmember_of")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.membership_id}"


class MediationSession(DistrictModel):
    """One meeting: when, where, in which way, who was there, what was said."""

    case = DistrictForeignKey(MediationCase, related_name="sessions")
    held_at = models.DateTimeField(_("时间"))
    place = EncryptedTextField(_("地点"), blank=True, default="")
    mode = models.CharField(_("诊法"), max_length=12, choices=MediationMode.choices)
    present = EncryptedTextField(_("到场的人"), blank=True, default="")
    minutes = EncryptedTextField(_("笔录"), blank=True, default="")
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)
    recorded_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "case", "held_at"], name="mediationsession_case")]

    def __str__(self) -> str:
        return f"{self.pk}"


class MediationExtension(DistrictModel):
    """A later date to which every party agreed, and when. Rows are only added."""

    case = DistrictForeignKey(MediationCase, related_name="extensions")
    from_due = models.DateTimeField()
    to_due = models.DateTimeField()
    parties_agreed = models.PositiveSmallIntegerField(help_text="how many parties agreed: all there were")
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)
    at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [models.CheckConstraint(condition=Q(to_due__gt=models.F("from_due")), name="mediation_longer")]

    def __str__(self) -> str:
        return f"{self.case_id}"


class MediationAgreement(DistrictModel):
    """What the parties agreed on, until when it is to be done, and whether it was (复诊).

    ``performed`` is None until somebody looked; False is 履行异常. ``follow_up_on`` is the day of the next look.
    """

    case = DistrictForeignKey(MediationCase, related_name="agreements")
    text = EncryptedTextField(_("协议内容"), blank=True, default="")
    signed_on = models.DateField(_("签订日期"))
    performance_due = models.DateField(_("履行期限"))
    follow_up_on = models.DateField(_("复诊日期"))
    performed = models.BooleanField(_("已履行"), null=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    checked_by = DistrictForeignKey(Membership, null=True, blank=True)
    finding = EncryptedTextField(_("复诊情况"), blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "case"], name="mediation_one_agreement")]
        indexes = [
            models.Index(
                fields=["district", "follow_up_on"],
                name="mediation_follow_up",
                condition=Q(performed__isnull=True) | Q(performed=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"


class MediationVisit(DistrictModel):
    """A party was asked after the end of a case, or was not reached (回访). Rows are only added.

    ``satisfaction`` is empty where nobody was reached, or where they did not say.
    """

    class Satisfaction(models.TextChoices):
        SATISFIED = "satisfied", _("满意")
        MOSTLY = "mostly", _("基本满意")
        DISSATISFIED = "dissatisfied", _("不满意")

    case = DistrictForeignKey(MediationCase, related_name="visits")
    party = DistrictForeignKey(MediationParty)
    channel = models.CharField(_("方式"), max_length=8, choices=VisitChannel.choices)
    was_reached = models.BooleanField(_("联系上"))
    satisfaction = models.CharField(_("满意度"), max_length=12, choices=Satisfaction.choices, blank=True, default="")
    words = EncryptedTextField(_("说了什么"), blank=True, default="")
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)
    at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "case", "at"], name="mediationvisit_case")]

    def __str__(self) -> str:
        return f"{self.pk}"
