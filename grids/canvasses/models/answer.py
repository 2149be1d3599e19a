"""What households answered, and what is left of it when the answers are gone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.canvasses.models.canvass import Canvass, CanvassField, CanvassSlot
from grids.households.models import Household
from grids.models import Area


class CanvassAnswer(DistrictModel):
    """A household was asked. Who was not asked yet has no row: the list is made of the register when it is read.

    ``seats``: how many people of it want a place; with ``slot`` they have one at that time. Deleted when the answers
    of the canvass are erased.
    """

    class Met(models.TextChoices):
        ANSWERED = "answered", _("答了")
        AWAY = "away", _("没人在家")
        DECLINED = "declined", _("不愿意答")

    canvass = DistrictForeignKey(Canvass)
    household = DistrictForeignKey(Household)
    grid = DistrictForeignKey(Area)
    met = models.CharField(_("问到没有"), max_length=8, choices=Met.choices)
    seats = models.PositiveSmallIntegerField(_("要几个名额"), default=0)
    slot = DistrictForeignKey(CanvassSlot, null=True, blank=True)
    by = DistrictForeignKey(Membership, null=True, blank=True)
    at = models.DateTimeField(_("时间"))
    changed_at = models.DateTimeField()
    is_imported = models.BooleanField(default=False)

    class Meta(DistrictModel.Meta):
        verbose_name = _("摸排的回答")
        constraints = [
            models.UniqueConstraint(fields=["district", "canvass", "household"], name="canvassanswer_once"),
            models.CheckConstraint(condition=Q(slot=None) | Q(seats__gte=1), name="canvassanswer_slot_has_seats"),
            models.CheckConstraint(condition=Q(met="answered") | Q(seats=0), name="canvassanswer_seats_by_answer"),
        ]
        indexes = [
            models.Index(fields=["district", "canvass", "grid"], name="canvassanswer_grid"),
            models.Index(fields=["district", "household"], name="canvassanswer_of"),
            models.Index(fields=["district", "slot"], name="canvassanswer_slot"),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class CanvassValue(DistrictModel):
    """The answer to one question: ``option`` (yes is 1, no is 0; else the place of the word), a number, a day or words.

    Words are about people: read by whoever wrote them down, opened by others with a reason.
    """

    answer = DistrictForeignKey(CanvassAnswer)
    field = DistrictForeignKey(CanvassField)
    option = models.PositiveSmallIntegerField(null=True, blank=True)
    number = models.PositiveIntegerField(null=True, blank=True)
    day = models.DateField(null=True, blank=True)
    words = EncryptedTextField(_("一句话"), blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "answer", "field"], name="canvassvalue_once")]
        indexes = [models.Index(fields=["district", "field", "option"], name="canvassvalue_counted")]

    def __str__(self) -> str:
        return f"value {self.pk}"


class CanvassTotal(DistrictModel):
    """A number of a grid, written when the answers are erased; it stays. Rows are only added.

    ``what``: ``asked_of`` (households of the audience), ``answered``, ``away``, ``declined``, ``seats``; with a
    question ``option`` (how many chose it) or ``filled`` (how many said something) and ``sum`` (of numbers).
    """

    canvass = DistrictForeignKey(Canvass)
    grid = DistrictForeignKey(Area)
    field = DistrictForeignKey(CanvassField, null=True, blank=True)
    what = models.CharField(max_length=8)
    option = models.PositiveSmallIntegerField(null=True, blank=True)
    count = models.PositiveBigIntegerField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "canvass", "grid", "field", "what", "option"],
                nulls_distinct=False,
                name="canvasstotal_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.canvass_id} {self.grid_id} {self.what}: {self.count}"
