"""重复诉求 (kpi E.5): the same person brings the same kind of matter, at the same place, again within 90 days.

Many people with one matter are a hot spot or duplicates, never a repeat.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Subquery

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hashes
from requests_intake.actions.desk import REJECT_REASONS
from requests_intake.models import RequestType, Ticket, TicketMerge, TicketRepeat
from requests_intake.policies import TicketPolicy
from requests_intake.workflow import KNOWS_REQUESTERS, TicketState

WINDOW = timedelta(days=90)


def link(ticket_ids: Iterable[int]) -> int:
    """Find anew what the tickets repeat. Returns how many links there are now. Four statements at most."""
    ids = list(ticket_ids)
    if not ids:
        return 0
    fresh = [
        row
        for row in Ticket.objects.filter(pk__in=ids, requester__isnull=False).select_related("requester")
        if row.requester and row.requester.phone and row.category_id and (row.building_id or row.compound_id)
    ]
    hashes = {row.pk: set(keyed_hashes(row.requester.phone)) for row in fresh if row.requester}
    found = []
    if fresh:
        # Of a person one knows few tickets: they are compared here.
        since = min(row.submitted_at for row in fresh) - WINDOW
        known: dict[str, list[Ticket]] = defaultdict(list)
        earlier = Ticket.objects.filter(
            requester__phone_hash__in={text for each in hashes.values() for text in each}, submitted_at__gte=since
        ).annotate(by=F("requester__phone_hash"))
        for row in earlier.only("pk", "category_id", "building_id", "compound_id", "submitted_at"):
            known[row.by].append(row)
        for row in fresh:
            before = [old for text in hashes[row.pk] for old in known[text] if _repeats(row, old)]
            found += [TicketRepeat(ticket=row, earlier=old) for old in {old.pk: old for old in before}.values()]
    TicketRepeat.objects.filter(ticket_id__in=ids).delete()
    TicketRepeat.objects.bulk_create(found, ignore_conflicts=True)
    return len(found)


def _repeats(ticket: Ticket, old: Ticket) -> bool:
    """Same kind of the second level, same building or compound, brought before it and within 90 days."""
    if old.category_id != ticket.category_id:
        return False
    # Parts of one report share its moment: they are no repeats of each other.
    if not ticket.submitted_at - WINDOW <= old.submitted_at < ticket.submitted_at:
        return False
    same_building = ticket.building_id is not None and ticket.building_id == old.building_id
    return same_building or (ticket.compound_id is not None and ticket.compound_id == old.compound_id)


def counted() -> QuerySet[TicketRepeat]:
    """Links that count: to an earlier report that stands for itself. One merged counts in its master alone."""
    merged = TicketMerge.objects.filter(follower_id=OuterRef("earlier_id"), undone_at=None)
    return TicketRepeat.objects.filter(~Exists(merged))


def earlier_of(ticket: Ticket, actor: Actor) -> list[Ticket]:
    """The earlier tickets of the same person that the actor may know of, the newest first. One statement.

    Who reported confidentially is not betrayed by another ticket of theirs: neither way.
    """
    if _is_veiled(ticket, actor):
        return []
    links = counted().filter(ticket=ticket).values("earlier_id")
    return list(_seen(actor).filter(pk__in=links).order_by("-submitted_at", "-pk"))


def repeated(actor: Actor) -> QuerySet[Ticket]:
    """The visible tickets that repeat others, with ``before`` (how often it was brought before)."""
    links = counted().filter(ticket_id=OuterRef("pk"), earlier__in=_seen(actor).values("pk"))
    times = links.order_by().values("ticket_id").annotate(times=Count("pk")).values("times")
    rows = _seen(actor).exclude(state__in=_NOT_VALID).filter(Exists(links)).annotate(before=Subquery(times))
    return rows.order_by("-submitted_at", "-pk")


def _seen(actor: Actor) -> QuerySet[Ticket]:
    rows = TicketPolicy.visible(actor)
    if actor.is_system or actor.role_kinds & KNOWS_REQUESTERS:
        return rows
    return rows.filter(is_confidential=False, is_restricted=False)


def _is_veiled(ticket: Ticket, actor: Actor) -> bool:
    if actor.is_system or actor.role_kinds & KNOWS_REQUESTERS:
        return False
    return ticket.is_confidential or ticket.is_restricted


_NOT_VALID = (TicketState.REJECTED.value, TicketState.MERGED.value, TicketState.WITHDRAWN.value)


@dataclass(frozen=True)
class RepeatRate:
    """kpi E.5 with what stands behind it: ids of the repeats, of all that count, and how many were left out and why."""

    repeats: tuple[int, ...]
    valid: tuple[int, ...]
    excluded: dict[str, int]

    @property
    def numerator(self) -> int:
        return len(self.repeats)

    @property
    def denominator(self) -> int:
        return len(self.valid)

    @property
    def rate(self) -> float | None:
        """None where nothing counts: it is shown as a dash."""
        return self.numerator / self.denominator if self.denominator else None


def repeat_rate(tickets: QuerySet[Ticket], first: date, last: date) -> RepeatRate:
    """Of the tickets closed from ``first`` to ``last`` (Asia/Shanghai, both included) that are valid orders. Three
    statements."""
    start = _midnight(first)
    period = tickets.filter(closed_at__gte=start, closed_at__lt=_midnight(last + timedelta(days=1)))
    merged = set(
        TicketMerge.objects.filter(undone_at=None, follower__in=period.values("pk")).values_list(
            "follower_id", flat=True
        )
    )
    valid, excluded = [], {"rejected": 0, "merged": 0, "praise": 0, "withdrawn": 0}
    for pk, state, kind, reason in period.order_by("pk").values_list("pk", "state", "request_type", "close_reason"):
        why = "merged" if pk in merged or state == TicketState.MERGED.value else _left_out(state, kind, reason)
        if why:
            excluded[why] += 1
        else:
            valid.append(pk)
    again = set(counted().filter(ticket__in=period.values("pk")).values_list("ticket_id", flat=True))
    return RepeatRate(tuple(pk for pk in valid if pk in again), tuple(valid), excluded)


def _left_out(state: str, kind: str, reason: str) -> str:
    """Archived tickets still say by their reason how they ended."""
    if state == TicketState.REJECTED.value or reason in REJECT_REASONS:
        return "rejected"
    if state == TicketState.WITHDRAWN.value or reason == "withdrawn":
        return "withdrawn"
    return "praise" if kind == RequestType.PRAISE else ""


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=clock.SHANGHAI)
