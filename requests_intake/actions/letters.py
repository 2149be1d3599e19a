"""书记直通车 (S2-12): letters to a community's secretary, answers, and turning one over with its author's consent.

A letter is a ticket of its own channel that only the secretary reads (``circle``). It is neither accepted nor
dispatched; its first answer is due within one working day.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError, Invalid
from grids.reference import territory
from requests_intake import circle, classification, sla
from requests_intake.actions.accept import accept_and_dispatch
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.orders import Handling, make_clock
from requests_intake.models import ClockKind, Note, Ticket, TicketTransition
from requests_intake.mover import Mover
from requests_intake.reference import rules

FIRST_REPLY = sla.Limit(1, sla.Unit.WORK_DAY)
"""S2-12: the first answer within one working day."""
ENDED, CONSENT_ASKED, CONSENT_GIVEN, CONSENT_REFUSED = "letter_ended", "asked", "yes", "no"


def await_secretary(mover: Mover, ticket: Ticket) -> None:
    """A new letter lies with the community's own office, for the secretary, with a clock for the first answer.

    Raises ``Invalid`` where nobody is the secretary today: nobody else would ever read it.
    """
    own = territory().organizations[territory().own[ticket.community_id or 0]]
    if not any(row.kind == circle.ADDRESSEE for row in territory().serving(own.id)):
        said = _("这个社区现在没有书记在岗，信没有人收。请先报事，或者过几天再写。")
        raise Invalid("no_secretary", said, fields={"community": [said]})
    ticket.organization_id, ticket.level, ticket.max_level = own.id, own.level, own.level
    calendar = work_calendar()
    due = sla.due_at(mover.at, FIRST_REPLY, calendar)
    stages = sla.contact_stages(mover.at, due, FIRST_REPLY.unit, calendar)
    ticket.order_due_at = due
    mover.add_clock(make_clock(ticket, None, ClockKind.CONTACT, mover.at, FIRST_REPLY, due, stages))


def consent_of(ticket: Ticket) -> str:
    """What the author said to its being turned over: ``asked``, ``yes``, ``no``, or empty where nobody asked."""
    return consents_of([ticket.pk]).get(ticket.pk, "")


def consents_of(ids: Iterable[int]) -> dict[int, str]:
    """``consent_of`` of many letters, in one statement."""
    moves = TicketTransition.objects.filter(ticket__in=list(ids), move__in=("ask_consent", "answer_consent"))
    return {
        row.ticket_id: CONSENT_ASKED if row.move == "ask_consent" else str(row.payload["consent"])
        for row in moves.order_by("pk")
    }


def _answered(mover: Mover, handling: Handling) -> None:
    """The first answer stops the clock."""
    mover.stop(handling.of_ticket())
    handling.ticket.order_due_at, handling.ticket.lamp = None, ""


@savepoint
def reply_letter(ticket: Ticket, *, note: str, actor: Actor) -> Ticket:
    """回信: the author reads it with number and code. The first one stops the clock."""
    with making("reply_letter", ticket, actor=actor) as (handling, mover):
        mover.move("reply_letter", handling.ticket, note=note, audience=Note.Audience.PUBLIC)
        _answered(mover, handling)
        return handling.ticket


@savepoint
def write_back(ticket: Ticket, *, note: str, actor: Actor) -> Ticket:
    """The author adds something, answered or not."""
    with making("write_back", ticket, actor=actor) as (handling, mover):
        mover.move("write_back", handling.ticket, note=note, audience=Note.Audience.PUBLIC)
        return handling.ticket


@savepoint
def ask_consent(ticket: Ticket, *, actor: Actor, note: str = "") -> Ticket:
    """Ask the author whether the letter may go to those who can do something about it."""
    with making("ask_consent", ticket, actor=actor) as (handling, mover):
        if consent_of(handling.ticket) == CONSENT_ASKED:
            raise DomainError("asked_already", _("已经问过来信人，等他答复。"))
        mover.move("ask_consent", handling.ticket, note=note, audience=Note.Audience.PUBLIC)
        _answered(mover, handling)
        return handling.ticket


@savepoint
def answer_consent(ticket: Ticket, *, agrees: bool, actor: Actor) -> Ticket:
    """The author says yes or no, once for each time they are asked. It stays on record."""
    with making("answer_consent", ticket, actor=actor) as (handling, mover):
        if consent_of(handling.ticket) != CONSENT_ASKED:
            raise DomainError("not_asked", _("现在没有在等您答复的事。"))
        mover.move("answer_consent", handling.ticket, consent=CONSENT_GIVEN if agrees else CONSENT_REFUSED)
        return handling.ticket


@savepoint
def convert_letter(ticket: Ticket, *, actor: Actor) -> Ticket:
    """转为普通诉求, only with the author's consent: from here on it is a ticket like any other, with promise and order.

    Raises ``DomainError('no_consent')`` where the author was not asked, has not answered, or said no.
    """
    with making("convert_letter", ticket, actor=actor) as (handling, mover):
        found = handling.ticket
        if consent_of(found) != CONSENT_GIVEN:
            raise DomainError("no_consent", _("来信人还没有同意。先征求意见，同意了才能转为普通诉求。"))
        _answered(mover, handling)
        suggested = classification.suggest(found.content, rules().lexicon, 1, title=found.title)
        category = rules().by_code[suggested[0].code] if suggested else None
        if category is not None and category.pure.is_restricted:
            category = None
        found.category_id = category.id if category else None
        found.is_restricted = False
        mover.move("convert_letter", found, from_restricted=True, from_category=None)
        accept_and_dispatch(mover, found, category, start_level="community")
        return found


@savepoint
def end_letter(ticket: Ticket, *, note: str, actor: Actor) -> Ticket:
    """办结来信 with a last word to the author."""
    if not note.strip():
        raise Invalid("note_needed", _("请写一句回复。"), fields={"note": [_("请写一句回复。")]})
    with making("end_letter", ticket, actor=actor) as (handling, mover):
        found = handling.ticket
        found.close_reason = ENDED
        mover.move("end_letter", found, note=note, audience=Note.Audience.PUBLIC)
        _answered(mover, handling)
        return found
