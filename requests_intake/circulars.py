"""Reading 通报 (SLA D.4): the drafts of the next issue with why they are on it, the issues, and who may read one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import NotFound
from governance.kernel.templatetags.ui import local_day
from requests_intake import sla
from requests_intake.actions.circulars import MOST_LINES
from requests_intake.models import Circular, Note, Supervision
from requests_intake.policies import TicketPolicy

State = Supervision.State


@dataclass(frozen=True)
class Draft:
    """A line that waits. ``late``: how long over its deadline, as one says it; ``unanswered``: an order nobody answered
    brought it here."""

    row: Supervision
    late: str
    unanswered: bool

    @property
    def why(self) -> str:
        words = [_("超期 {late}").format(late=self.late)] if self.late else []
        return "，".join([*words, *([_("督办没有按时回复")] if self.unanswered else [])])

    @property
    def sentence(self) -> str:
        """What is proposed to be said of it."""
        due = local_day(self.row.work_order.due_at)
        said = [_("应在 {due} 前办结，已超期 {late}").format(due=due, late=self.late)] if self.late else []
        said += [_("督办单到期没有书面回复")] if self.unanswered else []
        return _("{said}。请立即办理，并书面说明原因。").format(said="，".join(said) or _("没有按规定办理"))


def drafts_of(actor: Actor, text: str = "") -> QuerySet[Supervision]:
    """What the next issue may hold, the longest waiting first. Restricted matters are decided on their own page."""
    rows = Supervision.objects.filter(
        kind=Supervision.Kind.CIRCULAR, state=State.DRAFT, ticket__in=TicketPolicy.visible(actor)
    )
    rows = rows.filter(ticket__number=text) if text else rows
    return rows.select_related("ticket", "work_order").order_by("ticket__is_restricted", "issued_at", "pk")


def with_reasons(rows: Sequence[Supervision], now: datetime | None = None) -> list[Draft]:
    """One statement, whatever their number."""
    moment, calendar = now or clock.now(), work_calendar()
    orders = [row.work_order_id for row in rows]
    missed = set(
        Supervision.objects.filter(
            work_order_id__in=orders, kind=Supervision.Kind.ORDER, state=State.OVERDUE
        ).values_list("work_order_id", flat=True)
    )
    return [Draft(row, _late(row, moment, calendar), row.work_order_id in missed) for row in rows]


def _late(row: Supervision, now: datetime, calendar: object) -> str:
    order = row.work_order
    ended = order.resolved_at or order.ended_at or now
    left = sla.remaining(ended, order.due_at, sla.Unit(order.limit_unit), calendar)  # type: ignore[arg-type]
    return sla.phrase(left).removeprefix("超期").strip() if left.overdue else ""


def issues_of(actor: Actor) -> QuerySet[Circular]:
    """Issues about at least one matter the actor may see, the newest first; ``standing``: lines not withdrawn."""
    seen = Supervision.objects.filter(circular__isnull=False, ticket__in=TicketPolicy.visible(actor))
    lines = Supervision.objects.filter(circular=OuterRef("pk")).order_by()
    return (
        Circular.objects.filter(pk__in=seen.values("circular"))
        .annotate(named=_number(lines), standing=_number(lines.filter(state=State.PUBLISHED)))
        .order_by("-published_at", "-pk")
    )


def _number(lines: QuerySet[Supervision]) -> Coalesce:
    counted = lines.values("circular").annotate(number=Count("pk")).values("number")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def find_issue(pk: int, *, actor: Actor) -> Circular:
    """Raises ``NotFound`` for what names nothing the actor may see."""
    found = issues_of(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound("no_circular", _("没有这份通报，或者没有点到您的范围。"))
    return found


@dataclass(frozen=True)
class IssueLine:
    """``sentence`` as published; ``withdrawn``: the reason, None while it stands; ``is_mine``: its matter may be
    opened."""

    row: Supervision
    sentence: str
    withdrawn: str | None
    is_mine: bool


def lines_of(circular: Circular, actor: Actor) -> list[IssueLine]:
    """Everybody an issue is for reads all its lines, but of restricted matters only who may know them. Three
    statements."""
    rows = list(circular.lines.select_related("ticket").order_by("organization_id", "pk"))
    mine = set(TicketPolicy.visible(actor).filter(pk__in=[row.ticket_id for row in rows]).values_list("pk", flat=True))
    said = _sentences(rows)
    return [
        IssueLine(
            row,
            said.get((row.pk, "publish_circular"), ""),
            said.get((row.pk, "withdraw_circular"), "") if row.state == State.WITHDRAWN else None,
            row.ticket_id in mine,
        )
        for row in rows
        if row.ticket_id in mine or not row.ticket.is_restricted
    ]


def _sentences(rows: Iterable[Supervision]) -> dict[tuple[int, str], str]:
    notes = Note.objects.filter(
        ticket_id__in=[row.ticket_id for row in rows],
        transition__move__in=("publish_circular", "withdraw_circular"),
    ).select_related("transition")
    found = {}
    for note in notes.order_by("pk"):
        assert note.transition is not None
        found[note.transition.payload.get("supervision", 0), note.transition.move] = note.text
    return found


__all__ = ["MOST_LINES", "Draft", "IssueLine", "drafts_of", "find_issue", "issues_of", "lines_of", "with_reasons"]
