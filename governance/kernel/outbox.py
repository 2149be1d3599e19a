"""Transitions are the outbox: written with the change, told afterwards.

Subscribers come in two kinds. Those *in the transaction* (search tokens, statistics, audit) run with the move and fail
with it. Those *after commit* (telling people) run in a task; the move stands whatever becomes of them, and a row that
could not be told stays undelivered and is tried again.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction

from governance.kernel import clock
from governance.kernel.models import Transition
from governance.kernel.queue import enqueue

logger = logging.getLogger(__name__)

Subscriber = Callable[[Sequence[Any]], None]

_in_transaction: dict[type[Transition], list[Subscriber]] = defaultdict(list)
_after_commit: dict[type[Transition], list[Subscriber]] = defaultdict(list)
_told_by_caller: ContextVar[bool] = ContextVar("told_by_caller", default=False)


def in_transaction(model: type[Transition]) -> Callable[[Subscriber], Subscriber]:
    """Register a subscriber that is part of the move."""

    def register(subscriber: Subscriber) -> Subscriber:
        _in_transaction[model].append(subscriber)
        return subscriber

    return register


def after_commit(model: type[Transition]) -> Callable[[Subscriber], Subscriber]:
    """Register a subscriber that tells people; it must be idempotent on the transition's id."""

    def register(subscriber: Subscriber) -> Subscriber:
        _after_commit[model].append(subscriber)
        return subscriber

    return register


@contextmanager
def told_by_caller() -> Iterator[None]:
    """No task is sent after these moves: who makes thousands of them in one transaction calls ``deliver`` itself."""
    token = _told_by_caller.set(True)
    try:
        yield
    finally:
        _told_by_caller.reset(token)


def outbox_models() -> list[type[Transition]]:
    return list(_after_commit)


def write(transitions: Sequence[Transition], *, tell: bool = True) -> None:
    """Insert transitions (all of one model) and run the subscribers that belong to the move.

    ``tell=False`` (replayed or bulk-loaded history) marks them delivered at once: nobody is notified.
    """
    if not transitions:
        return
    model = type(transitions[0])
    moment = clock.now()
    for row in transitions:
        row.recorded_at = moment
        row.delivered_at = None if tell else moment
    model._default_manager.bulk_create(transitions)
    for subscriber in _in_transaction[model]:
        subscriber(transitions)
    if tell and not _told_by_caller.get():
        from governance.kernel.tasks import deliver_outbox

        transaction.on_commit(lambda: enqueue(deliver_outbox))


def deliver(model: type[Transition], *, limit: int = 500) -> int:
    """Tell people about undelivered moves of the district in scope. Returns how many were marked delivered.

    Runs in one transaction per batch; two deliverers never take the same row (SKIP LOCKED).
    """
    delivered, last_id = 0, 0
    while True:
        with transaction.atomic():
            rows = list(
                model._default_manager.select_for_update(skip_locked=True, of=("self",))
                .filter(delivered_at=None, pk__gt=last_id)
                .order_by("pk")[:limit]
            )
            if not rows:
                return delivered
            last_id = rows[-1].pk
            told = _tell(model, rows)
            model._default_manager.filter(pk__in=[row.pk for row in told]).update(delivered_at=clock.now())
            delivered += len(told)


def _tell(model: type[Transition], rows: list[Transition]) -> list[Transition]:
    try:
        with transaction.atomic():
            for subscriber in _after_commit[model]:
                subscriber(rows)
        return rows
    except Exception:
        if len(rows) == 1:
            logger.exception("transition %s could not be told; it stays in the outbox", rows[0].pk)
            return []
    # One row spoils the batch: find it, tell the others.
    return [row for each in rows for row in _tell(model, [each])]
