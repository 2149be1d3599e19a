"""SMS to the person behind a ticket: one plain sentence, no word of what it is about.

Sent where the district has switched it on and a mobile number was left; never for an anonymous ticket. Of a restricted
one nothing is said but that there is news. ``tell_resident`` is for every subscriber that has something to tell::

    tell_resident(ticket, "moved", source=f"ticket-transition:{row.pk}", day=ticket.promise_due_at)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.notifications import RecipientKind, plan_messages, register_recipients
from governance.accounts.notifications.channels import channel
from governance.accounts.notifications.planning import Plan
from governance.accounts.notifications.preferences import rules_of_district
from governance.accounts.notifications.recipients import Recipient
from governance.kernel import clock, outbox
from governance.kernel.crypto import MOBILE, normal_phone
from governance.kernel.tenancy.context import current_district
from grids.reference import territory
from requests_intake import workflow
from requests_intake.models import ClockKind, Consent, Requester, Ticket, TicketTransition, Urgency
from requests_intake.rating_links import rating_paths
from requests_intake.sla import Stage


def _phones(ids: Sequence[int]) -> dict[int, str]:
    return {row.pk: row.phone for row in Requester.objects.filter(pk__in=ids)}


REQUESTER = register_recipients(RecipientKind("requester", gettext_lazy("诉求人"), phones=_phones))


def _day(moment: datetime) -> str:
    local = clock.local(moment)
    return _("{month}月{day}日").format(month=local.month, day=local.day) + f"{local:%H:%M}"


# Kind → what is said. {number}; {day}: the promised moment; {phone}: whom to ask; {link}: the ticket's page, if any.
SENTENCES: Mapping[str, Any] = {
    "submitted": gettext_lazy("您反映的事已登记，编号{number}，凭编号可查进度。"),
    "behalf": gettext_lazy("有人替您反映了一件事，编号{number}。不是您的意思，请拨{phone}。"),
    "accepted": gettext_lazy("您反映的事已受理，编号{number}，我们{day}前办好。"),
    "rejected": gettext_lazy("您反映的事{number}没有受理，原因请凭编号查看，或拨{phone}。"),
    "moved": gettext_lazy("很抱歉，{number}要晚一些，改到{day}前办好，原因请凭编号查看。"),
    "paused": gettext_lazy("{number}暂时停一停，原因和恢复时间请凭编号查看。"),
    "suspended": gettext_lazy("{number}一时办不了，先挂起来，原因和打算请凭编号查看。"),
    "resumed": gettext_lazy("{number}接着办了，进展请凭编号查看。"),
    "planned": gettext_lazy("{number}打算怎么办、什么时候办好，请凭编号查看。"),
    "late": gettext_lazy("很抱歉，{number}没能按时办好，我们还在办。想问进展请拨{phone}。"),
    "resolved": gettext_lazy("{number}办完了，解决了没有？请您评价。"),
    "closed": gettext_lazy("{number}已结案，谢谢您。还有问题，15天内可以要求再办。"),
    "reopened": gettext_lazy("{number}已重新办理，我们会再给您答复。"),
    "mediating": gettext_lazy("{number}请调解员当面调解，进展请凭编号查看。"),
    "merged": gettext_lazy("{number}和别人反映的同一件事合在一起办，办好会告诉您。"),
    "unmerged": gettext_lazy("{number}和别的事分开了，单独接着办，进展请凭编号查看。"),
    "withdrawn": gettext_lazy("{number}已按您的意思撤回，不再办了。"),
}
_NEWS = gettext_lazy("您的来信有新进展")
_WITH_LINK = frozenset({"submitted", "accepted", "resolved", "moved"})
_FOR_WHO_JUST_ACTED = frozenset({"submitted", "withdrawn"})
"""Answers to what the person did this minute: these may come in quiet hours too."""


def tell_resident(ticket: Ticket, kind: str, *, source: str, **facts: Any) -> bool:
    """Plan one message to the person behind a ticket; False where nobody is to be told.

    ``kind`` is one of ``SENTENCES``. ``source`` names what it follows from (``ticket-transition:12``): telling twice
    makes one message. ``facts``: ``day`` (a datetime) where the sentence names one that is not the ticket's promise.
    Call it from a subscriber after the commit. Raises ``LookupError`` for an unknown kind. Source: SLA D.4 to D.8.
    """
    return tell_residents([(ticket, kind, source, facts)]) == 1


def tell_residents(news: Sequence[tuple[Ticket, str, str, Mapping[str, Any]]]) -> int:
    """The same for many, in three statements: (ticket, kind, source, facts). Returns how many were planned."""
    if not news or not rules_of_district().sms_to_residents or not channel("sms").is_available():
        return 0
    wanted = [row for row in news if not row[0].is_anonymous and row[0].requester_id is not None]
    phones = _phones(sorted({row[0].requester_id or 0 for row in wanted}))
    rating = rating_paths([row[0] for row in wanted if row[1] == "resolved"])
    plans = [
        Plan(
            source=source,
            kind=f"resident.{kind}",
            recipient=Recipient(REQUESTER, ticket.requester_id or 0),
            text=sentence(ticket, kind, **facts),
            path=_path(ticket, kind, rating),
            at_once=kind in _FOR_WHO_JUST_ACTED or ticket.urgency == Urgency.CRITICAL,
        )
        for ticket, kind, source, facts in wanted
        if MOBILE.fullmatch(normal_phone(phones.get(ticket.requester_id or 0, "")))
    ]
    plan_messages(plans, channel_code="sms")
    return len(plans)


def _path(ticket: Ticket, kind: str, rating: Mapping[int, str]) -> str:
    """Who is asked for a view gives it with one tap; all other links open the ticket's page."""
    if kind not in _WITH_LINK or ticket.is_restricted:
        return ""
    return rating.get(ticket.pk, "") if kind == "resolved" else f"/t/{ticket.number}/"


