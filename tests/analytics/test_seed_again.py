"""The demo's month meets somebody who reports while it is lived."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from psycopg2.errors import DeadlockDetected, LockNotAvailable

from analytics.management.commands import seed_demo


def refusing(monkeypatch: pytest.MonkeyPatch, kind: type[Exception], times: int) -> list[str]:
    lived: list[str] = []

    def simulate(name: str, *, district: str, **options: Any) -> None:
        lived.append(district)
        if len(lived) <= times:
            raise OperationalError("refused") from kind("refused")

    monkeypatch.setattr(seed_demo, "call_command", simulate)
    return lived


def test_a_month_that_met_a_deadlock_is_lived_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    lived = refusing(monkeypatch, DeadlockDetected, 2)
    seed_demo.Command()._live("s0")
    assert lived == ["s0"] * 3


@pytest.mark.parametrize(("kind", "times", "tries"), [(DeadlockDetected, 3, 3), (LockNotAvailable, 1, 1)])
def test_what_does_not_get_better_is_said(
    monkeypatch: pytest.MonkeyPatch, kind: type[Exception], times: int, tries: int
) -> None:
    lived = refusing(monkeypatch, kind, times)
    with pytest.raises(OperationalError):
        seed_demo.Command()._live("s0")
    assert len(lived) == tries
