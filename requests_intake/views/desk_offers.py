"""Answers of the knowledge base beside a ticket at the desk, and in the form that replies with one."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from urllib.parse import urlencode

from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from requests_intake import knowledge
from requests_intake.models import KnowledgeUse, KnowledgeVersion, RequestType, Ticket
from requests_intake.workflow import FINISHED

REPLYING = ("resolve", "solve_on_site")
"""Moves whose words the resident reads as the answer, the usual one first."""
_MOST = 3


def ticket_answers(ticket: Ticket, moves: Collection[str], back: str) -> dict[str, Any] | None:
    """For ``desk/_answers.html``: what fits a 咨询, and what it was answered with. None for any other matter.

    ``moves``: names of the moves the person may make now. Two statements.
    """
    if ticket.request_type != RequestType.CONSULT:
        return None
    finished = ticket.state in FINISHED
    move = next((name for name in REPLYING if name in moves), "")
    found = [] if finished else knowledge.offers(f"{ticket.title}\n{ticket.content}", most=_MOST)
    used = _used(ticket)
    if not found and not used:
        return None
    return {
        "answers": [{"answer": answer, "use_url": _use_url(ticket, move, answer, back)} for answer in found],
        "used": used,
        "note": "" if move else _("签收以后，一点就能用它答复。"),
    }


def _use_url(ticket: Ticket, move: str, answer: knowledge.Answer, back: str) -> str:
    if not move:
        return ""
    return f"{reverse('desk:move', args=[ticket.number, move])}?{urlencode({'answer': answer.key, 'next': back})}"


def _used(ticket: Ticket) -> list[str]:
    questions = KnowledgeVersion.objects.filter(article_id=OuterRef("article_id"), number=OuterRef("version"))
    uses = KnowledgeUse.objects.filter(ticket=ticket).annotate(question=Subquery(questions.values("question")[:1]))
    found = uses.order_by("used_at").values_list("question", "version")
    return [_("答复用了“{question}”第 {n} 版").format(question=question, n=number) for question, number in found]


def reply_with(name: str, key: str) -> dict[str, str]:
    """First values of a replying form that was opened with an answer; empty where the answer is no longer the same."""
    if name not in REPLYING or not key:
        return {}
    answer = knowledge.version_of_key(key)
    return {"note": answer.text, "answer": answer.key} if answer else {}
