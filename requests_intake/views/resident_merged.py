"""A ticket that is handled together with another one, in words for its own requester.

What is said comes from the master's state alone: nothing of who brought it, what they said, or its number.
"""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.kernel.templatetags.ui import local_day, local_time
from requests_intake.actions.merge import active_merge, may_rate_follower
from requests_intake.actions.split import numbers_of
from requests_intake.models import Ticket
from requests_intake.presentation import resident_steps
from requests_intake.views import resident_words
from requests_intake.workflow import TicketState


def merged_words(found: Ticket) -> dict[str, Any]:
    """What the requester's page says instead, for a follower; nothing for every other ticket."""
    row = active_merge(found)
    if row is None:
        return {}
    master, may_rate = row.master, may_rate_follower(found, row.master)
    solved = master.state in (TicketState.VISITING.value, TicketState.CLOSED.value, TicketState.ARCHIVED.value)
    step = "finished" if found.first_satisfaction else "rating" if solved else resident_steps(master)
    return {
        "progress": _progress(found, master, may_rate=may_rate, solved=solved),
        "promise": _promise(found, master, solved=solved),
        "step": step,
        "answering": resident_words.answering(master),
        "may_rate": may_rate,
        "may_withdraw": False,
        "reopen_until": None,
    }


def _progress(found: Ticket, master: Ticket, *, may_rate: bool, solved: bool) -> str:
    if may_rate:
        return _("和别人反映的一起办好了，请您评一评")
    if solved:
        return _("办完了")
    if master.state == TicketState.REJECTED.value:
        return _("没有受理")
    return _("和别人反映的同一件事一起办，{progress}").format(progress=resident_words.progress(master))


def _promise(found: Ticket, master: Ticket, *, solved: bool) -> dict[str, Any] | None:
    if solved and master.resolved_at is not None:
        return {"before": "", "when": local_day(master.resolved_at), "after": _("办好的"), "state": "done"}
    if master.closed_at is None and found.promise_due_at is not None:
        when = local_time(found.promise_due_at)
        return {"before": _("答应您"), "when": when, "after": _("前办好，这个时间不变"), "state": ""}
    return None


def parts_of(found: Ticket) -> list[dict[str, str]]:
    """The other numbers of a matter that was split, for its requester. One statement."""
    return [{"number": number, "url": reverse("resident:ticket", args=[number])} for number in numbers_of(found)]
