"""What may be known of restricted tickets outside their circle: the register of numbers and states.

read_first, risk 6: dispatchers outside the case see only number and state.
"""

from __future__ import annotations

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.models import Level
from requests_intake import workflow
from requests_intake.models import Channel, Ticket
from requests_intake.policies import TicketPolicy
from requests_intake.queries import with_facts

LEAST = 5
"""From so many on a number is shown."""


def guarded(number: int) -> str:
    """A number of restricted matters as it may be shown; zero is as telling as one and is not shown either."""
    return str(number) if number >= LEAST else _("少于 {least}").format(least=LEAST)


def reads_register(actor: Actor) -> bool:
    return any(
        role.kind in workflow.REGISTER_READERS and role.level == Level.DISTRICT and role.area_id is not None
        for role in actor.roles
    )


def register(actor: Actor) -> QuerySet[Ticket]:
    """Number and state of every restricted ticket, the newest first; nothing for whom the register is not kept.

    Letters to a secretary are not even there: how many there are says ``letters``.
    """
    rows = (
        Ticket.objects.filter(is_restricted=True)
        .exclude(channel=Channel.TO_SECRETARY)
        .only("pk", "number", "state")
        .order_by("-submitted_at", "-pk")
    )
    return rows if reads_register(actor) else rows.none()


def letters_to(actor: Actor) -> QuerySet[Ticket]:
    """The letters in the actor's circle, those that wait for an answer first, then the newest."""
    rows = with_facts(TicketPolicy.visible(actor).filter(is_restricted=True, channel=Channel.TO_SECRETARY))
    return rows.order_by(F("closed_at").desc(nulls_first=True), F("order_due_at").asc(nulls_last=True), "-pk")


def waiting_letters(actor: Actor) -> int:
    return (
        TicketPolicy.visible(actor)
        .filter(is_restricted=True, channel=Channel.TO_SECRETARY, closed_at=None, order_due_at__isnull=False)
        .count()
    )


def letters_of_month() -> str:
    """How many letters this month brought to all secretaries of the district, as it may be shown."""
    first = clock.local(clock.now()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return guarded(Ticket.objects.filter(channel=Channel.TO_SECRETARY, submitted_at__gte=first).count())
