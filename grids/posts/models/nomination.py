"""推选: the households of a building choose whom they want as its head (S3-17)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField, KeyedHashField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.households.models import Household
from grids.models import Building, PostAssignment


class NominationRound(DistrictModel):
    """One choice for a building (``unit`` None) or one of its units. ``confirm_by`` is the last day to vote; the
    community's secretary confirms, from the day the round began to ``confirm_by`` and after it, until it is closed."""

    class State(models.TextChoices):
        OPEN = "open", _("推选中")
        CONFIRMED = "confirmed", _("已确认")
        CALLED_OFF = "called_off", _("已取消")

    building = DistrictForeignKey(Building)
    unit = models.PositiveSmallIntegerField(_("单元号"), null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField()
    opened_by = DistrictForeignKey(Membership, null=True, blank=True, related_name="+")
    confirm_by = models.DateField(_("推选到哪天"))
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = DistrictForeignKey(Membership, null=True, blank=True, related_name="+")
    assignment = DistrictForeignKey(PostAssignment, null=True, blank=True, help_text="what the confirmation made")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "building", "unit"],
                condition=Q(state="open"),
                nulls_distinct=False,
                name="nomination_one_open",
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="nomination_closed_once",
            ),
        ]
        indexes = [models.Index(fields=["district", "building", "state"], name="nomination_of")]

    def __str__(self) -> str:
        return f"nomination {self.pk}"


class Candidate(DistrictModel):
    """Somebody who agreed to stand. Name and number go when the round is long closed; ``membership``: an account."""

    round = DistrictForeignKey(NominationRound, related_name="candidates")
    name = EncryptedTextField(_("姓名"), of_person=True, blank=True, default="")
    phone = EncryptedTextField(_("电话"), of_person=True, blank=True, default="")
    phone_hash = KeyedHashField(of="phone", blank=True, default="")
    says = models.CharField(_("一句介绍"), max_length=60, blank=True, default="")
    membership = DistrictForeignKey(Membership, null=True, blank=True)
    is_chosen = models.BooleanField(default=False)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "round"], condition=Q(is_chosen=True), name="candidate_one_chosen"
            )
        ]

    def __str__(self) -> str:
        return f"candidate {self.pk}"


class HouseholdVote(DistrictModel):
    """A household's one vote in a round. Another vote of it replaces this one; what was said before stays on record.

    ``recorded_by``: the worker who asked at the door; nobody where the household said it itself.
    """

    round = DistrictForeignKey(NominationRound, related_name="votes")
    household = DistrictForeignKey(Household)
    candidate = DistrictForeignKey(Candidate)
    at = models.DateTimeField()
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "round", "household"], condition=Q(replaced_at=None), name="vote_one_a_household"
            ),
            models.CheckConstraint(
                condition=Q(replaced_at=None) | Q(replaced_at__gte=F("at")), name="vote_replaced_later"
            ),
        ]
        indexes = [models.Index(fields=["district", "candidate"], name="vote_candidate")]

    def __str__(self) -> str:
        return f"vote {self.pk}"
