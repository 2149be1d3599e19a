"""What goes on in a building, for its head (S1-04a): the matters of the common house, without anybody's words.

A head is a neighbour and no member of staff (``TicketPolicy.visible`` gives them nothing). Of others' matters they
learn what everybody in the stairwell may know: what it is about, how far it is, since when. No number, no words, no
unit, no name and no phone leave this module for those; what is restricted, confidential or a report never does.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from django.db.models import F, Q, QuerySet

from governance.kernel import clock
from governance.kernel.crypto import keyed_hashes
from requests_intake.models import RequestType, Ticket
from requests_intake.reference import rules
from requests_intake.workflow import TicketState

COMMON = frozenset({"01", "02", "03", "04", "05", "06", "07", "08"})
"""Categories of the first level that are of the house and its surroundings; all others are somebody's own affair."""
OF_PEOPLE = frozenset({"0202", "0304", "0405", "0506", "0705", "0806", "0807"})
"""Among them those that are about somebody: what is owed, a neighbour's noise, group renting, crime, fraud."""
SHOWN = timedelta(days=90)
"""How long what is over still stands in the list."""
_ENDED_UNHANDLED = (TicketState.REJECTED.value, TicketState.MERGED.value, TicketState.WITHDRAWN.value)


def matters_of(building_ids: Collection[int], *, phone: str) -> QuerySet[Ticket]:
    """The public matters of these buildings and those reported with ``phone``: open ones first, then what was closed
    within ``SHOWN``. ``phone`` empty: none is one's own.
    """
    known = rules().categories.values()
    common = [ref.id for ref in known if ref.pure.parent_code in COMMON and ref.code not in OF_PEOPLE]
    own = Q(requester__phone_hash__in=keyed_hashes(phone)) if phone else Q(pk__in=[])
    public = Q(category_id__in=common, is_confidential=False) & ~Q(state__in=_ENDED_UNHANDLED)
    rows = Ticket.objects.filter(own | public, building_id__in=building_ids, is_restricted=False)
    rows = rows.exclude(request_type=RequestType.REPORT)
    rows = rows.filter(Q(closed_at=None) | Q(closed_at__gte=clock.now() - SHOWN))
    return rows.order_by(F("closed_at").desc(nulls_first=True), "-submitted_at", "-pk")


def own_among(rows: Collection[Ticket], *, phone: str) -> set[int]:
    """Ids of those among ``rows`` that were reported with ``phone``. One statement, none without a number."""
    if not phone or not rows:
        return set()
    found = Ticket.objects.filter(pk__in=[row.pk for row in rows], requester__phone_hash__in=keyed_hashes(phone))
    return set(found.values_list("pk", flat=True))
