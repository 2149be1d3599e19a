"""What pages say of a whistle: words and lamps of it and of whom it calls, what happened, what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.keyed import new_key
from governance.kernel.templatetags.ui import local_time
from grids.reference import territory
from requests_intake import whistle_workflow as workflow
from requests_intake.models import ReportIn, Ticket, Whistle, WhistleNote, WhistleTarget, WhistleTransition
from requests_intake.whistle_policies import WhistlePolicy, committees_of, offices_of
from requests_intake.whistle_queries import targets_of, whistles_about
from requests_intake.workflow import FINISHED

S, T = workflow.WhistleState, workflow.TargetState

_LAMPS = {
    S.DRAFT: "new", S.ASKED: "new", S.APPROVED: "new", S.BLOWN: "new", S.ACCEPTED: "doing", S.ARRIVED: "doing",
    S.HANDLED: "check", S.EVALUATED: "check", S.CLOSED: "done", S.CANCELLED: "hold",
}  # fmt: skip
_TARGET_LAMPS = {
    T.CALLED: "new", T.ACCEPTED: "doing", T.REFUSED: "hold", T.ARRIVED: "doing", T.HANDLED: "check",
    T.EVALUATED: "done", T.RELEASED: "hold",
}  # fmt: skip
_DOTS = {
    "accept": "doing", "arrive": "doing", "handle": "check", "evaluate": "done", "close": "done", "refuse": "hold",
    "decline": "hold", "cancel": "hold", "release": "hold", "dismiss": "hold", "lapse": "over", "stage": "over",
}  # fmt: skip
DIRECT = ("approve", "withdraw", "blow", "close", "accept")
"""Moves that ask nothing: their button makes them at once."""
_OF_WHISTLE = ("blow", "approve", "close", "call", "decline", "withdraw", "cancel")
_OF_TARGET = ("accept", "arrive", "handle", "must_come", "release", "evaluate", "refuse", "dismiss")
_PRIMARY = ("blow", "approve", "close", "accept", "arrive", "handle", "must_come", "evaluate")
LABELS = {"must_come": "要来", "release": "不用来", "arrive": "我到了"}


def label_of(name: str) -> str:
    """On the button."""
    return str(_(LABELS.get(name, workflow.MOVES[name].label)))


def lamp_of(whistle: Whistle) -> str:
    return "over" if whistle.lamp == "over" else _LAMPS[S(whistle.state)]


def row_of(whistle: Whistle, targets: Sequence[WhistleTarget]) -> dict[str, Any]:
    """A line of a list."""
    names = territory().organization_name
    return {
        "whistle": whistle,
        "url": reverse("desk:whistle", args=[whistle.number]),
        "lamp": lamp_of(whistle),
        "word": f"{_('超时')}·{S(whistle.state).label}" if whistle.lamp == "over" else S(whistle.state).label,
        "caller": names(whistle.asker_id) or names(whistle.caller_id),
        "called": "、".join(names(row.organization_id) for row in targets if row.state != T.RELEASED),
        "when": whistle.blown_at or whistle.created_at,
        "next": next_limit(targets),
    }


def next_limit(targets: Sequence[WhistleTarget]) -> str:
    """The nearest limit still to come, or the one that has passed: 17:30 前到场."""
    found = []
    for row in targets:
        if row.state == T.CALLED and row.accept_by and row.accept_by > clock.now():
            found.append((row.accept_by, _("{time} 前应哨")))
        elif row.state in (T.CALLED, T.ACCEPTED) and row.arrive_by:
            found.append((row.arrive_by, _("{time} 前到场")))
        elif row.state == T.REFUSED and row.decide_by:
            found.append((row.decide_by, _("{time} 前裁定")))
    if not found:
        return ""
    moment, words = min(found, key=lambda pair: pair[0])
    return words.format(time=local_time(moment))


def ticket_whistles(ticket: Ticket, actor: Actor) -> dict[str, Any]:
    """The panel of a ticket's page; two statements, one where there is no whistle."""
    found = whistles_about(ticket, actor)
    targets = targets_of(found) if found else {}
    rows = [row_of(row, targets[row.pk]) for row in found]
    may = ticket.state not in FINISHED and not ticket.is_restricted
    blow = begins(actor) if may else ""
    return {
        "whistles": [{**row, "number": row["whistle"].number} for row in rows],
        "blow": blow,
        "blow_url": f"{reverse('desk:whistle_new')}?{urlencode({'ticket': ticket.number})}" if blow else "",
    }


def begins(actor: Actor) -> str:
    """What the button is called that begins a whistle; empty for whoever begins none."""
    if offices_of(actor):
        return str(_("吹哨"))
    return str(_("请街道吹哨")) if committees_of(actor) else ""


def pills_of(whistle: Whistle) -> list[dict[str, str]]:
    kind = "urgent" if whistle.kind == "emergency" else "line"
    found = [
        {"text": S(whistle.state).label, "kind": _LAMPS[S(whistle.state)]},
        {"text": whistle.get_kind_display(), "kind": kind},
    ]
    return [{"text": _("超时"), "kind": "over"}, *found[1:]] if whistle.lamp == "over" else found


