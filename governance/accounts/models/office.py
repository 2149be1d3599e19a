"""What the law wants a district to keep about the platform itself: its texts, what people say of it, two registers."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models.membership import Membership
from governance.kernel import clock
from governance.kernel.crypto import EncryptedTextField, KeyedHashField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel

YEARS_KEPT = 3  # Personal Information Protection Law, art. 56


class LegalText(DistrictModel):
    """One version of a text that residents read or agree to. Never changed, only followed by the next version."""

    class Kind(models.TextChoices):
        PRIVACY = "privacy", _("个人信息处理规则")
        CONSENT = "consent", _("代为登记的同意书")
        FILING = "filing", _("备案号")

    kind = models.CharField(_("文本"), max_length=20, choices=Kind.choices)
    version = models.PositiveIntegerField(_("版本"))
    text = models.TextField(_("正文"))
    valid_from = models.DateField(_("生效日期"))
    created_by = DistrictForeignKey(Membership, null=True)
    created_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "kind", "version"], name="legal_text_version")]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class PlatformFeedback(DistrictModel):
    """A suggestion or complaint about the platform itself (not a ticket), and what the district answered."""

    class Kind(models.TextChoices):
        SUGGESTION = "suggestion", _("建议")
        COMPLAINT = "complaint", _("投诉")

    class State(models.TextChoices):
        OPEN = "open", _("待答复")
        ANSWERED = "answered", _("已答复")

    kind = models.CharField(_("类型"), max_length=20, choices=Kind.choices)
    content = models.TextField(_("内容"))
    contact = EncryptedTextField(_("联系方式"), of_person=True, blank=True, default="")
    code_hash = KeyedHashField()
    state = models.CharField(_("状态"), max_length=20, choices=State.choices, default=State.OPEN)
    created_at = models.DateTimeField()
    answer = models.TextField(_("答复"), blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = DistrictForeignKey(Membership, null=True)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "code_hash"], name="feedback_code")]
        indexes = [models.Index(fields=["district", "state", "-created_at"], name="feedback_inbox")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class ImpactAssessment(DistrictModel):
    """An assessment made before personal data is processed in a way that needs one (PIPL art. 55 and 56)."""

    class Trigger(models.TextChoices):
        SENSITIVE = "sensitive", _("处理敏感个人信息")
        AUTOMATED = "automated", _("自动化决策")
        SHARING = "sharing", _("委托处理、向他人提供")
        DISCLOSURE = "disclosure", _("公开个人信息")
        OTHER = "other", _("其他有重大影响的处理")

    class Conclusion(models.TextChoices):
        PROCEED = "proceed", _("可以开展")
        WITH_MEASURES = "with_measures", _("落实措施后开展")
        STOP = "stop", _("不开展")

    title = models.CharField(_("评估事项"), max_length=100)
    trigger = models.CharField(_("为什么要评估"), max_length=20, choices=Trigger.choices)
    assessed_on = models.DateField(_("评估日期"))
    assessors = models.CharField(_("评估人"), max_length=100)
    data_kinds = models.TextField(_("涉及哪些个人信息"))
    purpose = models.TextField(_("目的、方式是否合法、正当、必要"))
    impact = models.TextField(_("对个人权益的影响和安全风险"))
    measures = models.TextField(_("保护措施是否合法、有效、与风险相适应"))
    conclusion = models.CharField(_("结论"), max_length=20, choices=Conclusion.choices)
    created_by = DistrictForeignKey(Membership, null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "-assessed_on"], name="assessment_by_day")]

    def __str__(self) -> str:
        return self.title

    @property
    def keep_until(self) -> date:
        return years_after(self.assessed_on)


class SecurityIncident(DistrictModel):
    """Personal data leaked, changed or lost, or likely to be; what its notices must say (PIPL art. 57)."""

    title = models.CharField(_("事件"), max_length=100)
    occurred_at = models.DateTimeField(_("发生时间"), null=True, blank=True)
    discovered_at = models.DateTimeField(_("发现时间"))
    data_kinds = models.TextField(_("涉及的信息种类"))
    people_count = models.PositiveIntegerField(_("涉及多少人"), null=True, blank=True)
    cause = models.TextField(_("原因"))
    harm = models.TextField(_("可能造成的危害"))
    measures = models.TextField(_("已采取的补救措施"))
    advice = models.TextField(_("个人可以采取的减轻危害的措施"), blank=True, default="")
    contact = models.CharField(_("联系方式"), max_length=100)
    authority_told_at = models.DateTimeField(_("通知主管部门的时间"), null=True, blank=True)
    people_told_at = models.DateTimeField(_("通知个人的时间"), null=True, blank=True)
    not_told_reason = models.TextField(_("不通知个人的理由"), blank=True, default="")
    closed_at = models.DateTimeField(_("处置完毕的时间"), null=True, blank=True)
    created_by = DistrictForeignKey(Membership, null=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "-discovered_at"], name="incident_by_time")]

    def __str__(self) -> str:
        return self.title

    @property
    def keep_until(self) -> date:
        return years_after(clock.local(self.closed_at or self.discovered_at).date())


def years_after(day: date) -> date:
    """The day until which a record made on ``day`` is kept at least; a 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + YEARS_KEPT)
    except ValueError:
        return date(day.year + YEARS_KEPT, 3, 1)
