"""How long what is kept, what is exempt for a while, and the proof of what was removed."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


class RetentionRule(DistrictModel):
    """A version of the term of one kind of data. The newest holds from the moment it is set; none is ever changed."""

    kind = models.CharField(max_length=20)
    version = models.PositiveIntegerField(_("版本"))
    months = models.PositiveSmallIntegerField(_("保存几个月"))
    note = models.CharField(_("说明"), max_length=200, blank=True, default="")
    set_by = DistrictForeignKey(Membership, null=True)
    set_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "kind", "version"], name="retentionrule_version")]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version}: {self.months}"


class LegalHold(DistrictModel):
    """冻结: an object whose data must stay, whatever its term and whoever asks, until the hold is lifted."""

    object_kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    label = models.CharField(_("编号"), max_length=40)
    reason = models.CharField(_("冻结原因"), max_length=200)
    placed_by = DistrictForeignKey(Membership, null=True)
    placed_at = models.DateTimeField()
    lifted_by = DistrictForeignKey(Membership, null=True)
    lifted_at = models.DateTimeField(null=True)
    lift_reason = models.CharField(_("解除原因"), max_length=200, blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "object_kind", "object_id"],
                condition=models.Q(lifted_at=None),
                name="legalhold_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.object_kind} {self.label}"


class Certificate(DistrictModel):
    """What was removed or handed out, how much, by which rule, when. Only added; each seals the one before it.

    Holds counts and ids of the platform, no personal value.
    """

    class Act(models.TextChoices):
        RETENTION = "retention", _("到期匿名")
        ERASURE = "erasure", _("依申请删除")
        EXPORT = "export", _("依申请提供副本")
        CORRECTION = "correction", _("依申请更正")

    number = models.PositiveIntegerField(_("编号"))
    act = models.CharField(_("事项"), max_length=12, choices=Act.choices)
    kind = models.CharField(_("数据"), max_length=20, help_text="kind of data, or 'person' for a person's request")
    person_request = models.PositiveIntegerField(_("申请编号"), null=True)
    rule_version = models.PositiveIntegerField(_("规则版本"), default=0)
    months = models.PositiveSmallIntegerField(_("保存期限（月）"), default=0)
    before = models.DateTimeField(_("早于"), null=True)
    objects_count = models.PositiveIntegerField(_("对象数"))
    removed = models.JSONField(_("清除了什么"), default=dict)
    kept = models.JSONField(_("保留了什么"), default=dict)
    at = models.DateTimeField(_("时间"))
    made_by = DistrictForeignKey(Membership, null=True)
    digest = models.CharField(_("校验值"), max_length=64)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "number"], name="certificate_number")]

    def __str__(self) -> str:
        return f"{self.number}: {self.act} {self.kind}"