def sentence(ticket: Ticket, kind: str, **facts: Any) -> str:
    """What is said, without the link. Nothing of the matter, not even its number, where it is restricted."""
    words = SENTENCES[kind]
    if ticket.is_restricted:
        return str(_NEWS)
    day = facts.get("day") or ticket.promise_due_at
    office = territory().organizations.get(ticket.organization_id)
    phone = (office.phone if office else "") or current_district().hotline
    return str(words).format(number=ticket.number, day=_day(day) if day else "", phone=phone)


# ---------------------------------------------------------------- moves
def _of_submit(row: TicketTransition, ticket: Ticket) -> str:
    # Who was reported for hears that somebody did: so consent that was only claimed comes to light (S2-05).
    if row.payload.get("behalf", {}).get("helper") not in (None, Consent.Helper.STAFF):
        return "behalf"
    # Accepted in the same breath: that message has the number too.
    return "" if ticket.accepted_at is not None and ticket.accepted_at <= row.recorded_at else "submitted"


def _of_stage(row: TicketTransition, ticket: Ticket) -> str:
    is_promise = row.payload.get("kind") == ClockKind.PROMISE and row.stage == Stage.DUE
    return "late" if is_promise and ticket.is_open else ""


def _of_checked(row: TicketTransition, ticket: Ticket) -> str:
    # Nobody is asked for a view of a matter that has moved on meanwhile.
    return "resolved" if ticket.state == workflow.TicketState.VISITING and ticket.needs_return_visit else ""


def _of_extension(row: TicketTransition, ticket: Ticket) -> str:
    # The order's limit is ours; only what was promised concerns the resident (SLA D.6).
    before = row.payload.get("promise_before")
    return "moved" if before and datetime.fromisoformat(before) != ticket.promise_due_at else ""


def _of_step(row: TicketTransition, ticket: Ticket) -> str:
    # Who reported the same matter hears of it like everybody; they rate it for themselves.
    steps = {"verify": "resolved", "close": "closed", "reject": "rejected", "reopen": "reopened"}
    return steps.get(row.payload.get("step", ""), "")


def _of_mediation(row: TicketTransition, ticket: Ticket) -> str:
    # Where it is done the message of the result follows; the same words whatever came of the mediation.
    return "" if row.payload.get("done") else "resumed"


_KINDS: Mapping[str, str | Callable[[TicketTransition, Ticket], str]] = {
    "submit": _of_submit,
    "accept": "accepted",
    "reject": "rejected",
    "stage": _of_stage,
    "verify": _of_checked,
    "waive_verification": _of_checked,
    "close": "closed",
    "reopen": "reopened",
    "order_again": "reopened",
    "review_up": "reopened",
    "grant_extension": _of_extension,
    "grant_pause": "paused",
    "grant_suspension": "suspended",
    "resume": "resumed",
    "unsuspend": "resumed",
    "tell_plan": "planned",
    "mediate": "mediating",
    "end_mediation": _of_mediation,
    "merge": "merged",
    "unmerge": "unmerged",
    "follow_step": _of_step,
    "withdraw": "withdrawn",
}


@outbox.after_commit(TicketTransition)
def tell_requesters(transitions: Sequence[TicketTransition]) -> None:
    """SMS to the people behind the tickets that moved."""
    if not rules_of_district().sms_to_residents:
        return
    tickets = Ticket.objects.in_bulk({row.ticket_id for row in transitions})
    news: list[tuple[Ticket, str, str, Mapping[str, Any]]] = []
    for row in transitions:
        ticket = tickets[row.ticket_id]
        said = _KINDS.get(row.move, "")
        kind = said if isinstance(said, str) else said(row, ticket)
        if kind:
            news.append((ticket, kind, f"ticket-transition:{row.pk}", {}))
    tell_residents(news)
