"""What follows from a move: search tokens with it, notices to people after it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from governance.accounts.models import Notice
from governance.accounts.notifications import ROBOT, Recipient, plan_for_robots, tell
from governance.accounts.notifications.planning import Plan
from governance.kernel import clock, outbox
from governance.kernel.search import index_objects
from grids.reference import Holder, Territory, territory
from requests_intake import circle, discipline_notices, field_notices, workflow
from requests_intake.actions.follow_up import HANDLED, level_of_check, lookers
from requests_intake.models import ClockKind, Ticket, TicketTransition, Urgency
from requests_intake.sla import WARNINGS, Stage

SEARCH_KIND = "ticket"


def search_text(ticket: Ticket) -> str:
    """The words under which a ticket is found. No name and no phone: tokens are not encrypted.

    A restricted one is found by its number alone: its words would tell that there is such a matter.
    """
    if ticket.is_restricted:
        return ""
    places = territory()
    names = [places.area_name(area_id) for area_id in (ticket.street_id, ticket.community_id, ticket.grid_id)]
    return " ".join([ticket.number, ticket.title, ticket.address_text, *names, ticket.content])


@outbox.in_transaction(TicketTransition)
def index_words(transitions: Sequence[TicketTransition]) -> None:
    """Write the search tokens of tickets that are new or have moved to another place; of restricted ones none."""
    told = [row for row in transitions if row.move in ("submit", "relocate", "convert_letter")]
    tickets = {row.ticket_id: row.ticket for row in told if not row.ticket.is_restricted}
    if tickets:
        index_objects(SEARCH_KIND, [(pk, search_text(ticket)) for pk, ticket in tickets.items()])


@dataclass(frozen=True)
class _Telling:
    """Whom a move is told to, and in which words."""

    holders: tuple[Holder, ...]
    text: str


@outbox.after_commit(TicketTransition)
def tell_people(transitions: Sequence[TicketTransition]) -> None:
    """Put a line into the in-app inbox of everybody who has to act on a move or answer for it.

    The group of the organization that handles it is told by its robot, if it has one; never of a restricted ticket.
    """
    places = territory()
    tickets = Ticket.objects.in_bulk({row.ticket_id for row in transitions})
    notices: list[Notice] = []
    for_groups: dict[int, list[Plan]] = defaultdict(list)
    for row in transitions:
        ticket = tickets[row.ticket_id]
        office = row.payload.get("organization") or ticket.organization_id
        for telling in _all_tellings(row, ticket, places):
            brief = f"{telling.text}：{ticket.number}"
            if not ticket.is_restricted and any(holder.organization_id == office for holder in telling.holders):
                for_groups[office].append(_for_group(row, ticket, brief))
            for holder in circle.told(ticket, telling.holders, also_desk=row.move in ("stage", "resolve")):
                if holder.membership_id == row.actor_id:
                    continue  # nobody is told what they did themselves
                surface = "m" if holder.kind == "grid_worker" else "desk"
                notices.append(
                    Notice(
                        membership_id=holder.membership_id,
                        source=f"ticket-transition:{row.pk}",
                        kind=row.stage or row.move,
                        text=f"{telling.text}：{title_told(ticket)}"[:200],
                        brief=brief[:80],
                        path=f"/{surface}/t/{ticket.number}/",
                        is_critical=ticket.urgency == Urgency.CRITICAL,
                        created_at=clock.now(),
                    )
                )
    tell(notices)
    plan_for_robots(for_groups)


def _for_group(row: TicketTransition, ticket: Ticket, brief: str) -> Plan:
    """What is said outside the platform: no word of the resident."""
    return Plan(
        source=f"ticket-transition:{row.pk}",
        kind=row.stage or row.move,
        recipient=Recipient(ROBOT, 0),
        text=brief,
        path=f"/desk/t/{ticket.number}/",
        at_once=ticket.urgency == Urgency.CRITICAL,
    )


def title_told(ticket: Ticket) -> str:
    """What a notice calls a ticket: its title; a restricted one by its number: notices are read over shoulders."""
    return _("{number}（限制知悉）").format(number=ticket.number) if ticket.is_restricted else ticket.title


def _all_tellings(row: TicketTransition, ticket: Ticket, places: Territory) -> Iterator[_Telling]:
    yield from _tellings(row, ticket, places)
    for notices in (discipline_notices, field_notices):
        for holders, words in notices.tellings(row, ticket, places):
            yield _Telling(holders, words)


def _tellings(row: TicketTransition, ticket: Ticket, places: Territory) -> Iterator[_Telling]:
    organization_id = row.payload.get("organization") or ticket.organization_id
    workers = _workers(places, organization_id)
    if row.move in (
        "dispatch", "escalate", "reopen", "rehandle", "merge", "absorb", "write_back", "answer_consent",
        "end_mediation",
    ):  # fmt: skip
        words = {
            "dispatch": _("新工单待签收"),
            "escalate": _("下级上报，待签收"),
            "reopen": _("居民要求重新办理"),
            "rehandle": _("居民说没解决，请再办"),
            "merge": _("已并入另一件，不用再办"),
            "absorb": _("又有居民反映同一件事"),
            "write_back": _("来信人又写了"),
            "answer_consent": _("来信人答复了"),
            "end_mediation": _("调解结束"),
        }
        yield _Telling(workers, words[row.move])
    elif row.move == "submit" and ticket.state == workflow.TicketState.SUBMITTED:
        yield _Telling(
            circle.desk() if ticket.is_restricted else workers,
            _("新来信待答复") if ticket.is_letter else _("新诉求待受理"),
        )
    elif row.move in HANDLED and ticket.state == workflow.TicketState.RESOLVED:
        level = level_of_check(ticket, row.actor_id)
        yield _Telling(_looking(places, ticket, level, row.actor_id), _("已办结，请去现场核查"))
    elif row.move == "raise_check":
        people = _looking(places, ticket, row.payload["to_level"])
        yield _Telling(people, _("到期没有人核查，交您这一级去看"))
    elif row.move in ("order_again", "review_up"):
        words = {"order_again": _("复核后责成再办"), "review_up": _("复核后交您这一级再办")}
        yield _Telling(_workers(places, row.payload["to_organization"]), words[row.move])
    elif row.move == "ask_unreasonable":
        yield _Telling(_judges(places), _("申请认定不合理诉求，请认定"))
    elif row.move == "judge_unreasonable" and not row.payload["granted"]:
        yield _Telling(_reviewers(places, ticket), _("区里没有认定为不合理诉求，请继续复核"))
    elif row.move in ("rate", "return_visit") and ticket.needs_review:
        yield _Telling(_reviewers(places, ticket), _("居民第二次说没解决，请复核"))
    elif row.move == "rework":
        yield _Telling(workers, _("核查未通过，请返工"))
    elif row.move == "assign":
        found = [
            holder for holder in places.serving(organization_id) if holder.membership_id == row.payload["assignee"]
        ]
        yield _Telling(tuple(found), _("指派给您"))
    elif row.move == "stage":
        yield from _stage_tellings(row, ticket, places, organization_id, workers)


def _stage_tellings(
    row: TicketTransition, ticket: Ticket, places: Territory, organization_id: int, workers: tuple[Holder, ...]
) -> Iterator[_Telling]:
    """SLA D.4: who sees which threshold."""
    kind, stage = row.payload.get("kind"), row.stage
    if discipline_notices.answers(kind or "") or field_notices.owed(kind or ""):
        return
    leaders = _leaders(places, organization_id)
    above = places.superior(organization_id)
    superiors = _leaders(places, above) if above is not None else ()
    if stage == Stage.HALF:
        if ticket.urgency in ("critical", "urgent"):
            yield _Telling(_distinct((*workers, *leaders)), _("时限已过半"))
        elif not row.payload.get("signed"):
            yield _Telling(workers, _("时限已过半，还没有签收"))
    elif stage in WARNINGS:
        yield _Telling(_distinct((*workers, *leaders)), _("快到时限，请抓紧"))
    elif stage == Stage.LATE and kind == ClockKind.CONTACT:
        yield _Telling(_distinct((*workers, *leaders)), _("还没有联系居民"))
    elif stage == Stage.LATE:
        yield _Telling(_distinct((*leaders, *workers)), _("超过签收时限"))
    elif stage == Stage.DUE:
        # Critical and urgent: the street's leader at once, at whatever level it lies.
        street = places.own.get(ticket.street_id or 0) if ticket.urgency in ("critical", "urgent") else None
        at_once = _leaders(places, street) if street is not None else ()
        yield _Telling(_distinct((*workers, *leaders, *superiors, *at_once)), _("已超期"))
    elif stage in (Stage.NOTICE, Stage.SUPERVISE, Stage.CIRCULAR, Stage.DUTY):
        words = {
            Stage.NOTICE: _("催办通知"),
            Stage.SUPERVISE: _("督办"),
            Stage.CIRCULAR: _("列入通报名单"),
            Stage.DUTY: _("{urgency}事项严重超时").format(urgency=ticket.get_urgency_display()),
        }
        yield _Telling(_distinct((*leaders, *superiors, *_supervisors(places))), words[Stage(stage)])


def _workers(places: Territory, organization_id: int) -> tuple[Holder, ...]:
    """Those who handle: the posts that are not the leader's, else the leader, else whoever answers above (缺岗)."""
    kinds = workflow.READERS - workflow.ONLINE_ONLY - {workflow.REPORT_DESK}
    serving = [holder for holder in places.serving(organization_id) if holder.kind in kinds]
    found = [holder for holder in serving if not holder.is_leader] or serving
    if found:
        return tuple(found)
    responsible = places.responsible(organization_id)
    return (responsible,) if responsible else ()


