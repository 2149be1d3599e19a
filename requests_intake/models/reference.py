from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


class Category(DistrictModel):
    """What a ticket is about, two levels (standards B.5). The second level has defaults that make triage one tap."""

    code = models.CharField(_("代码"), max_length=8)
    name = models.CharField(_("名称"), max_length=40)
    parent = DistrictForeignKey("self", null=True, blank=True)
    urgency = models.CharField(max_length=10, default="normal")
    limit_class = models.CharField(max_length=12, default="normal", help_text="class of the limit table, SLA D.2")
    start_level = models.CharField(max_length=10, default="grid")
    departments = models.JSONField(
        default=list, help_text="kinds of department that usually handle it, the first first"
    )
    is_safety = models.BooleanField(_("涉及安全"), default=False)
    is_restricted = models.BooleanField(_("限制知悉"), default=False)
    keywords = models.JSONField(_("关键词"), default=list)
    questions = models.JSONField(
        _("要问的"), default=list, blank=True, help_text="short questions to whoever reports it"
    )
    is_active = models.BooleanField(_("启用"), default=True)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "code"], name="category_code_once")]

    def __str__(self) -> str:
        return self.name


class LimitPolicy(DistrictModel):
    """A version of the district's time limits (document of ``requests_intake.sla.Policy``).

    The newest version with ``valid_from`` in the past holds for new promises; a promise keeps its own version.
    """

    version = models.PositiveIntegerField()
    document = models.JSONField()
    valid_from = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "version"], name="limitpolicy_version")]

    def __str__(self) -> str:
        return f"v{self.version}"


class NumberCounter(DistrictModel):
    """The last ticket number given out on a day; its row lock makes numbers gapless and unique."""

    day = models.DateField()
    last = models.PositiveIntegerField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "day"], name="numbercounter_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.last}"


class ReplyPhrase(DistrictModel):
    """A sentence to tap instead of typing, offered by the form of one move. Without any, the usual ones."""

    move = models.CharField(max_length=20)
    text = models.CharField(_("常用语"), max_length=60)
    position = models.PositiveSmallIntegerField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "move", "text"], name="replyphrase_once")]

    def __str__(self) -> str:
        return self.text
