"""What a drive asks of whom, until when, and how many places it has to give (S4-09)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.households.models import HouseholdTag
from grids.models import Area, Building


class Canvass(DistrictModel):
    """A street or community asks some of its households a few things (专项摸排). Not a label of tickets (专项标签).

    It is a draft until ``started_at``, runs to ``ends_on`` (inclusive), and its answers are erased on the day after
    ``erase_after``, ``keep_days`` days after the end; from ``erased_at`` on only totals are left.
    ``born_from``–``born_until``: years of birth; a household is asked where somebody of these years lives in it.
    ``quota``: places there are to give, ``taken``: places given; None where there is nothing to give.
    """

    area = DistrictForeignKey(Area)
    title = models.CharField(_("叫什么"), max_length=30)
    purpose = models.CharField(_("为什么问"), max_length=120)
    begins_on = models.DateField(_("哪天开始"))
    ends_on = models.DateField(_("哪天结束"))
    keep_days = models.PositiveSmallIntegerField(_("结束后留几天"))
    erase_after = models.DateField()
    born_from = models.PositiveSmallIntegerField(_("出生年份从"), null=True, blank=True)
    born_until = models.PositiveSmallIntegerField(_("出生年份到"), null=True, blank=True)
    quota = models.PositiveIntegerField(_("一共几个名额"), null=True, blank=True)
    taken = models.PositiveIntegerField(default=0)
    made_by = DistrictForeignKey(Membership, null=True, blank=True)
    made_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True, help_text="ended by hand, before its day")
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        verbose_name = _("专项摸排")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="canvass_ends_later"),
            models.CheckConstraint(condition=Q(keep_days__gte=1, keep_days__lte=90), name="canvass_goes_in_time"),
            models.CheckConstraint(condition=Q(erase_after__gt=F("ends_on")), name="canvass_erased_after_the_end"),
            models.CheckConstraint(
                condition=Q(born_from=None) | Q(born_until=None) | Q(born_until__gte=F("born_from")),
                name="canvass_years_in_order",
            ),
            models.CheckConstraint(condition=Q(quota=None) | Q(taken__lte=F("quota")), name="canvass_within_quota"),
        ]
        indexes = [
            models.Index(fields=["district", "area"], name="canvass_of"),
            models.Index(fields=["district", "erase_after"], condition=Q(erased_at=None), name="canvass_to_erase"),
        ]

    def __str__(self) -> str:
        return self.title


class CanvassTag(DistrictModel):
    """A household that bears one of these tags is asked; without a row every household is."""

    canvass = DistrictForeignKey(Canvass)
    tag = DistrictForeignKey(HouseholdTag)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "canvass", "tag"], name="canvasstag_once")]

    def __str__(self) -> str:
        return f"{self.canvass_id} {self.tag_id}"


class CanvassPlace(DistrictModel):
    """A grid or a building in which is asked; without a row the whole area is."""

    canvass = DistrictForeignKey(Canvass)
    grid = DistrictForeignKey(Area, null=True, blank=True)
    building = DistrictForeignKey(Building, null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(grid=None, building__isnull=False) | Q(grid__isnull=False, building=None),
                name="canvassplace_one",
            ),
            models.UniqueConstraint(
                fields=["district", "canvass", "grid"], condition=Q(building=None), name="canvassplace_grid_once"
            ),
            models.UniqueConstraint(
                fields=["district", "canvass", "building"], condition=Q(grid=None), name="canvassplace_building_once"
            ),
        ]
        indexes = [models.Index(fields=["district", "grid"], name="canvassplace_grid")]

    def __str__(self) -> str:
        return f"{self.canvass_id}: {self.grid_id or self.building_id}"


class CanvassField(DistrictModel):
    """One question. ``choices``: the words to choose from; the place of a word is what an answer keeps."""

    class Kind(models.TextChoices):
        YES_NO = "yes_no", _("是或否")
        CHOICE = "choice", _("选一个")
        NUMBER = "number", _("数字")
        DAY = "day", _("日期")
        WORDS = "words", _("一句话")

    canvass = DistrictForeignKey(Canvass)
    position = models.PositiveSmallIntegerField(_("次序"))
    label = models.CharField(_("问什么"), max_length=40)
    kind = models.CharField(_("怎么答"), max_length=8, choices=Kind.choices)
    choices = models.JSONField(_("可以选的"), default=list, blank=True)
    is_required = models.BooleanField(_("一定要答"), default=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "canvass", "position"], name="canvassfield_place_once"),
            models.UniqueConstraint(fields=["district", "canvass", "label"], name="canvassfield_label_once"),
        ]

    def __str__(self) -> str:
        return self.label


class CanvassSlot(DistrictModel):
    """A time at a place with so many places; ``taken`` of them are booked."""

    canvass = DistrictForeignKey(Canvass)
    starts_at = models.DateTimeField(_("什么时候"))
    place = models.CharField(_("在哪儿"), max_length=40)
    capacity = models.PositiveSmallIntegerField(_("几个名额"))
    taken = models.PositiveSmallIntegerField(default=0)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(capacity__gte=1, taken__lte=F("capacity")), name="canvassslot_within_capacity"
            ),
            models.UniqueConstraint(fields=["district", "canvass", "starts_at", "place"], name="canvassslot_once"),
        ]

    def __str__(self) -> str:
        return f"slot {self.pk}"
