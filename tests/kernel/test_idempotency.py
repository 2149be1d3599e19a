from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from governance.kernel import clock, idempotency
from governance.kernel.errors import Invalid
from tests.world import World

pytestmark = pytest.mark.django_db


def test_the_second_time_answers_the_first_result(world: World) -> None:
    calls = []

    def act() -> dict[str, int]:
        calls.append(1)
        return {"number": len(calls)}

    first = idempotency.once(principal="p", key="k", body={"a": 1}, act=act)
    second = idempotency.once(principal="p", key="k", body={"a": 1}, act=act)
    assert (first.result, first.replayed, second.result, second.replayed) == ({"number": 1}, False, {"number": 1}, True)
    assert len(calls) == 1


def test_the_same_key_with_another_body_is_refused(world: World) -> None:
    idempotency.once(principal="p", key="k", body={"a": 1}, act=dict)
    with pytest.raises(Invalid) as error:
        idempotency.once(principal="p", key="k", body={"a": 2}, act=dict)
    assert error.value.status == 422


def test_keys_of_two_people_do_not_meet(world: World) -> None:
    idempotency.once(principal="p", key="k", body=1, act=lambda: {"of": "p"})
    assert idempotency.once(principal="q", key="k", body=1, act=lambda: {"of": "q"}).result == {"of": "q"}


def test_records_are_kept_thirty_days(world: World) -> None:
    idempotency.once(principal="p", key="k", body=1, act=dict)
    assert idempotency.forget_old() == 0
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert idempotency.forget_old() == 1
