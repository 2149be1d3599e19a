"""推选: rounds somebody may see, how many households stand behind whom, and whose vote a number is (S3-17)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import NotFound
from grids.heads import post_name
from grids.households.homes import with_phone
from grids.households.models import Household
from grids.households.policies import kept_grids, require_keeper
from grids.posts.models import Candidate, HouseholdVote, NominationRound

State = NominationRound.State
VOTERS = (Household.Kind.FAMILY, Household.Kind.SHARED)
"""A shop or a dormitory has no vote in who heads a building."""


@dataclass(frozen=True)
class Tally:
    """``support``: households behind each candidate, the most first; ``voters``: households that may vote."""

    support: Sequence[tuple[Candidate, int]]
    voted: int
    voters: int

    @property
    def leading(self) -> list[Candidate]:
        most = max((count for _row, count in self.support), default=0)
        return [row for row, count in self.support if count == most and most]


def visible_rounds(actor: Actor) -> QuerySet[NominationRound]:
    rows = NominationRound.objects.select_related("building").order_by("-opened_at", "-pk")
    if actor.is_system:
        return rows
    return rows.filter(building__grid_id__in=[grid.id for grid in kept_grids(actor)])


def find_round(actor: Actor, pk: int, *, lock: bool = False) -> NominationRound:
    """A round of a building the actor keeps. Raises ``NotAllowed`` without such a post, else ``NotFound``."""
    require_keeper(actor)
    rows = visible_rounds(actor)
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=pk).first()
    if found is None:
        raise NotFound("no_round", _("没有这次推选，或者不在您的辖区。"))
    return found


def name_of(row: NominationRound) -> str:
    return post_name(row.building.name, row.unit)


def is_voting(row: NominationRound) -> bool:
    return row.state == State.OPEN and clock.today() <= row.confirm_by


def voters_of(row: NominationRound) -> QuerySet[Household]:
    """Running households of the building, of the unit alone where the round is about one."""
    found = Household.objects.filter(building_id=row.building_id, ended_on=None, kind__in=VOTERS)
    if row.unit is not None:
        found = found.filter(room__unit__number=row.unit)
    return found.select_related("building", "room__unit").order_by(
        "room__unit__number", "room__floor", "room__number", "code", "pk"
    )


def votes_of(row: NominationRound) -> QuerySet[HouseholdVote]:
    """What counts: the last vote of each household."""
    return HouseholdVote.objects.filter(round=row, replaced_at=None)


def tally(row: NominationRound) -> Tally:
    """Three statements."""
    counted = dict(votes_of(row).order_by().values_list("candidate_id").annotate(n=Count("pk")))
    rows = sorted(row.candidates.order_by("pk"), key=lambda each: -counted.get(each.pk, 0))
    return Tally([(each, counted.get(each.pk, 0)) for each in rows], sum(counted.values()), voters_of(row).count())


def households_behind(row: NominationRound, phone: str) -> list[Household]:
    """The voting households in which somebody has this number, or whom one rings on it; by the keyed hash alone.

    A household votes only once its number was written down by those who keep the register: nobody signs themselves in.
    """
    return list(voters_of(row).filter(with_phone(phone)))


def voted_in(rounds: Sequence[NominationRound], phone: str) -> set[int]:
    """Rounds in which a household with this number has voted; one statement."""
    homes = Household.objects.filter(with_phone(phone), ended_on=None).values("pk")
    votes = HouseholdVote.objects.filter(round__in=rounds, replaced_at=None, household_id__in=homes)
    return set(votes.values_list("round_id", flat=True))


def open_rounds_for(phone: str) -> list[NominationRound]:
    """Rounds still open to votes in which a household with this number may vote; at most two statements."""
    homes = Household.objects.filter(with_phone(phone), ended_on=None, kind__in=VOTERS)
    places = set(homes.values_list("building_id", "room__unit__number"))
    if not places:
        return []
    rows = NominationRound.objects.filter(
        building_id__in={building for building, _unit in places}, state=State.OPEN, confirm_by__gte=clock.today()
    ).select_related("building")
    return [
        row for row in rows.order_by("confirm_by", "pk") if row.unit is None or (row.building_id, row.unit) in places
    ]
