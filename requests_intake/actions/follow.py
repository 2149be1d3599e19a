"""Following a ticket without an account: its number and the phone's last four digits, or the one-time code."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

from django.db.models import Case, F, Q, Value, When
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import keyed_hashes, normal_phone
from governance.kernel.errors import DomainError
from requests_intake.actions.context import making, savepoint
from requests_intake.actions.visits import check_solved
from requests_intake.models import Note, Rating, Satisfaction, Ticket, TicketTransition
from requests_intake.numbering import NumberError, parse_number
from requests_intake.policies import TicketPolicy

TRIES = 5
LOCK = timedelta(minutes=30)
_TAIL = 4


def prove_follower(number: str, secret: str) -> Actor:
    """The requester of the ticket, for who knows its number and its phone tail or code.

    A number that does not exist, a wrong secret and a locked ticket get the same ``DomainError('not_proved')``. Five
    failures lock a ticket for 30 minutes. No savepoint here: a failure must stay counted although it raises.
    """
    try:
        canonical = str(parse_number(number))
    except NumberError as error:
        raise _refusal() from error
    ticket = Ticket.objects.filter(number=canonical).select_related("requester").first()
    if ticket is None or not _claim_try(ticket):
        raise _refusal()
    if not _knows(ticket, secret):
        ticket.refresh_from_db(fields=["follow_locked_until"])
        if ticket.follow_locked_until is not None:
            audit.record(
                "follow_lock", actor=Actor.public(), object_kind="ticket", object_id=ticket.pk, succeeded=False
            )
        raise _refusal()
    Ticket.objects.filter(pk=ticket.pk).update(follow_failures=0, follow_locked_until=None)
    return Actor.requester(ticket.pk)


def _refusal() -> DomainError:
    message = _("编号和后四位（或查询码）对不上，请检查。连着错 5 次，这件事 30 分钟内不能再查。")
    return DomainError("not_proved", message, status=404)


def _claim_try(ticket: Ticket) -> bool:
    """Count a try before it is looked at; False while the ticket is locked.

    One UPDATE whose row lock is held to the end of the transaction: tries made at the same moment wait for each other
    and are all counted.
    """
    moment = clock.now()
    was_locked = Q(follow_locked_until__isnull=False)
    last_try = ~was_locked & Q(follow_failures__gte=TRIES - 1)
    open_rows = Ticket.objects.filter(Q(follow_locked_until=None) | Q(follow_locked_until__lte=moment), pk=ticket.pk)
    claimed = open_rows.update(
        follow_failures=Case(When(was_locked, then=Value(1)), default=F("follow_failures") + 1),
        follow_locked_until=Case(When(last_try, then=Value(moment + LOCK)), default=Value(None)),
    )
    return bool(claimed)


def _knows(ticket: Ticket, secret: str) -> bool:
    said = "".join(unicodedata.normalize("NFKC", secret).split()).replace("-", "").upper()
    if ticket.follow_code_hash and _is_one_of(said, ticket.follow_code_hash):
        return True
    digits = normal_phone(said)
    # People also type the whole number where its end is asked for.
    is_phone = len(digits) == _TAIL or 7 <= len(digits) <= 13
    kept = ticket.requester.tail_hash if ticket.requester else ""
    return bool(kept) and is_phone and _is_one_of(f"tail:{digits[-_TAIL:]}", kept)


def _is_one_of(said: str, kept: str) -> bool:
    return any(constant_time_compare(digest, kept) for digest in keyed_hashes(said))


@savepoint
def explain_rating(ticket: Ticket, *, actor: Actor, text: str) -> Ticket:
    """The sentence after 没解决: what is still wrong. It belongs to the rating already recorded, once.

    Raises ``DomainError('no_rating')`` where the last rating was another one or has its sentence.
    """
    with making("rate", ticket, actor=actor, afterwards=True) as (handling, mover):
        found = handling.ticket
        rating = _unexplained(found)
        if rating is None:
            raise DomainError("no_rating", _("这句话已经记下了，或者还没有评价。"))
        Note.objects.create(
            ticket=found, transition=rating, audience=Note.Audience.PUBLIC, text=text.strip(), created_at=mover.at
        )
        return found


def may_explain(ticket: Ticket, actor: Actor) -> bool:
    """Whether ``explain_rating`` is still open: the page shows its form exactly then."""
    if ticket.final_satisfaction != Satisfaction.UNSOLVED or not TicketPolicy.allows(actor, "rate", ticket):
        return False
    return _unexplained(ticket) is not None


def _unexplained(ticket: Ticket) -> TicketTransition | None:
    """The last rating, of a ticket by itself or as a follower, where it was 没解决 and has no sentence yet."""
    ratings = TicketTransition.objects.filter(ticket=ticket, move__in=("rate", "rate_merged"))
    rating = ratings.order_by("-id").first()
    if rating is None or rating.payload.get("face") != Satisfaction.UNSOLVED:
        return None
    return None if Note.objects.filter(transition=rating).exists() else rating


@savepoint
def say_solved(ticket: Ticket, *, solved: str, actor: Actor) -> Ticket:
    """After 还行 the requester says whether it is solved (kpi E.2). It belongs to the last rating, once.

    Raises ``DomainError`` ``no_rating`` where the last rating was another one or says so already, and ``Invalid``.
    """
    check_solved(Satisfaction.SO_SO, solved)
    locked = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    TicketPolicy.require(actor, "rate", locked)
    rating = Rating.objects.filter(ticket=locked).order_by("-id").first()
    if not solved or rating is None or rating.face != Satisfaction.SO_SO or rating.solved:
        raise DomainError("no_rating", _("这句话已经记下了，或者还没有评价。"))
    rating.solved = solved
    rating.save(update_fields=["solved"])
    return locked
