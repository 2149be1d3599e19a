"""Sending what is due: claim rows, send without a transaction, record what became of it.

A claim raises ``attempts`` and puts the next try off, so that a worker who dies leaves the row to a later one and
stops nobody. Who was slower than the claim records nothing.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from governance.accounts.models import Delivery, Notice, NotificationPreference, Robot
from governance.accounts.models.notification import PushBudget
from governance.accounts.notifications import rhythm
from governance.accounts.notifications.channels import Message, Permanent, Temporary, channel
from governance.accounts.notifications.links import absolute
from governance.accounts.notifications.planning import start_day
from governance.accounts.notifications.preferences import rules_of_district
from governance.accounts.notifications.recipients import MEMBER, ROBOT, Recipient, still_wants
from governance.kernel import clock
from governance.kernel.calendar_store import work_calendar

logger = logging.getLogger(__name__)

BATCH = 20  # rows claimed at once; at ten seconds each they are through before the claim ends
CLAIM = timedelta(minutes=10)


@dataclass(frozen=True)
class Parcel:
    """Rows that go out as one message to one recipient: one row, or those of a digest."""

    rows: tuple[Delivery, ...]

    @property
    def recipient(self) -> Recipient:
        return Recipient(self.rows[0].recipient_kind, self.rows[0].recipient_id)


def send_due() -> int:
    """Send everything due in the district in scope; returns how many messages were taken. No transaction is open."""
    sent = 0
    while True:
        claimed, parcels = _claim()
        sent += sum(_send(parcel) for parcel in parcels)
        if not claimed:
            return sent


def _claim() -> tuple[int, list[Parcel]]:
    """How many due rows were looked at, and the messages they make. Rows put off until later make none."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One claims at a time, so that a digest is never torn into two messages. Sending runs side by side.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('delivery'), current_setting('app.district')::int)")
        now = clock.now()
        due = _due(now)
        rows = list(due.order_by("next_try_at", "pk")[:BATCH])
        singles = [row for row in rows if row.digest_at is None]
        late = [row for row in singles if not row.at_once and rhythm.is_quiet(now)]
        if late:
            # Left over by a broker that was away, or by a channel that failed: not at night.
            Delivery.objects.filter(pk__in=[row.pk for row in late]).update(next_try_at=rhythm.after_quiet(now))
        parcels = [Parcel((row,)) for row in singles if row not in late]
        gathered = {(row.recipient_kind, row.recipient_id) for row in rows if row.digest_at is not None}
        for kind, pk in sorted(gathered):
            parcels += _digests(kind, pk, now)
        ids = [row.pk for parcel in parcels for row in parcel.rows]
        Delivery.objects.filter(pk__in=ids).update(attempts=F("attempts") + 1, next_try_at=now + CLAIM)
        for parcel in parcels:
            for row in parcel.rows:
                row.attempts += 1
        return len(rows), parcels


def _due(now: datetime) -> QuerySet[Delivery]:
    waiting = Delivery.objects.filter(state__in=Delivery.WAITING, next_try_at__lte=now)
    return waiting.select_for_update(skip_locked=True, of=("self",))


def _digests(kind: str, pk: int, now: datetime) -> list[Parcel]:
    """Everything gathered for one recipient, one message a channel; nothing where the day's number is used up."""
    rows = list(_due(now).filter(recipient_kind=kind, recipient_id=pk, digest_at__isnull=False).order_by("pk"))
    fresh = [row for row in rows if row.attempts == 0]
    if fresh and not _counts(kind, pk, now, max(row.digest_at for row in fresh if row.digest_at)):
        later = rhythm.first_digest_of_a_later_day(now, rules_of_district().digest_times, work_calendar())
        Delivery.objects.filter(pk__in=[row.pk for row in fresh]).update(next_try_at=later, digest_at=later)
        rows = [row for row in rows if row.attempts > 0]
    by_channel: dict[str, list[Delivery]] = defaultdict(list)
    for row in rows:
        by_channel[row.channel].append(row)
    return [Parcel(tuple(each)) for each in by_channel.values()]