def target_of(row: WhistleTarget, whistle: Whistle, actor: Actor, report: str = "", done: str = "") -> dict[str, Any]:
    """One organization called: its state in words, its times, what the actor may do with it."""
    over = row.lamp == "over"
    facts = [
        (_("应哨"), _moment(row.accepted_at, row.accept_by, row.is_late_accept)),
        (_("到场"), _moment(row.arrived_at, row.arrive_by, row.is_late_arrival)),
    ]
    if row.refused_at:
        suggested = territory().organization_name(row.suggested_id)
        facts.append((_("拒哨"), f"{row.get_refusal_display()}（{row.clause}）"))
        facts.append((_("该由谁来"), suggested))
        ruling = f"{row.get_ruling_display()}·{local_time(row.ruled_at)}" if row.ruled_at else ""
        facts.append((_("裁定"), ruling or _("{time} 前，由区里定").format(time=local_time(row.decide_by))))
    if report:
        facts.append((_("报到"), report))
    if row.handled_at:
        facts.append((_("办完"), local_time(row.handled_at)))
    return {
        "row": row,
        "name": territory().organization_name(row.organization_id),
        "lamp": "over" if over else _TARGET_LAMPS[T(row.state)],
        "word": f"{_('超时')}·{T(row.state).label}" if over else T(row.state).label,
        "facts": [{"key": key, "value": value} for key, value in facts if value],
        "done": done,
        "buttons": _buttons(actor, whistle, row),
    }


def _moment(done: Any, limit: Any, is_late: bool) -> str:
    if done:
        return f"{local_time(done)}{_('（迟了）') if is_late else ''}"
    if limit is None:
        return ""
    words = _("{time} 前，已过") if is_late or limit < clock.now() else _("{time} 前")
    return str(words.format(time=local_time(limit)))


def _buttons(actor: Actor, whistle: Whistle, target: WhistleTarget | None = None) -> list[dict[str, Any]]:
    """The moves the actor may make now; the first that carries the matter on is primary."""
    names = _OF_TARGET if target is not None else _OF_WHISTLE
    found: list[dict[str, Any]] = []
    for name in names:
        move = workflow.MOVES[name]
        lawful = workflow.permits(move, whistle.state, target.state if target else None)
        if not lawful or not WhistlePolicy.allows(actor, name, whistle, target):
            continue
        if name == "refuse" and (whistle.kind == "emergency" or (target and target.refused_at)):
            continue
        args: list[Any] = [whistle.number, target.pk, name] if target is not None else [whistle.number, name]
        url = reverse("desk:whistle_target_move" if target is not None else "desk:whistle_move", args=args)
        primary = name in _PRIMARY and not any(button["primary"] for button in found)
        found.append(
            {"name": name, "label": label_of(name), "url": url, "direct": name in DIRECT, "key": new_key(),
             "primary": primary}
        )  # fmt: skip
    return found


def detail_of(whistle: Whistle, targets: Sequence[WhistleTarget], actor: Actor) -> dict[str, Any]:
    """Everything one whistle's page shows of the whistle itself. Four statements."""
    notes = {row.transition_id: row.text for row in WhistleNote.objects.filter(whistle=whistle)}
    history = list(WhistleTransition.objects.filter(whistle=whistle).order_by("-id"))
    reports: dict[int, ReportIn] = {}
    for report in ReportIn.objects.filter(target__whistle=whistle):
        reports[report.target_id] = report
    people = {row.actor_id for row in history} | {row.person_id for row in reports.values()}
    names = staff_names([pk for pk in people if pk is not None])
    done = {row.target_id: notes.get(row.pk, "") for row in history if row.move == "handle"}
    places, owners = territory(), territory().organization_name
    return {
        "whistle": whistle,
        "lamp": lamp_of(whistle),
        "pills": pills_of(whistle),
        "facts": [
            {"key": key, "value": value}
            for key, value in (
                (_("吹哨"), owners(whistle.caller_id)),
                (_("提出"), owners(whistle.asker_id)),
                (_("在哪儿"), whistle.address_text),
                (_("哪一片"), places.area_name(whistle.area_id)),
                (_("吹哨时间"), local_time(whistle.blown_at) if whistle.blown_at else ""),
                (_("评分"), f"{whistle.score}" if whistle.score is not None else ""),
            )
            if value
        ],
        "targets": [
            target_of(row, whistle, actor, _report_words(reports.get(row.pk), names), done.get(row.pk, ""))
            for row in targets
        ],
        "steps": [_step(row, names, notes.get(row.pk, "")) for row in history],
        "buttons": _buttons(actor, whistle),
    }


def _report_words(report: ReportIn | None, names: dict[int, str]) -> str:
    if report is None:
        return ""
    return "·".join(part for part in (names.get(report.person_id, ""), report.place, report.note) if part)


def _step(row: WhistleTransition, names: dict[int, str], note: str) -> dict[str, Any]:
    organization = territory().organization_name(row.payload.get("organization"))
    called = territory().organization_name(row.payload.get("called_organization"))
    if row.stage:
        words = {"accept": _("超过应哨时限"), "arrive": _("超过到场时限"), "decide": _("逾期未裁，仍要来")}[row.stage]
    elif row.move == "call":
        words = _("又叫了{name}").format(name=called)
    else:
        words = _(workflow.MOVES[row.move].label)
    of_target = workflow.MOVES[row.move].of_target or bool(row.stage)
    return {
        "title": f"{organization}·{words}" if of_target and organization else words,
        "by": names.get(row.actor_id or 0, _("系统")),
        "at": local_time(row.at),
        "iso": row.at.isoformat(),
        "dot": _DOTS.get(row.move, ""),
        "say": note,
    }
