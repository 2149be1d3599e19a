"""Reads of people's data: who opened what, how often today, what is asked for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import Max, QuerySet

from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.crypto import keyed_hashes
from governance.privacy.holders import LABELS
from governance.privacy.models import Disclosure, DisclosureAllowance, DisclosureCount, PersonRequest


def openings() -> QuerySet[Disclosure]:
    """Every opening of a masked value in the district in scope, the newest first."""
    return Disclosure.objects.order_by("-at", "-pk")


def openings_of(object_kind: str, object_id: int) -> QuerySet[Disclosure]:
    return openings().filter(object_kind=object_kind, object_id=object_id)


def described(rows: Sequence[Disclosure]) -> list[dict[str, Any]]:
    """Rows with the name of who looked and what people call the object. A bounded number of statements."""
    names = staff_names(row.membership_id for row in rows)
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in rows:
        wanted[row.object_kind].add(row.object_id)
    labels = {kind: LABELS[kind](ids) for kind, ids in wanted.items() if kind in LABELS}
    return [
        {
            "row": row,
            "who": names.get(row.membership_id, ""),
            "what": labels.get(row.object_kind, {}).get(row.object_id, ""),
        }
        for row in rows
    ]


@dataclass(frozen=True)
class Today:
    """How often somebody has opened values today, and how often they may."""

    membership_id: int
    name: str
    number: int
    cap: int

    @property
    def is_full(self) -> bool:
        return self.number >= self.cap


def openings_today() -> list[Today]:
    """Everybody who opened something today, the most first."""
    today = clock.today()
    rows = list(DisclosureCount.objects.filter(day=today).order_by("-number", "membership_id"))
    names = staff_names(row.membership_id for row in rows)
    granted, usual = _caps_on(today), settings.REVEAL_DAILY_CAP
    return [
        Today(
            row.membership_id,
            names.get(row.membership_id, ""),
            row.number,
            max(usual, granted.get(row.membership_id, 0)),
        )
        for row in rows
    ]


def _caps_on(day: date) -> dict[int, int]:
    granted = DisclosureAllowance.objects.filter(day=day).values_list("membership_id").annotate(cap=Max("cap"))
    return dict(granted)


def requests_of_phones(phones: Iterable[str]) -> QuerySet[PersonRequest]:
    """What was asked for on some numbers, the newest first."""
    digests = [digest for phone in phones for digest in keyed_hashes(phone)]
    return PersonRequest.objects.filter(phone_hash__in=digests).order_by("-number")
