"""Two sweeps of one district at the same moment, the first standing still before its commit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from governance.kernel.tenancy.context import district_scope
from tests.world import World


def two_sweeps(
    monkeypatch: pytest.MonkeyPatch, world: World, mover: type[Any], sweep: Callable[[], int]
) -> dict[str, int]:
    """How many each of two sweeps fired (``first``, ``second``); the second must pass by without waiting.

    ``mover``: the class whose ``flush`` the first sweep halts after, its rows locked and not yet committed. A lock
    waited for longer than 3 s and whatever else goes wrong in a thread fails the test.
    """
    reached, go_on = threading.Event(), threading.Event()
    real_flush = mover.flush
    results: dict[str, int] = {}
    errors: list[BaseException] = []

    def slow_flush(self: Any) -> object:
        done = real_flush(self)
        if threading.current_thread().name == "first":
            reached.set()
            assert go_on.wait(20)
        return done

    monkeypatch.setattr(mover, "flush", slow_flush)

    def run(name: str) -> None:
        try:
            with district_scope(world.district.pk):
                with transaction.atomic(), connection.cursor() as cursor:
                    cursor.execute("SET lock_timeout = '3s'")
                results[name] = sweep()
        except BaseException as error:  # noqa: BLE001 - whatever happened in the thread is judged by the test
            errors.append(error)
        finally:
            connection.close()

    first = threading.Thread(target=run, args=("first",), name="first")
    first.start()
    assert reached.wait(20)
    second = threading.Thread(target=run, args=("second",), name="second")
    second.start()
    second.join(20)
    go_on.set()
    first.join(20)
    assert not errors
    return results