def _looking(places: Territory, ticket: Ticket, level: str, handled_by: int | None = None) -> tuple[Holder, ...]:
    """The posts of a level that are not the leader's, else the leader; never who reported it done."""
    people = [holder for holder in lookers(places, ticket, level) if holder.membership_id != handled_by]
    return tuple([holder for holder in people if not holder.is_leader] or people)


def _supervisors(places: Territory) -> tuple[Holder, ...]:
    """Those of the district's centre who may order what follows: not everybody who has a desk there."""
    kinds = {kind for kind, relation in workflow.ALLOWED["supervise"] if relation == workflow.COVERS}
    return tuple(holder for holder in places.serving(places.center().id) if holder.kind in kinds)


def _judges(places: Territory) -> tuple[Holder, ...]:
    kinds = {kind for kind, _relation in workflow.ALLOWED["judge_unreasonable"]}
    return tuple(holder for holder in places.serving(places.center().id) if holder.kind in kinds)


def _reviewers(places: Territory, ticket: Ticket) -> tuple[Holder, ...]:
    """The nearest who may decide: the community's secretary, else the street's, else the district's."""
    kinds = {kind for kind, _relation in workflow.ALLOWED["order_again"]}
    for area in (ticket.community_id, ticket.street_id, places.district_area_id):
        office = places.own.get(area) if area else None
        found = [holder for holder in places.serving(office) if holder.kind in kinds] if office else []
        if found:
            return tuple(found)
    return ()


def _leaders(places: Territory, organization_id: int) -> tuple[Holder, ...]:
    leader = places.leader(organization_id)
    return (leader,) if leader else ()


def _distinct(holders: Iterable[Holder]) -> tuple[Holder, ...]:
    return tuple({holder.membership_id: holder for holder in holders}.values())
