"""A real Celery worker on the real broker, inside the test process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from celery.contrib.testing.worker import start_worker

from governance.celery import app


@contextmanager
def own_queue(name: str) -> Iterator[str]:
    """Everything sent meanwhile goes into a queue of this process alone: parallel tests share the broker."""
    before = app.conf.task_default_queue
    app.conf.task_default_queue = f"{name}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}-{os.getpid()}"
    try:
        yield app.conf.task_default_queue
    finally:
        app.conf.task_default_queue = before


@contextmanager
def own_worker(name: str) -> Iterator[None]:
    """A worker for a queue of this process alone."""
    with own_queue(name) as queue, start_worker(app, pool="solo", perform_ping_check=False, queues=[queue]):
        yield
