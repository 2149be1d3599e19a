"""合并 and 撤销合并: one matter reported by several people is handled once, each of them keeps their own ticket.

The master is handled; its followers wait in the state ``merged``, are told every step of it and rated by their own
requesters. What was promised to each stays as it was told.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError, Invalid
from requests_intake import sla
from requests_intake.actions.accept import accept_ticket
from requests_intake.actions.context import savepoint
from requests_intake.actions.orders import end_co_orders, load_handling, start_order
from requests_intake.actions.rate import last_handler, rate_ticket, second_limit
from requests_intake.models import ClockKind, Rating, Satisfaction, Ticket, TicketMerge
from requests_intake.mover import Mover
from requests_intake.policies import TicketPolicy
from requests_intake.queries import RUNNING
from requests_intake.reference import rules
from requests_intake.workflow import MOVES, OrderState, TicketState

SYSTEM = Actor.system("merge_rule")
MOST_AT_ONCE = 100
"""How many tickets one act may merge."""
SOLVED = (TicketState.VISITING.value, TicketState.CLOSED.value, TicketState.ARCHIVED.value)
"""States of a master in which its followers' requesters are asked what they think of the result."""


def obstacle(follower: Ticket, master: Ticket, actor: Actor) -> str:
    """Why ``follower`` cannot be merged into ``master`` by ``actor``, in a sentence; empty where it can.

    Rights are not asked here, only what the two tickets are.
    """
    if follower.pk == master.pk:
        return _("不能并入它自己。")
    if follower.state == TicketState.MERGED.value:
        return _("它已经并入另一件。")
    if follower.state not in MOVES["merge"].sources:
        return _("它已经是“{state}”，只有还在办的才能合并。").format(state=follower.get_state_display())
    if master.state == TicketState.MERGED.value:
        return _("{number} 自己已经并入另一件，请并入它的主件。").format(number=master.number)
    if master.state not in RUNNING:
        return _("{number} 已经是“{state}”，不能再并入；要是没办好，请另行办理。").format(
            number=master.number, state=master.get_state_display()
        )
    if follower.is_restricted != master.is_restricted:
        return _("一件限制知悉，一件不是，不能合并。")
    if follower.about_id != master.about_id:
        return _("反映的单位不一样，不能合并：合并后一家会看到反映另一家的事。")
    if follower.street_id != master.street_id and not any(role.level == "district" for role in actor.roles):
        return _("不在同一个街道，请区级调度员合并。")
    return ""


def require_merge(actor: Actor, *tickets: Ticket) -> None:
    """Raise where one of the tickets is outside the actor's rows (404) or not theirs to merge (403)."""
    ids = {ticket.pk for ticket in tickets}
    if TicketPolicy.visible(actor).filter(pk__in=ids).count() != len(ids):
        raise DomainError("no_ticket", _("没有这个编号的诉求，或者不在您的范围内。"), status=404)
    for ticket in tickets:
        TicketPolicy.require(actor, "merge", ticket)


@savepoint
def merge_ticket(
    ticket: Ticket, *, into: Ticket, actor: Actor, note: str = "", at: datetime | None = None, tell: bool = True
) -> Ticket:
    """Let a ticket follow another one: its orders are cancelled, its clocks stop, its promise stands.

    One that nobody has accepted yet is accepted first: its requester gets a promise like everybody's. Followers it has
    itself go along. Raises ``DomainError`` with ``obstacle``'s sentence, 403 and 404.
    """
    follower, master, carried = _locked_pair(ticket, into)
    require_merge(actor, follower, master)
    if reason := obstacle(follower, master, actor):
        code = "cannot_merge" if follower.state in MOVES["merge"].sources else "wrong_state"
        raise DomainError(code, reason, fields={"into": [reason]})
    if follower.state == TicketState.SUBMITTED.value:
        accept_ticket(follower, actor=actor, at=at, tell=tell)
        follower = Ticket.objects.get(pk=follower.pk)
    mover = Mover(actor, at=at, tell=tell)
    handling = load_handling(follower)
    order = handling.order if handling.order and handling.order.ended_at is None else None
    former_state = follower.state
    mover.move("merge", follower, order, note=note, master=master.pk, number=master.number)
    end_co_orders(mover, handling, OrderState.CANCELLED)
    mover.stop(handling.clocks)
    follower.close_reason = "merged"
    row = TicketMerge.objects.create(
        master=master, follower=follower, merged_by_id=actor.membership_id, merged_at=mover.at,
        former_state=former_state, former_order=order,
    )  # fmt: skip
    mover.move("absorb", master, follower=follower.pk, number=follower.number)
    _point(mover, carried, to=master, brought_by=row)
    follower.follower_count, master.follower_count = 0, master.follower_count + 1 + len(carried)
    mover.flush()
    return follower


