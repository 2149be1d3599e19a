"""申请与督办 of one matter: who asked, who answers by when, what silence means, what was answered (D.4–D.8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.templatetags.ui import local_day, local_time
from grids.reference import territory
from requests_intake import workflow
from requests_intake.models import Application, Supervision, Ticket, TicketTransition
from requests_intake.presentation.applications import what_is_asked
from requests_intake.presentation.history import moves_of, words_of
from requests_intake.standing import GRANTS, Standing

A, S = Application.State, Supervision.State
Lawful = Mapping[str, Mapping[str, Any]]
_PILLS = {
    A.ASKED: "doing", A.GRANTED: "done", S.ISSUED: "doing", S.OVERDUE: "over", S.ANSWERED: "done", S.DRAFT: "over",
    S.PUBLISHED: "over", S.WITHDRAWN: "line",
}  # fmt: skip
_GRANT_OF = {kind: move for move, kind in GRANTS.items()}
_PRESSED = frozenset({"urge", "supervise"})
_OF_CIRCULAR = ("publish_circular", "drop_circular", "withdraw_circular")
_TOLD = (S.PUBLISHED, S.WITHDRAWN)
_CIRCULAR_READERS = frozenset(kind for kind, _relation in workflow.ALLOWED["publish_circular"])


def asked_of(ticket: Ticket, standing: Standing, actor: Actor, lawful: Lawful) -> dict[str, Any] | None:
    """For ``components/asked.html``; None where nobody asked and nobody pressed.

    ``lawful``: the reader's moves by name, with label and url. Three statements, none for an ordinary matter.
    """
    moves = moves_of(ticket)
    if not any(row.move.startswith("ask_") or row.move in _PRESSED or row.stage == "circular" for row in moves):
        return None
    applications = list(Application.objects.filter(ticket=ticket).order_by("-pk"))
    supervisions = list(Supervision.objects.filter(ticket=ticket).order_by("-pk"))
    urges = [row for row in moves if row.move == "urge"]
    people: set[int | None] = {row.asked_by_id for row in applications} | {row.decided_by_id for row in applications}
    people |= {row.responsible_id for row in applications}
    people |= {row.issued_by_id for row in supervisions} | {row.actor_id for row in moves if row.actor_id}
    book = _Book(moves, words_of(ticket), staff_names(people))
    rows = [_application(row, book, standing, actor, lawful) for row in applications]
    rows += [
        _supervision(row, book, standing, lawful)
        for row in supervisions
        if row.kind == Supervision.Kind.ORDER or row.state in _TOLD or actor.role_kinds & _CIRCULAR_READERS
    ]
    if not rows and not urges:
        return None
    return {
        "rows": sorted(rows, key=lambda row: not row["is_open"]),
        "urges": _urges(urges, book),
        "buttons": [lawful[name] for name in ("urge", "supervise") if name in lawful],
    }


class _Book:
    """What was said at which move, and by whom."""

    def __init__(self, moves: list[TicketTransition], words: Mapping[int, str], names: Mapping[int, str]) -> None:
        self.moves, self.words, self.names = moves, words, names

    def who(self, membership_id: int | None, organization_id: int | None) -> str:
        """自来水公司·褚承办; the organization alone where it was the clock."""
        parts = (territory().organization_name(organization_id), self.names.get(membership_id or 0, ""))
        return "·".join(part for part in parts if part)

    def said(self, names: Iterable[str], **facts: Any) -> TicketTransition | None:
        """The move of one of these names with these facts in its payload; ``at`` is its moment."""
        at, wanted = facts.pop("at", None), set(names)
        return next(
            (
                row
                for row in self.moves
                if row.move in wanted
                and (at is None or row.at == at)
                and all(row.payload.get(name) == value for name, value in facts.items())
            ),
            None,
        )

    def words_at(self, row: TicketTransition | None) -> str:
        return self.words.get(row.pk, "") if row is not None else ""


def _application(row: Application, book: _Book, standing: Standing, actor: Actor, lawful: Lawful) -> dict[str, Any]:
    is_open = row.state == A.ASKED
    asked = book.said([f"ask_{row.kind}"], at=row.asked_at)
    answer = book.said([_GRANT_OF[Application.Kind(row.kind)], "refuse", "take_back"], application=row.pk)
    facts = [(_("谁提的"), f"{book.who(row.asked_by_id, row.organization_id)} {local_time(row.asked_at)}")]
    if row.clause:
        facts.append((_("依据"), row.clause))
    if row.responsible_id is not None:
        facts.append((_("责任领导"), book.who(row.responsible_id, row.organization_id)))
    if row.attempts:
        at = [local_time(datetime.fromisoformat(moment)) for moment in sorted(row.attempts)]
        facts.append((_("上门时间"), "、".join(at)))
    if is_open:
        decider = territory().organization_name(row.decider_id)
        by = _("{decider}裁定，最晚 {by}") if row.is_arbitration else _("{decider}答复，最晚 {by}")
        facts.append((_("谁答复"), by.format(decider=decider, by=local_time(row.decide_by))))
        facts.append((_("没人答复"), _silence(row)))
    else:
        facts.append((_("结果"), _outcome(row, book)))
    if row.told and (is_open or row.state == A.GRANTED):
        facts.append((_("同意后告诉居民") if is_open else _("告诉居民"), row.told))
    late = is_open and row.decide_by < clock.now()
    words = book.words_at(answer)
    return {
        "title": what_is_asked(row),
        "state": _("过了时间没答复") if late else row.get_state_display(),
        "kind": "over" if late else _PILLS.get(A(row.state), "line"),
        "is_open": is_open,
        "facts": [{"key": key, "value": value} for key, value in facts],
        "words": book.words_at(asked),
        "answer": words if words != row.told else "",
        "buttons": _answers(row, standing, actor, lawful) if is_open else _held(row, lawful),
    }


def _silence(row: Application) -> str:
    """What happens if nobody answers (``decisions.unanswered``)."""
    if row.kind == Application.Kind.RETURN and not row.is_arbitration and row.decider_id != territory().center().id:
        return _("到时提交区里裁定")
    return _("到时失效，由原单位接着办")


def _outcome(row: Application, book: _Book) -> str:
    if row.state == A.LAPSED:
        return _("没有人答复，失效") if row.lapse_reason == "unanswered" else _("工单已经不在这个单位，失效")
    who = book.who(row.decided_by_id, row.organization_id if row.state == A.TAKEN_BACK else row.decider_id)
    words = _("{state}：{who} {at}").format(state=row.get_state_display(), who=who, at=local_time(row.decided_at))
    if row.state == A.GRANTED and row.until is not None:
        until = _("，{day}已经恢复").format(day=local_day(row.ended_at)) if row.ended_at else ""
        words += until or _("，到{day}").format(day=local_day(row.until))
    return words


def _answers(row: Application, standing: Standing, actor: Actor, lawful: Lawful) -> list[Mapping[str, Any]]:
    names = [
        name
        for name in (_GRANT_OF[Application.Kind(row.kind)], "refuse")
        if any(each.pk == row.pk for each in standing.answerable(name, actor))
    ]
    return [lawful[name] for name in (*names, "take_back") if name in lawful]


def _held(row: Application, lawful: Lawful) -> list[Mapping[str, Any]]:
    """The end of a pause or suspension that still holds the order."""
    if row.state != A.GRANTED or row.ended_at is not None:
        return []
    names = {"pause": ("resume",), "suspension": ("review_suspension", "unsuspend")}.get(row.kind, ())
    return [lawful[name] for name in names if name in lawful]


def _supervision(row: Supervision, book: _Book, standing: Standing, lawful: Lawful) -> dict[str, Any]:
    is_circular = row.kind == Supervision.Kind.CIRCULAR
    asked = None if is_circular else book.said(["supervise"], at=row.issued_at)
    answer = book.said(["answer_supervision", *_OF_CIRCULAR], supervision=row.pk)
    is_open = row.state in (S.ISSUED, S.OVERDUE, S.DRAFT)
    issuer = book.who(row.issued_by_id, row.issuer_id) if row.issued_by_id else _("到时自动")
    facts = [(_("谁发的"), f"{issuer} {local_time(row.issued_at)}")]
    facts.append((_("对谁"), territory().organization_name(row.organization_id)))
    if row.reply_by is not None:
        facts.append((_("最晚回复"), local_time(row.reply_by)))
    if row.state == S.ISSUED:
        facts.append((_("没人回复"), _("到时列入拟通报名单")))
    elif row.state == S.DRAFT:
        facts.append((_("谁来定"), _("区里定要不要通报，不定就一直留在名单上")))
    if row.ended_at is not None:
        by = book.names.get(answer.actor_id or 0, "") if answer is not None else ""
        facts.append((_("结果"), " ".join(filter(None, (row.get_state_display(), by, local_time(row.ended_at))))))
    names: tuple[str, ...] = _OF_CIRCULAR if is_circular else ("answer_supervision",)
    mine = standing.waiting
    if is_circular:
        names, mine = (_OF_CIRCULAR[2:], standing.published) if row.state in _TOLD else (names[:2], standing.drafts)
    return {
        "title": row.get_kind_display(),
        "state": row.get_state_display(),
        "kind": _PILLS.get(S(row.state), "line"),
        "is_open": is_open,
        "facts": [{"key": key, "value": value} for key, value in facts],
        "words": book.words_at(asked),
        "answer": book.words_at(answer),
        "buttons": [lawful[name] for name in names if name in lawful and any(each.pk == row.pk for each in mine)],
    }


def _urges(rows: list[TicketTransition], book: _Book) -> dict[str, Any] | None:
    """How often it was urged, and the last time: by whom, in which words."""
    if not rows:
        return None
    last = rows[0]
    by = book.names.get(last.actor_id or 0, "") or _("到时自动")
    return {"count": len(rows), "by": by, "at": local_time(last.at), "words": book.words_at(last)}
