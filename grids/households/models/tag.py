"""七色标签 and 八员: the district's own words for households, and for who serves them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.households.models.household import Household


class HouseholdTag(DistrictModel):
    """One of at most seven words for households: each colour serves one tag in use (S2-22).

    ``mark`` is the one character that stands for it in a cell, so that colour never speaks alone. A tag in use with
    ``visit_every`` (days) makes its households key ones. A sensitive tag is read only by ``readers``, kinds of post;
    everybody else sees that there is something, in a neutral colour.
    """

    class Colour(models.TextChoices):
        ROSE = "rose", _("玫红")
        APRICOT = "apricot", _("杏橙")
        BROWN = "brown", _("茶褐")
        GREEN = "green", _("草绿")
        TEAL = "teal", _("青")
        BLUE = "blue", _("蓝")
        PLUM = "plum", _("紫")

    name = models.CharField(_("标签"), max_length=12)
    mark = models.CharField(_("一个字"), max_length=1)
    colour = models.CharField(_("颜色"), max_length=8, choices=Colour.choices)
    meaning = models.CharField(_("什么样的户"), max_length=120)
    visit_every = models.PositiveSmallIntegerField(_("几天走访一次"), null=True, blank=True)
    is_sensitive = models.BooleanField(_("敏感"), default=False)
    readers = models.JSONField(_("哪些岗位能看"), default=list, blank=True)
    made_at = models.DateTimeField()
    ended_on = models.DateField(_("停用日期"), null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "colour"], condition=Q(ended_on=None), name="householdtag_seven_colours"
            ),
            models.UniqueConstraint(
                fields=["district", "name"], condition=Q(ended_on=None), name="householdtag_name_once"
            ),
            models.UniqueConstraint(
                fields=["district", "mark"], condition=Q(ended_on=None), name="householdtag_mark_once"
            ),
            models.CheckConstraint(
                condition=Q(visit_every=None) | Q(visit_every__gte=1), name="householdtag_every_some_days"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class HouseholdTagging(DistrictModel):
    """A household bears a tag from ``since`` to ``until`` (both inclusive; open where None), and why.

    The reason is free text about a household: it is encrypted and leaves with it.
    """

    household = DistrictForeignKey(Household)
    tag = DistrictForeignKey(HouseholdTag)
    since = models.DateField(_("从"))
    until = models.DateField(_("到"), null=True, blank=True)
    reason = EncryptedTextField(_("依据"), blank=True, default="")
    by = DistrictForeignKey(Membership, null=True, blank=True)

    class Meta(DistrictModel.Meta):
        verbose_name = _("住户标签")
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="householdtagging_ends_later"
            ),
            models.UniqueConstraint(
                fields=["district", "household", "tag"], condition=Q(until=None), name="householdtagging_open_once"
            ),
        ]
        indexes = [
            models.Index(fields=["district", "household"], name="householdtagging_of"),
            models.Index(fields=["district", "tag", "until"], name="householdtagging_tag"),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.tag_id}"


class ServiceRole(DistrictModel):
    """One of at most eight roles (八员) in which people of the neighbourhood serve, and what each does."""

    name = models.CharField(_("名称"), max_length=12)
    duty = models.CharField(_("做什么"), max_length=120)
    position = models.PositiveSmallIntegerField(_("次序"), default=0)
    ended_on = models.DateField(_("停用日期"), null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "name"], condition=Q(ended_on=None), name="servicerole_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name