@dataclass(frozen=True)
class Refused:
    """A ticket of a batch that was not merged, and the sentence why."""

    ticket: Ticket
    reason: str


@dataclass(frozen=True)
class Merged:
    done: tuple[Ticket, ...]
    refused: tuple[Refused, ...]


def merge_tickets(tickets: Sequence[Ticket], *, into: Ticket, actor: Actor, note: str = "") -> Merged:
    """Merge several into one: those that can be are, the others stay as they are and are named."""
    if len(tickets) > MOST_AT_ONCE:
        raise Invalid("too_many", _("一次最多合并 {n} 件。").format(n=MOST_AT_ONCE))
    done, refused = [], []
    for ticket in tickets:
        if ticket.pk == into.pk:
            continue
        try:
            done.append(merge_ticket(ticket, into=into, actor=actor, note=note))
        except DomainError as error:
            refused.append(Refused(ticket, error.message))
    return Merged(tuple(done), tuple(refused))


@savepoint
def unmerge_ticket(ticket: Ticket, *, actor: Actor, note: str, at: datetime | None = None, tell: bool = True) -> Ticket:
    """Take a follower out again, while the master is open and as long as a closed ticket could be reopened (D.10).

    It gets a new order of the organization that held it; what its requester was promised runs on (SLA D.1).
    """
    row = active_merge(ticket)
    if row is None:
        TicketPolicy.require(actor, "unmerge", ticket)
        raise DomainError("wrong_state", _("这件诉求没有并入别的诉求。"), move="unmerge", state=ticket.state)
    follower, master = _locked(ticket.pk, row.master_id)
    TicketPolicy.require(actor, "unmerge", follower)
    moment = at or clock.now()
    if master.closed_at is not None:
        raise DomainError("too_late", _("主件已经结束，不能再撤销合并；没办好的话请重开主件。"))
    if moment > last_moment_to_unmerge(row):
        _version, policy = rules().policy(row.merged_at)
        raise DomainError("too_late", _("合并已超过 {limit}，不能再撤销。").format(limit=policy.reopen_within))
    mover = Mover(actor, at=moment, tell=tell)
    _release(mover, row, follower, master, note=note)
    mover.flush()
    return follower


def last_moment_to_unmerge(row: TicketMerge) -> datetime:
    _version, policy = rules().policy(row.merged_at)
    return sla.due_at(row.merged_at, policy.reopen_within, work_calendar())


@savepoint
def rate_follower(
    ticket: Ticket, *, face: str, actor: Actor, comment: str = "", at: datetime | None = None, tell: bool = True
) -> Ticket:
    """A follower's requester says what they think of what was done for all; each for themselves.

    满意 and 还行 stay with the follower. 没解决 takes it out: the organization that solved the master handles it once
    more (SLA D.10), and from then on it is a matter of its own.
    """
    if face not in Satisfaction.values:
        raise Invalid("no_face", _("请点一个表情。"), fields={"face": [_("请点一个表情。")]})
    row = active_merge(ticket)
    if row is None:
        TicketPolicy.require(actor, "rate_merged", ticket)
        raise DomainError("wrong_state", _("现在还不能评价。"), move="rate_merged", state=ticket.state)
    follower, master = _locked(ticket.pk, row.master_id)
    TicketPolicy.require(actor, "rate_merged", follower)
    if not may_rate_follower(follower, master):
        raise DomainError("wrong_state", _("现在还不能评价。"), move="rate_merged", state=follower.state)
    mover = Mover(actor, at=at, tell=tell)
    mover.move("rate_merged", follower, note=comment, face=face)
    Rating.objects.create(ticket=follower, face=face, is_first=True, at=mover.at)
    follower.first_satisfaction = follower.final_satisfaction = face
    if face == Satisfaction.UNSOLVED:
        _release(mover, row, follower, master, by=SYSTEM, again=True)
    mover.flush()
    return follower


def rate_any(ticket: Ticket, *, face: str, actor: Actor, comment: str = "") -> Ticket:
    """A face for a ticket that was handled alone, or together with another."""
    act = rate_follower if ticket.state == TicketState.MERGED.value else rate_ticket
    rated: Ticket = act(ticket, face=face, actor=actor, comment=comment)
    return rated


def may_rate_follower(follower: Ticket, master: Ticket) -> bool:
    """Once what was done for all is checked, and once only."""
    return follower.state == TicketState.MERGED.value and master.state in SOLVED and not follower.first_satisfaction


