"""The handbook is one step from every page: its link stands on each page of the table of permissions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from governance.accounts.models import Notice, User
from governance.kernel import clock
from governance.kernel.tenancy.context import no_district
from requests_intake.models import Attachment
from tests.addressed import objects_of
from tests.cases import SECRET, report
from tests.test_permission_matrix import PEOPLE, path_of, rows
from tests.world import World

# Pages of other makes: the administration of the platform, the description of the API.
OTHERS = ("admin:", "api:")


@pytest.mark.django_db
def test_every_page_leads_to_the_handbook(world: World, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    ticket = report(world)
    (tmp_path / "a.jpg").write_bytes(b"any bytes")
    photo = Attachment.objects.create(
        ticket=ticket, purpose="report", file="a.jpg", thumbnail="a.jpg", width=1, height=1, size=9, sha256="0" * 64,
        created_at=clock.now(),
    )  # fmt: skip
    notice = Notice.objects.create(
        membership=world.members["worker"], source="test", kind="dispatch", text="新工单", created_at=clock.now()
    )
    values = {"number": ticket.number, "photo": photo.pk, "notice": notice.pk, "objects": objects_of(world)}
    world.users["platform"] = User.objects.create_superuser("platform", "a-password-for-tests")
    without, seen = [], 0
    with no_district():
        clients: dict[str, Client] = {}
        for name, method, statuses in rows():
            if method != "GET" or 200 not in statuses or name.startswith(OTHERS):
                continue
            who = PEOPLE[statuses.index(200)]
            client = clients.setdefault(who, signed_in(who, world, ticket.number))
            page = client.get(f"/d/{world.district.code}{path_of(name, values)}")
            assert page.status_code == 200, name
            if not page.headers["Content-Type"].startswith("text/html") or page.streaming:
                continue
            said = page.content.decode()
            if "<!doctype html>" not in said.lower():
                continue  # a part of a page
            seen += 1
            if "/help/" not in said:
                without.append(name)
    assert without == []
    assert seen > 60


def signed_in(who: str, world: World, number: str) -> Client:
    client = Client()
    if who == "requester":
        client.post(f"/d/{world.district.code}/track/", {"number": number, "secret": SECRET})
    elif who == "platform":
        client.force_login(world.users["platform"], backend="django.contrib.auth.backends.ModelBackend")
    elif who != "anonymous":
        world.sign_in(client, who)
    return client