def _counts(kind: str, pk: int, now: datetime, digest_at: datetime) -> bool:
    """Count a digest as one push of the day, whatever the channels it goes by. False: the day's number is used up."""
    budgets = NotificationPreference.objects.filter(membership_id=pk) if kind == MEMBER else Robot.objects.filter(pk=pk)
    budget: PushBudget | None = budgets.select_for_update().first()
    if budget is None or budget.counted_digest == digest_at:
        return True
    start_day(budget, now)
    if budget.push_count >= rules_of_district().pushes_a_day:
        return False
    budget.push_count += 1
    budget.counted_digest = digest_at
    budget.save(update_fields=["push_day", "push_count", "counted_digest"])
    return True


def _send(parcel: Parcel) -> bool:
    """One message, whatever happens to it recorded."""
    way = channel(parcel.rows[0].channel)
    with transaction.atomic():
        kept, message = _compose(parcel)
        if message is None:
            return False
        address = way.address_of(parcel.recipient)
        if not address and not still_wants(parcel.recipient, way.code):
            _record(kept, Delivery.State.SKIPPED)
            return False
    try:
        if not address:
            raise Permanent("no_address")
        way.send(address, message)
    except Permanent as error:
        _record(kept, Delivery.State.DEAD, error.code)
        return False
    except Temporary as error:
        _try_later(kept, error.code)
        return False
    except Exception:
        # The reason is not one of those a channel knows: it is ours, and the others must still be sent.
        logger.exception("delivery %s could not be sent", kept[0].pk)
        _try_later(kept, "unexpected")
        return False
    _record(kept, Delivery.State.SENT)
    return True


def _compose(parcel: Parcel) -> tuple[list[Delivery], Message | None]:
    """The rows that still have something to say, and what they say; the others are ended here."""
    kept, words, path = [], [], ""
    notices = {} if parcel.recipient.kind != MEMBER else _notices(parcel.rows)
    for row in parcel.rows:
        said = _words(row, notices.get(row.source))
        if said and _is_open(row):
            kept.append(row)
            words.append(said[0])
            path = said[1]
    _record([row for row in parcel.rows if row not in kept], Delivery.State.SKIPPED)
    if not kept:
        return [], None
    if len(kept) == 1:
        return kept, Message(words[0], link=absolute(path))
    text = _("您有 {count} 条工作消息，请登录平台查看。").format(count=len(kept))
    return kept, Message(text, tuple(words), absolute("/home/"))


def _notices(rows: Sequence[Delivery]) -> dict[str, Notice]:
    ids = [int(row.source.partition(":")[2]) for row in rows if row.source.startswith("notice:")]
    return {f"notice:{notice.pk}": notice for notice in Notice.objects.filter(pk__in=ids, read_at=None)}


def _words(row: Delivery, notice: Notice | None) -> tuple[str, str] | None:
    """What is said and where it leads; None for a notice that was read or has gone meanwhile."""
    if row.text:
        return row.text, row.path
    if notice is None:
        return None
    return notice.brief or _("平台上有一条新消息，请登录查看。"), notice.path


def _is_open(row: Delivery) -> bool:
    """Whether the district still wants this kind of message sent."""
    rules = rules_of_district()
    if row.recipient_kind == ROBOT:
        return True
    if row.channel == "sms":
        return rules.sms_to_staff if row.recipient_kind == MEMBER else rules.sms_to_residents
    return rules.email_to_staff


def _record(rows: Sequence[Delivery], state: str, error: str = "") -> None:
    moment = clock.now()
    with transaction.atomic():
        for row in rows:
            mine = Delivery.objects.filter(pk=row.pk, attempts=row.attempts, state__in=Delivery.WAITING)
            # Who may be sent it again keeps the link; of what has left nobody needs it any more.
            rest = {} if state == Delivery.State.DEAD else {"path": ""}
            mine.update(state=state, last_error=error, next_try_at=None, ended_at=moment, **rest)
    if state == Delivery.State.DEAD and rows:
        logger.warning("%s deliveries are dead: %s", len(rows), error)


def _try_later(rows: Sequence[Delivery], error: str) -> None:
    moment = clock.now()
    with transaction.atomic():
        for row in rows:
            at = rhythm.next_try(row.attempts, moment, at_once=row.at_once)
            mine = Delivery.objects.filter(pk=row.pk, attempts=row.attempts, state__in=Delivery.WAITING)
            if at is None:
                mine.update(state=Delivery.State.DEAD, last_error=error, next_try_at=None, ended_at=moment)
            else:
                mine.update(state=Delivery.State.FAILED, last_error=error, next_try_at=at)
