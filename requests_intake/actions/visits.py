"""Return visits: what may be recorded, how often one tries, and that two people never call the same person at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.templatetags.ui import local_time
from requests_intake.actions.context import savepoint
from requests_intake.actions.follow_up import open_follow_up
from requests_intake.models import FollowUp, ReturnVisit, Satisfaction, Solved, Ticket, VisitChannel
from requests_intake.policies import TicketPolicy
from requests_intake.reference import rules
from requests_intake.workflow import TicketState

CALLING = timedelta(minutes=10)
"""How long a call keeps others from calling the same person."""
CHANNELS = (VisitChannel.PHONE, VisitChannel.DOOR)
"""How staff asks; the others are the requester's own ways."""


def check_visit(ticket: Ticket, *, answer: str, solved: str, channel: str) -> None:
    """Raises ``Invalid`` for an answer or way that there is not, and for a door visit to who asked for secrecy."""
    if answer not in ReturnVisit.Answer.values:
        raise Invalid("no_answer", _("请选择回访结果。"), fields={"answer": [_("请选择回访结果。")]})
    check_solved(answer, solved)
    if channel not in CHANNELS:
        raise Invalid("no_channel", _("请选择怎么回访的。"), fields={"channel": [_("请选择怎么回访的。")]})
    if channel == VisitChannel.DOOR and (ticket.is_anonymous or ticket.is_confidential):
        sentence = _("匿名、要求保密的诉求不上门回访，以免让人知道是谁反映的。")
        raise Invalid("no_door", sentence, fields={"channel": [sentence]})


def check_solved(face: str, solved: str) -> None:
    """Raises ``Invalid`` where two answers contradict each other."""
    if not solved:
        return
    if solved not in Solved.values:
        raise Invalid("bad_solved", _("请选择解决了没有。"), fields={"solved": [_("请选择解决了没有。")]})
    contradicts = (face == Satisfaction.UNSOLVED) != (solved == Solved.UNSOLVED)
    if contradicts or face not in Satisfaction.values:
        sentence = _("“解决了没有”和满意不满意对不上，请再问一句。")
        raise Invalid("bad_solved", sentence, fields={"solved": [sentence]})


def attempts_of(ticket: Ticket) -> list[datetime]:
    """When nobody was reached since the ticket last came to be asked after."""
    rows = ReturnVisit.objects.filter(ticket=ticket, answer=ReturnVisit.Answer.UNREACHABLE).order_by("at", "pk")
    task = open_follow_up(ticket)
    if task is not None:
        rows = rows.filter(at__gte=task.started_at)
    return list(rows.values_list("at", flat=True))


def require_attempt(ticket: Ticket, moment: datetime) -> None:
    """Raises ``DomainError`` ``enough_today`` where the day has had its attempts in vain (默认每天两次)."""
    _version, policy = rules().policy()
    today = clock.local(moment).date()
    made = sum(clock.local(at).date() == today for at in attempts_of(ticket))
    if made >= policy.return_visit.a_day:
        words = _("今天已经打过 {n} 次没联系上，请明天再打。").format(n=made)
        raise DomainError("enough_today", words)


def require_free(ticket: Ticket, actor: Actor, moment: datetime) -> None:
    """Raises ``DomainError`` ``being_called`` while somebody else has this person on the phone."""
    task = open_follow_up(ticket)
    if task is not None and is_claimed(task, actor, moment):
        raise DomainError("being_called", claimed_words(task))


def is_claimed(task: FollowUp, actor: Actor, moment: datetime) -> bool:
    """Whether somebody else is calling."""
    if task.claimed_by_id is None or task.claimed_until is None or task.claimed_until <= moment:
        return False
    return task.claimed_by_id != actor.membership_id


def claimed_words(task: FollowUp) -> str:
    """王回访员正在打，10:05 以后可以接着打. One statement."""
    assert task.claimed_by_id is not None
    name = staff_names([task.claimed_by_id]).get(task.claimed_by_id, "") or _("同事")
    return _("{name}正在打，{time}以后别人可以打。").format(name=name, time=local_time(task.claimed_until))


@savepoint
def claim_visit(ticket: Ticket, *, actor: Actor) -> FollowUp:
    """我来打: for ten minutes nobody else calls this person. Claiming again begins the ten minutes anew.

    Raises ``NotAllowed``, ``DomainError`` ``wrong_state`` where nobody is to be asked any more, ``being_called``.
    """
    locked = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    TicketPolicy.require(actor, "return_visit", locked)
    task = open_follow_up(locked)
    if locked.state != TicketState.VISITING.value or locked.needs_review or task is None:
        raise DomainError("wrong_state", _("这件诉求现在不用回访了。"))
    moment = clock.now()
    if is_claimed(task, actor, moment):
        raise DomainError("being_called", claimed_words(task))
    task.claimed_by_id, task.claimed_until = actor.membership_id, moment + CALLING
    task.save(update_fields=["claimed_by", "claimed_until"])
    return task


@savepoint
def release_visit(ticket: Ticket, *, actor: Actor) -> None:
    """先不打: others may call. Who has not claimed it changes nothing. Raises ``NotAllowed``."""
    TicketPolicy.require(actor, "return_visit", ticket)
    own = FollowUp.objects.filter(ticket=ticket, ended_at=None, claimed_by_id=actor.membership_id)
    own.update(claimed_by=None, claimed_until=None)


def release(ticket: Ticket) -> None:
    """The call is over."""
    FollowUp.objects.filter(ticket=ticket, ended_at=None).update(claimed_by=None, claimed_until=None)
