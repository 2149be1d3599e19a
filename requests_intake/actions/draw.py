"""Drawing what is looked at on site: nobody knows the seed beforehand, everybody can check it afterwards (ADR 31)."""

from __future__ import annotations

import secrets
from datetime import date, datetime

from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.errors import DomainError
from governance.kernel.templatetags.ui import local_day
from requests_intake.models import DrawSeed, SampleDraw, Ticket, WorkOrder
from requests_intake.reference import rules
from requests_intake.sampling import commitment_of, value_of

Rule = SampleDraw.Rule


def draw_check(ticket: Ticket, order: WorkOrder) -> SampleDraw:
    """Decide whether somebody looks on site (SLA D.10), and record by which rule and draw.

    Always for critical, urgent and safety matters and after a failed look; never for what the grid found and settled
    itself; else by the highest percentage that holds for category, organization or in general.
    """
    turn = SampleDraw.objects.filter(ticket=ticket).count() + 1
    rule, percent = _rule(ticket, order)
    moment = clock.now()
    seed, value = None, None
    chosen = percent == 100
    if rule != Rule.OWN_FIND and not chosen:
        seed = seed_of(moment)
        value = value_of(seed.seed, ticket.number, turn)
        chosen = value < percent
    return SampleDraw.objects.create(
        ticket=ticket, work_order=order, turn=turn, rule=rule, percent=percent, seed=seed, value=value, chosen=chosen,
        drawn_at=moment,
    )  # fmt: skip


def _rule(ticket: Ticket, order: WorkOrder) -> tuple[str, int]:
    if ticket.is_proactive and order.level == "grid":
        return Rule.OWN_FIND, 0
    category = rules().categories.get(ticket.category_id) if ticket.category_id else None
    _version, policy = rules().policy()
    own = policy.categories.get(category.code) if category else None
    rule, percent = policy.verification.rule(
        urgency=ticket.urgency,
        safety=bool(category and category.pure.is_safety),
        organization_id=order.organization_id,
        category_percent=own.verify_percent if own else 0,
    )
    if order.rework_count and rule not in (Rule.URGENCY, Rule.SAFETY):
        return Rule.AGAIN, 100
    return rule, percent


def seed_of(moment: datetime) -> DrawSeed:
    """The seed of a moment's month, made where there is none yet."""
    return ensure_seed(clock.local(moment).date().replace(day=1))


def ensure_seed(month: date) -> DrawSeed:
    """The month's seed. Two who make it at the same moment get the same one."""
    found = DrawSeed.objects.filter(month=month).first()
    if found is not None:
        return found
    seed = secrets.token_hex(32)
    fresh = DrawSeed(month=month, seed=seed, commitment=commitment_of(seed), made_at=clock.now())
    DrawSeed.objects.bulk_create([fresh], ignore_conflicts=True)
    return DrawSeed.objects.get(month=month)


def prepare_seeds() -> int:
    """Nightly: this month's and the next month's commitment stand before anything is drawn. Returns how many exist."""
    month = clock.today().replace(day=1)
    return len({ensure_seed(month).pk, ensure_seed(next_month(month)).pk})


def next_month(month: date) -> date:
    return month.replace(year=month.year + 1, month=1) if month.month == 12 else month.replace(month=month.month + 1)


def is_open(seed: DrawSeed) -> bool:
    """Whether the month is over, so that its seed may be known."""
    return clock.today() >= next_month(seed.month)


def disclosed_seed(seed: DrawSeed) -> str:
    """The seed itself. Raises ``DomainError`` ``too_early`` while its month lasts: who knew it could choose."""
    if not is_open(seed):
        words = _("{day}起公布这个月的种子，现在只能看承诺值。")
        raise DomainError("too_early", words.format(day=local_day(next_month(seed.month))))
    return seed.seed


def recompute(draw: SampleDraw, number: str, seed: str) -> tuple[int, bool]:
    """Value and choice of a draw as they follow from the seed; to be compared with what is stored."""
    value = value_of(seed, number, draw.turn)
    return value, value < draw.percent
