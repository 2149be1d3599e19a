"""Merging, splitting and what a master's steps are called in the history of its followers.

To a requester nothing is said of the others: neither who they are, nor what they said, nor the master's number.
"""

from __future__ import annotations

from collections.abc import Callable

from django.utils.translation import gettext as _

from requests_intake import workflow
from requests_intake.models import Satisfaction, TicketTransition

Title = Callable[[TicketTransition], str]


MOVES = frozenset({"merge", "unmerge", "absorb", "release", "split", "follow_step", "rate_merged"})


def titles(is_outward: bool, usual: Title) -> Title:
    """``usual``, and for the moves of merging and splitting what stands here."""

    def title(row: TicketTransition) -> str:
        if row.move not in MOVES:
            return usual(row)
        return outward(row, usual) if is_outward else inward(row, usual)

    return title


def inward(row: TicketTransition, title: Title) -> str:
    """For staff; ``title`` names any other move."""
    payload = row.payload
    number = payload.get("number", "")
    match row.move:
        case "merge":
            return _("并入 {number}").format(number=number)
        case "unmerge":
            words = _("没解决，从 {number} 移出，单独再办") if payload.get("again") else _("从 {number} 移出，单独办理")
            return words.format(number=number)
        case "absorb":
            return _("{number} 并入这件").format(number=number)
        case "release":
            return _("{number} 移出，单独办理").format(number=number)
        case "split":
            return _("拆出 {numbers}").format(numbers="、".join(payload.get("parts", [])))
        case "rate_merged":
            return _("评价：{answer}").format(answer=_face(row))
    if payload.get("step") == "point":
        return _("改并到 {number}").format(number=number)
    return _("主件：{step}").format(step=title(_inner(row)))


def outward(row: TicketTransition, title: Title) -> str:
    """For the requester; empty for steps they need not know."""
    match row.move:
        case "merge":
            return _("和别人反映的同一件事一起办")
        case "unmerge":
            return _("按您的意见单独再办") if row.payload.get("again") else _("改为单独办理")
        case "split":
            return _("分成几件办，另外的编号：{numbers}").format(numbers="、".join(row.payload.get("parts", [])))
        case "rate_merged":
            return _("您说：{answer}").format(answer=_face(row))
        case "absorb" | "release":
            return ""
    # What is said to the master's own requester is said otherwise to the others.
    others = {"rehandle": _("有居民说没解决，再办一次"), "point": ""}
    step = row.payload.get("step", "")
    return others[step] if step in others else title(_inner(row))


def _inner(row: TicketTransition) -> TicketTransition:
    """The master's move as if it were the follower's own."""
    step = row.payload.get("step", "")
    move = step if step in workflow.MOVES else "follow_step"
    return TicketTransition(move=move, payload=row.payload, at=row.at)


def _face(row: TicketTransition) -> str:
    face = row.payload.get("face", "")
    return str(Satisfaction(face).label) if face in Satisfaction.values else ""
