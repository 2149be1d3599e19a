"""Freeing tickets of persons: what was said, by whom and where exactly goes; kind, grid, times and ratings stay.

The statistics are computed from what stays, so they do not change by it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import partial

from cryptography.fernet import InvalidToken
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Length
from django.utils.translation import gettext as _

from governance.accounts.models import Notice
from governance.kernel import clock
from governance.kernel.bulk import update_rows
from governance.kernel.crypto import decrypt
from governance.kernel.idempotency import KEPT as ANSWERS_KEPT
from governance.kernel.models import IdempotencyRecord
from governance.kernel.search import index_objects
from governance.privacy.holders import Removed
from governance.privacy.holds import held
from governance.privacy.models import Disclosure
from requests_intake.actions.archive import ARCHIVER
from requests_intake.models import (
    Application,
    Attachment,
    CaseMember,
    Note,
    Requester,
    Ticket,
    TicketRepeat,
    TicketTransition,
)
from requests_intake.models.proactive import ProactiveOrigin, ProactiveTask
from requests_intake.models.ticket import ERASED
from requests_intake.mover import Mover
from requests_intake.reference import rules
from requests_intake.subscribers import SEARCH_KIND, search_text
from requests_intake.whistle_privacy import free_of_tickets
from requests_intake.workflow import FINISHED, MOVES

OBJECT_KIND = "ticket"
_FIELDS = (
    "title", "content", "requester", "address_text", "lng", "lat", "located_by", "building", "compound", "source_ref",
    "external_number", "follow_code_hash", "follow_failures",
)  # fmt: skip


def due_tickets() -> QuerySet[Ticket]:
    """Finished tickets that still hold what was said."""
    return Ticket.objects.filter(state__in=FINISHED).exclude(located_by=ERASED)


def anonymize_tickets(ids: Sequence[int]) -> tuple[int, Removed]:
    """Free the finished ones of ``ids`` that are not held, in the running transaction. Returns how many, and what went.

    Each is archived first where it was not: nobody can reopen a matter whose words are gone.
    """
    rows = due_tickets().filter(pk__in=ids).select_for_update(of=("self",)).order_by("pk")
    # Locked before holds are read: a hold is placed under the same lock.
    locked = list(rows)
    stays = held(OBJECT_KIND, [ticket.pk for ticket in locked])
    tickets = [ticket for ticket in locked if ticket.pk not in stays]
    if not tickets:
        return 0, Counter()
    _archive(tickets)
    removed: Removed = Counter(tickets=len(tickets))
    found = [ticket.pk for ticket in tickets]
    removed["notes"] = Note.objects.filter(ticket__in=found).delete()[0]
    removed["applications"] = Application.objects.filter(ticket__in=found).update(told="", clause="")
    reasons = CaseMember.objects.filter(ticket__in=found).annotate(written=Length("reason")).filter(written__gt=0)
    CaseMember.objects.filter(pk__in=list(reasons.values_list("pk", flat=True))).update(reason="")
    removed["photos"], removed["files"] = _remove_photos(found)
    removed["notices"] = _remove_notices(tickets)
    removed["answers"] = _remove_answers(tickets)
    removed += free_of_tickets(found)
    words = Disclosure.objects.filter(object_kind=OBJECT_KIND, object_id__in=found)
    written = words.annotate(written=Length("words")).filter(written__gt=0).values_list("pk", flat=True)
    removed["disclosure_words"] = Disclosure.objects.filter(pk__in=list(written)).update(words="")
    # That it was the same person is a fact about the person.
    removed["repeats"] = TicketRepeat.objects.filter(Q(ticket__in=found) | Q(earlier__in=found)).delete()[0]
    origins = ProactiveOrigin.objects.filter(ticket__in=found, task__source=ProactiveTask.Source.REPEAT)
    removed["repeat_origins"] = origins.delete()[0]
    people = {ticket.requester_id for ticket in tickets if ticket.requester_id is not None}
    _empty(tickets)
    removed["search"] = len(tickets)
    index_objects(SEARCH_KIND, [(ticket.pk, search_text(ticket)) for ticket in tickets])
    still = set(Ticket.objects.filter(requester__in=people).values_list("requester_id", flat=True))
    removed["requesters"] = Requester.objects.filter(pk__in=people - still).delete()[0]
    return len(tickets), removed


def _archive(tickets: Iterable[Ticket]) -> None:
    mover = Mover(ARCHIVER, tell=False)
    sources = MOVES["archive"].sources
    for ticket in tickets:
        if ticket.state in sources:
            mover.move("archive", ticket)
    mover.flush()


def _empty(tickets: Sequence[Ticket]) -> None:
    for ticket in tickets:
        name = rules().category_name(ticket.category_id) or _("诉求")
        ticket.title = _("{name}（内容已按保存期限清除）").format(name=name)[:120]
        ticket.content = _("内容、地址和诉求人已按规定清除，只保留分类、所在网格、办理时间和评价。")
        ticket.address_text = ticket.source_ref = ticket.external_number = ticket.follow_code_hash = ""
        ticket.requester_id = ticket.building_id = ticket.compound_id = ticket.lng = ticket.lat = None
        ticket.follow_failures = 0
        ticket.located_by = ERASED
    update_rows(tickets, _FIELDS)


def _remove_photos(ids: Sequence[int]) -> tuple[int, int]:
    """Rows now, files when this is committed. Files that a crash leaves are found by the nightly search for photos of
    no ticket."""
    photos = Attachment.objects.filter(ticket__in=ids)
    files = [key for pair in photos.values_list("file", "thumbnail") for key in pair if key]
    count = photos.delete()[0]
    transaction.on_commit(partial(_delete_files, files))
    return count, len(files)


def _delete_files(files: Iterable[str]) -> None:
    for key in files:
        default_storage.delete(key)


def _remove_notices(tickets: Sequence[Ticket]) -> int:
    """A notice repeats the title."""
    moves = TicketTransition.objects.filter(ticket__in=[ticket.pk for ticket in tickets]).values_list("pk", flat=True)
    paths = [f"/{surface}/t/{ticket.number}/" for ticket in tickets for surface in ("m", "desk")]
    sources = [f"ticket-transition:{pk}" for pk in moves]
    return Notice.objects.filter(Q(source__in=sources) | Q(path__in=paths)).delete()[0]


def _remove_answers(tickets: Sequence[Ticket]) -> int:
    """Stored answers of the API repeat the ticket, encrypted; forms keep its number alone."""
    since = clock.now() - ANSWERS_KEPT
    recent = {
        ticket.number for ticket in tickets if ticket.closed_at and ticket.closed_at >= since - timedelta(days=30)
    }
    if not recent:
        return 0
    gone = [
        row.pk
        for row in IdempotencyRecord.objects.filter(created_at__gte=since).only("result").iterator()
        if any(number in text for text in _texts(row.result) for number in recent)
    ]
    return IdempotencyRecord.objects.filter(pk__in=gone).delete()[0]


def _texts(result: dict[str, object]) -> Iterable[str]:
    for value in result.values():
        text = str(value)
        try:
            yield decrypt(text) if text.startswith("gAAAA") else text
        except InvalidToken:
            yield text
