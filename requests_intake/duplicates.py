"""疑似重复: which other tickets may be the same matter (inventory S3-13).

Candidates come from indexes on place and day; words are compared here (``similarity``), never in SQL: row security
leaves no index for words. What one person may not see is suggested to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.db.models import Case, Count, F, Max, Q, QuerySet, When
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.kernel import clock
from governance.kernel.actors import Actor
from requests_intake import similarity
from requests_intake.models import Ticket, TicketMerge, TicketSplit
from requests_intake.policies import TicketPolicy
from requests_intake.queries import RUNNING
from requests_intake.reference import rules
from requests_intake.similarity import Match, Spot
from requests_intake.workflow import TicketState

WINDOW = timedelta(days=similarity.WINDOW_DAYS)
MOST_CANDIDATES = 200
"""How many of the newest at a place are compared."""
_WORDS = 600
"""So many characters of a report are compared."""
_GONE = (TicketState.MERGED.value, TicketState.REJECTED.value, TicketState.WITHDRAWN.value, TicketState.ARCHIVED.value)
_DEGREE = 0.0015
"""A little over 100 m, in degrees of longitude in the north of China: the box in which distances are measured."""


@dataclass(frozen=True)
class Duplicate:
    """A ticket that may be the same matter, and why."""

    ticket: Ticket
    match: Match
    days: int

    @property
    def is_open(self) -> bool:
        return self.ticket.state in RUNNING

    @property
    def reason(self) -> str:
        """同一栋楼、同类、3 天前，文字相近 82%."""
        place = {
            similarity.BUILDING: _("同一栋楼"),
            similarity.COMPOUND: _("同一小区"),
            similarity.NEARBY: _("相距不到 100 米"),
            similarity.GRID: _("同一网格"),
        }[self.match.place]
        kind = _("同类") if self.match.same_category else _("相近的类")
        when = ngettext("{n} 天前", "{n} 天前", self.days).format(n=self.days) if self.days else _("今天")
        return _("{place}、{kind}、{when}，文字相近 {percent}%").format(
            place=place, kind=kind, when=when, percent=round(self.match.words * 100)
        )


@dataclass(frozen=True)
class Probe:
    """What is compared: a ticket, or a report that is still being written down. ``point`` is (longitude, latitude)."""

    text: str
    category_id: int | None
    spot: Spot
    community_id: int | None = None
    at: datetime | None = None  # when it was brought; now for one still being written
    ticket_id: int | None = None
    is_restricted: bool = False


def probe_of(ticket: Ticket) -> Probe:
    return Probe(
        text=ticket.content, category_id=ticket.category_id, spot=spot_of(ticket), community_id=ticket.community_id,
        at=ticket.submitted_at, ticket_id=ticket.pk, is_restricted=ticket.is_restricted,
    )  # fmt: skip


def spot_of(ticket: Ticket) -> Spot:
    point = (ticket.lng, ticket.lat) if ticket.lng is not None and ticket.lat is not None else None
    return Spot(ticket.building_id, ticket.compound_id, ticket.grid_id, point)


def suggestions(probe: Probe, actor: Actor) -> list[Duplicate]:
    """At most five tickets the actor may see that may be the same matter, the likeliest first. One statement."""
    family = _family(probe.category_id)
    place = _place(probe)
    if not family or place is None:
        return []
    now = clock.now()
    rows = (
        TicketPolicy.visible(actor)
        .filter(place, category_id__in=family, submitted_at__gte=(probe.at or now) - WINDOW)
        .filter(is_restricted=probe.is_restricted)
        .exclude(state__in=_GONE)
        .exclude(pk__in=[probe.ticket_id] if probe.ticket_id is not None else [])
        .select_related("building", "compound")
        .order_by("-submitted_at", "-pk")[:MOST_CANDIDATES]
    )
    found = []
    for row in rows:
        weighed = similarity.match(
            similarity.same_place(probe.spot, spot_of(row)),
            same_category=row.category_id == probe.category_id,
            same_parent=True,
            words=similarity.likeness(probe.text[:_WORDS], row.content[:_WORDS]),
        )
        if weighed is not None:
            found.append(Duplicate(row, weighed, _days(row.submitted_at, now)))
    # Open ones first where all else is equal: only they can take another one in.
    found.sort(key=lambda each: (-each.match.score, not each.is_open, -each.ticket.pk))
    return found[: similarity.MOST]


def _family(category_id: int | None) -> list[int]:
    """The category and the others of its first level."""
    found = rules().categories.get(category_id) if category_id is not None else None
    if found is None:
        return []
    parent = found.parent_id or found.id
    return [ref.id for ref in rules().categories.values() if ref.parent_id == parent]


def _place(probe: Probe) -> Q | None:
    """Where to look: the grid (every building lies in one), the compound, which may lie in several, the spot."""
    spot = probe.spot
    found = [Q(**{f"{name}_id": value}) for name, value in (("grid", spot.grid), ("compound", spot.compound)) if value]
    if not found and spot.point is not None:
        lng, lat = spot.point
        box = Q(lng__range=(lng - _DEGREE, lng + _DEGREE), lat__range=(lat - _DEGREE, lat + _DEGREE))
        found = [box & Q(community_id=probe.community_id) if probe.community_id else box]
    if not found:
        return None
    place = found[0]
    for more in found[1:]:
        place |= more
    return place


def _days(moment: datetime, now: datetime) -> int:
    return max(0, (clock.local(now).date() - clock.local(moment).date()).days)


# ---------------------------------------------------------------- what a ticket is tied to
@dataclass(frozen=True)
class Ties:
    """The master of a ticket, its followers, its parts and the original it is a part of: those the actor may see.

    ``followers_unseen``: how many more there are outside the actor's rows.
    """

    master: Ticket | None
    followers: tuple[Ticket, ...]
    followers_unseen: int
    original: Ticket | None
    parts: tuple[Ticket, ...]
    earliest_promise: datetime | None


def ties_of(ticket: Ticket, actor: Actor) -> Ties:
    """Two statements for most tickets, two more for a master or follower."""
    merges: list[TicketMerge] = []
    if ticket.follower_count or ticket.state in (TicketState.MERGED.value, TicketState.ARCHIVED.value):
        merges = list(
            TicketMerge.objects.filter(Q(master=ticket) | Q(follower=ticket), undone_at=None)
            .select_related("master", "follower")
            .order_by("-merged_at", "-pk")
        )
    splits = list(
        TicketSplit.objects.filter(Q(original=ticket) | Q(part=ticket))
        .select_related("original", "part")
        .order_by("pk")
    )
    others = {row.follower_id if row.master_id == ticket.pk else row.master_id for row in merges}
    others |= {row.part_id if row.original_id == ticket.pk else row.original_id for row in splits}
    seen = set(TicketPolicy.visible(actor).filter(pk__in=others).values_list("pk", flat=True)) if others else set()
    followers = [row.follower for row in merges if row.master_id == ticket.pk]
    shown = tuple(row for row in followers if row.pk in seen)
    promises = [row.promise_due_at for row in followers if row.promise_due_at is not None]
    return Ties(
        master=next((row.master for row in merges if row.follower_id == ticket.pk and row.master_id in seen), None),
        followers=shown,
        followers_unseen=len(followers) - len(shown),
        original=next((row.original for row in splits if row.part_id == ticket.pk and row.original_id in seen), None),
        parts=tuple(row.part for row in splits if row.original_id == ticket.pk and row.part_id in seen),
        earliest_promise=min(promises, default=None),
    )


# ---------------------------------------------------------------- the list of all that may be duplicates
@dataclass(frozen=True)
class Group:
    """Open tickets of one place and kind of the last seven days. ``words``: how alike neighbours are, on average."""

    key: dict[str, Any]
    tickets: tuple[Ticket, ...]
    count: int
    words: float


_KEY = ("spot_building", "spot_compound", "spot_grid", "category_id")


def groups(actor: Actor) -> QuerySet[Ticket, dict[str, Any]]:
    """Places and kinds with more than one open ticket of the last seven days, most tickets first: ``_KEY``, ``count``,
    ``newest``."""
    return (
        _open(actor)
        .order_by()
        .values(*_KEY)
        .annotate(count=Count("pk"), newest=Max("submitted_at"))
        .filter(count__gt=1)
        .order_by("-count", "-newest", *_KEY)
    )


def _open(actor: Actor) -> QuerySet[Ticket]:
    """Open, not restricted, recent, with the place as exactly as it is known: building, else compound, else grid."""
    return (
        TicketPolicy.visible(actor)
        .filter(closed_at=None, state__in=RUNNING, is_restricted=False, category__isnull=False)
        .filter(submitted_at__gte=clock.now() - WINDOW)
        .exclude(building=None, compound=None, grid=None)
        .annotate(
            spot_building=F("building_id"),
            spot_compound=Case(When(building=None, then=F("compound_id"))),
            spot_grid=Case(When(building=None, compound=None, then=F("grid_id"))),
        )
    )


def filled(keys: Iterable[dict[str, Any]], actor: Actor) -> list[Group]:
    """The groups of a page with their tickets, the oldest first. One statement."""
    wanted = list(keys)
    if not wanted:
        return []
    condition = Q()
    for key in wanted:
        condition |= Q(**{name: key[name] for name in _KEY if key[name] is not None})
    found: dict[tuple[Any, ...], list[Ticket]] = {}
    rows = _open(actor).filter(condition).select_related("building", "compound").order_by("submitted_at", "pk")
    for row in rows:
        found.setdefault(tuple(getattr(row, name) for name in _KEY), []).append(row)
    return [
        Group(key, tuple(tickets), len(tickets), _alike(tickets))
        for key in wanted
        if (tickets := found.get(tuple(key[name] for name in _KEY), []))
    ]


def _alike(tickets: Sequence[Ticket]) -> float:
    likes = [similarity.likeness(one.content[:_WORDS], other.content[:_WORDS]) for one, other in pairwise(tickets)]
    return sum(likes) / len(likes) if likes else 0.0
