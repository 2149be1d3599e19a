"""必到必访 (S2-14): where the secretary has to be, by what happened and by the tag a household bears."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.households.models import Household, HouseholdTag
from grids.models import Area
from grids.visits.models.visit import Visit


class MustVisitRule(DistrictModel):
    """A tag whose households the secretary visits every ``days``, or an event where they arrive within ``hours``."""

    class Kind(models.TextChoices):
        TAG = "tag", _("必访")
        EVENT = "event", _("必到")

    kind = models.CharField(max_length=5, choices=Kind.choices)
    name = models.CharField(_("什么事"), max_length=20)
    tag = DistrictForeignKey(HouseholdTag, null=True, blank=True)
    days = models.PositiveSmallIntegerField(_("几天访一次"), null=True, blank=True)
    hours = models.PositiveSmallIntegerField(_("几小时内到"), null=True, blank=True)
    made_at = models.DateTimeField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="tag", tag__isnull=False, days__gte=1, hours=None)
                | Q(kind="event", tag=None, days=None, hours__gte=1),
                name="mustvisitrule_one_kind",
            ),
            models.UniqueConstraint(
                fields=["district", "tag"], condition=Q(ended_on=None, tag__isnull=False), name="mustvisitrule_tag_once"
            ),
            models.UniqueConstraint(
                fields=["district", "kind", "name"], condition=Q(ended_on=None), name="mustvisitrule_name_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MustVisit(DistrictModel):
    """The secretary is to visit a household, or to come to a place, until ``due_at``.

    ``place``: where, when it is no household's. It closes with a visit that reached somebody, or an arrival; it lapses
    where its reason is gone (the tag came off, the household moved away).
    """

    class End(models.TextChoices):
        VISITED = "visited", _("访到了")
        ARRIVED = "arrived", _("到了现场")
        LAPSED = "lapsed", _("不用去了")

    rule = DistrictForeignKey(MustVisitRule)
    grid = DistrictForeignKey(Area)
    household = DistrictForeignKey(Household, null=True, blank=True)
    place = models.CharField(_("在哪里"), max_length=60, blank=True, default="")
    words = EncryptedTextField(_("怎么回事"), blank=True, default="")
    opened_at = models.DateTimeField()
    opened_by = DistrictForeignKey(Membership, null=True, blank=True)
    due_at = models.DateTimeField(_("期限"))
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = DistrictForeignKey(Membership, null=True, blank=True)
    end = models.CharField(max_length=8, choices=End.choices, blank=True, default="")
    visit = DistrictForeignKey(Visit, null=True, blank=True)
    done = EncryptedTextField(_("到场做了什么"), blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(household__isnull=False) | ~Q(place=""), name="mustvisit_somewhere"),
            models.CheckConstraint(
                condition=Q(closed_at=None, end="") | (Q(closed_at__isnull=False) & ~Q(end="")), name="mustvisit_ended"
            ),
            models.UniqueConstraint(
                fields=["district", "rule", "household"],
                condition=Q(closed_at=None, household__isnull=False),
                name="mustvisit_open_once",
            ),
        ]
        indexes = [
            models.Index(fields=["district", "grid", "due_at"], condition=Q(closed_at=None), name="mustvisit_open"),
            models.Index(fields=["district", "household", "-closed_at"], name="mustvisit_of"),
        ]

    def __str__(self) -> str:
        return f"must visit {self.pk}"
