"""Deciding, in the transaction that tells, what goes out to whom and when. Nothing is sent here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from governance.accounts.models import Delivery, Notice, NotificationPreference, Robot
from governance.accounts.models.notification import PushBudget
from governance.accounts.notifications import rhythm
from governance.accounts.notifications.channels import channel, in_app
from governance.accounts.notifications.preferences import rules_of_district
from governance.accounts.notifications.recipients import MEMBER, ROBOT, Recipient
from governance.kernel import clock
from governance.kernel.calendar_store import work_calendar
from governance.kernel.queue import enqueue

BATCH = 1_000


def tell(notices: Sequence[Notice]) -> None:
    """Put lines into people's inboxes, and plan a push for whoever wants one. Telling twice makes one of each.

    ``Notice.brief`` is what a push says: what leaves the platform repeats no words of a resident.
    """
    in_app.write(notices)
    ways = _open_to_staff()
    if notices and ways:
        _plan_pushes(notices, ways)


@dataclass(frozen=True)
class Plan:
    """A message without a notice. ``at_once``: neither quiet hours nor the daily number hold it back."""

    source: str
    kind: str
    recipient: Recipient
    text: str
    path: str = ""
    at_once: bool = False


def plan_messages(plans: Iterable[Plan], *, channel_code: str) -> None:
    """Plan messages to people without an inbox; quiet hours are kept, nothing is gathered or counted."""
    now = clock.now()
    rows = [
        _delivery(plan, channel_code, now, plan.recipient, now if plan.at_once else rhythm.after_quiet(now))
        for plan in plans
    ]
    _write(rows, now)


def plan_for_robots(by_organization: Mapping[int, Sequence[Plan]]) -> None:
    """Plan what the robots of organizations say to their groups; ``recipient`` of the plans is not looked at.

    The same rules hold as for a person: at most so many a day, the rest gathered, nothing at night. Two statements
    where no robot serves any of them, whatever the number.
    """
    if not by_organization:
        return
    found = Robot.objects.filter(organization_id__in=list(by_organization), is_active=True).order_by("pk")
    robots = list(found.select_for_update())
    if not robots:
        return
    now = clock.now()
    sources = {plan.source for plans in by_organization.values() for plan in plans}
    known = _planned(ROBOT, sources)
    waiting = _waiting(ROBOT, [robot.pk for robot in robots])
    rows = []
    for robot in robots:
        for plan in by_organization[robot.organization_id]:
            if (plan.source, robot.pk) in known:
                continue
            at, digest_at = _when(robot, now, at_once=plan.at_once, waits=robot.pk in waiting)
            known.add((plan.source, robot.pk))
            if digest_at:
                waiting.add(robot.pk)
            rows.append(_delivery(plan, robot.service, now, Recipient(ROBOT, robot.pk), at, digest_at))
    _write(rows, now)
    Robot.objects.bulk_update(robots, ["push_day", "push_count"])


def _open_to_staff() -> list[str]:
    rules = rules_of_district()
    wanted = {"sms": rules.sms_to_staff, "email": rules.email_to_staff}
    return [code for code, is_on in wanted.items() if is_on and channel(code).is_available()]


def _plan_pushes(notices: Sequence[Notice], ways: Sequence[str]) -> None:
    members = {notice.membership_id for notice in notices}
    # In one order, so that two who tell at the same moment never wait for each other in a circle.
    wanting = NotificationPreference.objects.filter(Q(by_email=True) | Q(by_sms=True), membership_id__in=members)
    people = {row.membership_id: row for row in wanting.order_by("pk").select_for_update()}
    if not people:
        return
    now = clock.now()
    sources = {notice.source for notice in notices}
    told = list(Notice.objects.filter(membership_id__in=list(people), source__in=sources, read_at=None).order_by("pk"))
    known = _planned(MEMBER, {f"notice:{notice.pk}" for notice in told})
    waiting = _waiting(MEMBER, list(people))
    rows = []
    for notice in told:
        member, source = notice.membership_id, f"notice:{notice.pk}"
        person = people[member]
        chosen = [code for code in ways if (person.by_sms if code == "sms" else person.by_email)]
        if not chosen or (source, member) in known:
            continue
        at, digest_at = _when(person, now, at_once=notice.is_critical, waits=member in waiting)
        if digest_at:
            waiting.add(member)
        plan = Plan(source, notice.kind, Recipient(MEMBER, member), "", at_once=notice.is_critical)
        rows += [_delivery(plan, code, now, plan.recipient, at, digest_at) for code in chosen]
    _write(rows, now)
    NotificationPreference.objects.bulk_update(people.values(), ["push_day", "push_count"])


def _when(budget: PushBudget, now: datetime, *, at_once: bool, waits: bool) -> tuple[datetime, datetime | None]:
    """When to send, and the digest it goes into, if any. Counts a push of its own.

    Once something is gathered, what follows is gathered with it: a person's messages keep their order, and the digest
    is the next thing that person gets.
    """
    if at_once:
        return now, None
    rules, calendar = rules_of_district(), work_calendar()
    start_day(budget, now)
    if budget.push_count >= rules.pushes_a_day:
        digest = rhythm.first_digest_of_a_later_day(now, rules.digest_times, calendar)
    elif waits or rhythm.is_quiet(now):
        digest = rhythm.next_digest(now, rules.digest_times, calendar)
    else:
        budget.push_count += 1
        return now, None
    return digest, digest


def start_day(budget: PushBudget, now: datetime) -> None:
    """The count begins anew with the day in Shanghai."""
    today = clock.local(now).date()
    if budget.push_day != today:
        budget.push_day, budget.push_count = today, 0


def _planned(kind: str, sources: Iterable[str]) -> set[tuple[str, int]]:
    rows = Delivery.objects.filter(recipient_kind=kind, source__in=list(sources))
    return set(rows.values_list("source", "recipient_id"))


def _waiting(kind: str, ids: Sequence[int]) -> set[int]:
    rows = Delivery.objects.filter(
        recipient_kind=kind, recipient_id__in=ids, state__in=Delivery.WAITING, digest_at__isnull=False
    )
    return set(rows.values_list("recipient_id", flat=True))


def _delivery(
    plan: Plan, code: str, now: datetime, recipient: Recipient, at: datetime, digest_at: datetime | None = None
) -> Delivery:
    return Delivery(
        source=plan.source, kind=plan.kind, channel=code, recipient_kind=recipient.kind, recipient_id=recipient.id,
        text=plan.text[:200], path=plan.path, at_once=plan.at_once, created_at=now, next_try_at=at, digest_at=digest_at,
    )  # fmt: skip


def _write(rows: Sequence[Delivery], now: datetime) -> None:
    if not rows:
        return
    Delivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
    if any(row.next_try_at is not None and row.next_try_at <= now for row in rows):
        from governance.accounts.tasks import send_notifications

        transaction.on_commit(lambda: enqueue(send_notifications))
