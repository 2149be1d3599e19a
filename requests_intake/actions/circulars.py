"""通报 (SLA D.4): an issue is published for many matters at once, and withdrawn with a reason. Nothing is rewritten."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.bulk import update_rows
from governance.kernel.errors import DomainError, Invalid
from grids.models import Organization
from grids.reference import territory
from requests_intake import workflow
from requests_intake.actions.context import savepoint
from requests_intake.models import Circular, Supervision, Ticket
from requests_intake.mover import Mover
from requests_intake.policies import TicketPolicy

MOST_LINES = 100
"""Lines of one issue."""

State = Supervision.State


@dataclass(frozen=True)
class Line:
    """A draft that is to be published with this sentence. ``seen``: the state of its matter when it was looked at;
    empty where nobody looked."""

    draft_id: int
    note: str
    seen: str = ""


@dataclass
class Published:
    """``skipped``: lines that had changed or could not be published, with the sentence why; they stop no other."""

    circular: Circular | None = None
    lines: list[Supervision] = field(default_factory=list)
    skipped: list[tuple[str, DomainError]] = field(default_factory=list)


@savepoint
def publish_circular(lines: Sequence[Line], *, actor: Actor, at: datetime | None = None) -> Published:
    """Publish an issue in a fixed number of statements. Raises ``Invalid('no_lines')`` and ``('too_many')``.

    A line is skipped where its draft has been decided meanwhile, where its matter is in another state than when it was
    looked at, where the actor may not publish it, and where the matter is restricted: an issue goes to everybody.
    """
    _check_number(lines)
    wanted = {line.draft_id: line for line in lines}
    drafts = Supervision.objects.filter(pk__in=wanted, kind=Supervision.Kind.CIRCULAR)
    tickets = _locked(drafts.values_list("ticket_id", flat=True))
    mover, done = Mover(actor, at=at), Published()
    for row in drafts.select_for_update(of=("self",)).select_related("work_order").order_by("pk"):
        row.ticket = tickets[row.ticket_id]
        try:
            _check_line(row, wanted[row.pk], actor)
        except DomainError as error:
            done.skipped.append((row.ticket.number, error))
        else:
            done.lines.append(row)
    if not done.lines:
        return done
    done.circular = next_issue(mover)
    for row in done.lines:
        publish_line(mover, row, done.circular, note=wanted[row.pk].note)
    mover.flush()
    update_rows(done.lines, ("state", "ended_at", "circular"))
    return done


def _check_number(lines: Sequence[Line]) -> None:
    if not lines:
        raise Invalid("no_lines", _("还没有选要通报的，请先打勾。"))
    if len(lines) > MOST_LINES:
        raise Invalid("too_many", _("一期最多 {most} 件，请分几期。").format(most=MOST_LINES))


def _check_line(row: Supervision, line: Line, actor: Actor) -> None:
    ticket = row.ticket
    if ticket.is_restricted:
        raise DomainError("restricted", _("限制知悉的，不进成批的通报。"))
    TicketPolicy.require(actor, "publish_circular", ticket)
    if row.state != State.DRAFT:
        raise DomainError("decided", _("这一条已经定过了。"))
    if (line.seen and line.seen != ticket.state) or not _permits(ticket):
        raise DomainError(
            "changed", _("这件已经是“{state}”，和预览时不一样。").format(state=ticket.get_state_display())
        )
    if not line.note.strip():
        raise DomainError("note_needed", _("还没有写通报意见。"))


def _permits(ticket: Ticket) -> bool:
    return workflow.permits(workflow.MOVES["publish_circular"], ticket.state, None)


def next_issue(mover: Mover) -> Circular:
    """The next number of the year, gapless: the centre's row is locked until the issue is written."""
    center = territory().center().id
    list(Organization.objects.select_for_update(of=("self",), no_key=True).filter(pk=center))
    year = clock.local(mover.at).year
    last = Circular.objects.filter(year=year).aggregate(last=Max("number"))["last"] or 0
    return Circular.objects.create(
        year=year, number=last + 1, issuer_id=center, published_by_id=mover.actor.membership_id, published_at=mover.at
    )


def publish_line(mover: Mover, row: Supervision, circular: Circular, *, note: str) -> None:
    """The caller writes the row."""
    mover.move(
        "publish_circular", row.ticket, row.work_order, note=note, supervision=row.pk, circular=circular.pk,
        organization=row.organization_id,
    )  # fmt: skip
    row.circular, row.state, row.ended_at = circular, State.PUBLISHED, mover.at


@savepoint
def withdraw_circular(circular: Circular, *, note: str, actor: Actor, at: datetime | None = None) -> Circular:
    """撤回 a whole issue: every line that still stands, each with the reason. The issue stays readable, marked."""
    _withdraw(Supervision.objects.filter(circular=circular), note=note, actor=actor, at=at)
    return circular


@savepoint
def withdraw_line(supervision: Supervision, *, note: str, actor: Actor, at: datetime | None = None) -> Supervision:
    """撤回 one line of an issue; the others stand."""
    return _withdraw(Supervision.objects.filter(pk=supervision.pk), note=note, actor=actor, at=at)[0]


def _withdraw(rows: QuerySet[Supervision], *, note: str, actor: Actor, at: datetime | None) -> list[Supervision]:
    """Raises ``DomainError('withdrawn')`` where nothing of it stands any more."""
    published = rows.filter(kind=Supervision.Kind.CIRCULAR, state=State.PUBLISHED)
    tickets = _locked(published.values_list("ticket_id", flat=True))
    found = list(published.select_for_update(of=("self",)).select_related("work_order").order_by("pk"))
    if not found:
        raise DomainError("withdrawn", _("这份通报已经撤回了。"))
    mover = Mover(actor, at=at)
    for row in found:
        ticket = tickets[row.ticket_id]
        TicketPolicy.require(actor, "withdraw_circular", ticket)
        mover.move(
            "withdraw_circular", ticket, row.work_order, note=note, supervision=row.pk, circular=row.circular_id,
            organization=row.organization_id,
        )  # fmt: skip
        row.state = State.WITHDRAWN
    mover.flush()
    update_rows(found, ("state",))
    return found


def _locked(ids: Iterable[int]) -> dict[int, Ticket]:
    tickets = Ticket.objects.select_for_update(of=("self",)).filter(pk__in=list(ids)).order_by("pk")
    return {ticket.pk: ticket for ticket in tickets}
