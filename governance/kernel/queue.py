"""Sending tasks. The broker may be away: then the reconciler finds the work in the database."""

from __future__ import annotations

import logging
from typing import Any

from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def enqueue(task: Any, *args: Any, **options: Any) -> bool:
    """Send a task; False (and a log line) where the broker is away. Never raises for that: nothing is lost by it."""
    try:
        task.apply_async(args=args, retry=False, **options)
        return True
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("broker away, %s left to the reconciler: %s", task.name, error)
        return False
