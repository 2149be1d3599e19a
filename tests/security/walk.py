"""Every page of the matrix as somebody who may read it: what tests of the edges are tried on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from governance.accounts.models import Notice
from governance.kernel import clock
from governance.kernel.tenancy.context import no_district
from requests_intake.models import Attachment
from tests.addressed import objects_of
from tests.cases import report
from tests.test_permission_matrix import PEOPLE, cast, client_of, path_of, rows  # noqa: F401 the fixture
from tests.world import World, make_district

READERS = [name for name in PEOPLE if name not in ("foreign", "foreign_admin")]


class Pages:
    """Addresses of one district and people who ask for them. Whoever may read a page is taken from the matrix."""

    def __init__(self, world: World, folder: Any) -> None:
        ticket = report(world)
        (folder / "a.jpg").write_bytes(b"any bytes")
        photo = Attachment.objects.create(
            ticket=ticket, purpose="report", file="a.jpg", thumbnail="a.jpg", width=1, height=1, size=9,
            sha256="0" * 64, created_at=clock.now(),
        )  # fmt: skip
        notice = Notice.objects.create(
            membership=world.members["worker"], source="test", kind="dispatch", text="新工单", created_at=clock.now()
        )
        foreign = make_district("t2", 2)
        self.world, self.ticket = world, ticket
        self.values = {"number": ticket.number, "photo": photo.pk, "notice": notice.pk, "objects": objects_of(world)}
        with no_district():
            self.clients = {name: client_of(name, world, foreign, ticket) for name in READERS}

    def path(self, name: str) -> str:
        return f"/d/{self.world.district.code}{path_of(name, self.values)}"

    def of(self, method: str, statuses: tuple[int, ...] = (200,)) -> Iterator[tuple[str, Client, str]]:
        """Name, a client that gets one of ``statuses``, and address; one for each address that somebody may use."""
        for name, found, expected in rows():
            if found != method:
                continue
            allowed = [who for who, status in zip(PEOPLE, expected, strict=True) if status in statuses]
            who = next((each for each in allowed if each in self.clients), None)
            if who is not None:
                yield name, self.clients[who], self.path(name)


@pytest.fixture
def pages(cast: World, settings: Any, tmp_path: Any) -> Iterator[Pages]:  # noqa: F811
    settings.MEDIA_ROOT = tmp_path
    made = Pages(cast, tmp_path)
    with no_district():
        yield made