@savepoint
def free_followers(ticket: Ticket) -> int:
    """The requester of a master withdrew it; the others did not. The follower promised the earliest day becomes the
    master of the rest. Returns how many there were."""
    ids = list(_running(ticket.pk).values_list("follower_id", flat=True))
    locked = {row.pk: row for row in _lock([ticket.pk, *ids])}
    master = locked[ticket.pk]
    rows = [row for row in _running(master.pk).select_for_update(of=("self",)) if row.follower_id in locked]
    waiting = [row for row in rows if locked[row.follower_id].state == TicketState.MERGED.value]
    if not waiting:
        return 0
    waiting.sort(key=lambda row: (locked[row.follower_id].promise_due_at or row.merged_at, row.pk))
    first, others = waiting[0], waiting[1:]
    mover = Mover(SYSTEM)
    heir = locked[first.follower_id]
    _release(mover, first, heir, master, by=SYSTEM)
    for row in others:
        row.follower = locked[row.follower_id]
    _point(mover, others, to=heir, brought_by=None)
    heir.follower_count, master.follower_count = len(others), 0
    mover.flush()
    return len(waiting)


def active_merge(ticket: Ticket) -> TicketMerge | None:
    """The merge a follower is in, with its master."""
    if ticket.state not in (TicketState.MERGED.value, TicketState.ARCHIVED.value):
        return None
    return TicketMerge.objects.filter(follower_id=ticket.pk, undone_at=None).select_related("master").first()


def _running(master_id: int):  # type: ignore[no-untyped-def]
    return TicketMerge.objects.filter(master_id=master_id, undone_at=None).order_by("pk")


def _lock(ids: Iterable[int]) -> list[Ticket]:
    """In the order of their ids, like the sweep: two acts never wait for each other in a circle."""
    return list(Ticket.objects.select_for_update(of=("self",)).filter(pk__in=list(ids)).order_by("pk"))


def _locked(*ids: int) -> list[Ticket]:
    """Locked in the order of their ids, returned as asked."""
    found = {row.pk: row for row in _lock(ids)}
    return [found[pk] for pk in ids]


def _locked_pair(ticket: Ticket, into: Ticket) -> tuple[Ticket, Ticket, list[TicketMerge]]:
    """Follower, master, and the merges of the follower's own followers, all locked."""
    ids = list(_running(ticket.pk).values_list("follower_id", flat=True))
    found = {row.pk: row for row in _lock({ticket.pk, into.pk, *ids})}
    carried = list(_running(ticket.pk).select_for_update(of=("self",)))
    for row in carried:
        # One that was merged in between is locked now; nobody else moves it while its master is ours.
        row.follower = found[row.follower_id] if row.follower_id in found else _lock([row.follower_id])[0]
    return found[ticket.pk], found[into.pk], carried


def _point(mover: Mover, rows: Sequence[TicketMerge], *, to: Ticket, brought_by: TicketMerge | None) -> None:
    """Let followers follow another master. The old rows end and stay."""
    fresh = []
    for row in rows:
        row.undone_at, row.undone_by_id = mover.at, mover.actor.membership_id
        fresh.append(
            TicketMerge(
                master=to,
                follower=row.follower,
                merged_by_id=mover.actor.membership_id,
                merged_at=mover.at,
                former_state=row.former_state,
                former_order_id=row.former_order_id,
                brought_by=brought_by,
            )
        )
        if row.follower.state == TicketState.MERGED.value:
            mover.move("follow_step", row.follower, by=SYSTEM, step="point", master=to.pk, number=to.number)
    TicketMerge.objects.bulk_update(rows, ["undone_at", "undone_by"])
    TicketMerge.objects.bulk_create(fresh)


def _release(
    mover: Mover,
    row: TicketMerge,
    follower: Ticket,
    master: Ticket,
    *,
    note: str = "",
    by: Actor | None = None,
    again: bool = False,
) -> None:
    """End one merge. ``again``: the organization that solved the master handles it once more, with that limit."""
    row.undone_at, row.undone_by_id = mover.at, mover.actor.membership_id
    row.save(update_fields=["undone_at", "undone_by"])
    mover.move("unmerge", follower, by=by, note=note, master=master.pk, number=master.number, again=again)
    follower.close_reason, follower.order_due_at = "", None
    handling = load_handling(follower)
    mover.resume([found for found in handling.of_ticket() if found.kind == ClockKind.PROMISE])
    held = load_handling(master).order if again else row.former_order
    if held is not None:
        organization = last_handler(held.organization_id)
        sequence = handling.order.sequence + 1 if handling.order else 1
        start_order(mover, follower, organization, sequence=sequence, limit=second_limit(held) if again else None)
        mover.move("dispatch", follower, by=SYSTEM, to_level=organization.level, to_organization=organization.id)
    master.follower_count = max(0, master.follower_count - 1)
    mover.move("release", master, by=by, follower=follower.pk, number=follower.number)
    brought = list(_running(master.pk).filter(brought_by=row).select_for_update(of=("self",)))
    if brought and not again:
        locked = {found.pk: found for found in _lock(found.follower_id for found in brought)}
        for found in brought:
            found.follower = locked[found.follower_id]
        _point(mover, brought, to=follower, brought_by=None)
        follower.follower_count = len(brought)
        master.follower_count = max(0, master.follower_count - len(brought))
