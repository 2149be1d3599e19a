"""One's own inbox for programs."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from governance.accounts.models import Notice
from governance.kernel import clock
from tests.world import World

pytestmark = pytest.mark.django_db
LIST = "/api/v1/notices/"


def notices(world: World, name: str, count: int, **changes: Any) -> list[Notice]:
    first = Notice.objects.count()
    values = {
        "membership": world.members[name],
        "kind": "dispatch",
        "text": "新工单",
        "created_at": clock.now(),
        **changes,
    }
    return Notice.objects.bulk_create(Notice(source=f"test:{n}", **values) for n in range(first, first + count))


def test_one_reads_the_own_inbox_and_nobody_elses(world: World, client: Client) -> None:
    notices(world, "worker", 2)
    notices(world, "worker", 1, is_critical=True, read_at=clock.now())
    notices(world, "leader", 4)
    page = world.sign_in(client, "worker")
    counts = [len(page.get(LIST, said).json()["results"]) for said in ({}, {"unread": "true"}, {"is_critical": "true"})]
    assert counts == [3, 2, 1]
    assert page.get(LIST, {"membership": 1}).status_code == 400


def test_marking_read_touches_the_own_ones_alone_and_repeats_its_answer(world: World, client: Client) -> None:
    (mine,), (other,) = notices(world, "worker", 1), notices(world, "leader", 1)
    page = world.sign_in(client, "worker")

    def read(**said: Any) -> Any:
        return page.post(f"{LIST}read/", said, content_type="application/json", headers={"Idempotency-Key": key})

    key = str(uuid4())
    assert read(notice=other.pk).json() == {"count": 0}
    key = str(uuid4())
    assert [read().json() for _twice in range(2)] == [{"count": 1}] * 2
    assert Notice.objects.get(pk=mine.pk).read_at is not None
    assert Notice.objects.get(pk=other.pk).read_at is None
