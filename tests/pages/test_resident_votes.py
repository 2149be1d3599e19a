"""推选楼栋长 on the resident's phone (S3-17): signed in, one vote a household, the second replaces the first."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from governance.accounts.actions import residents
from grids.posts.actions.nominations import call_off_nomination
from grids.posts.models import Candidate, HouseholdVote
from tests.households.homes import PHONE, home, with_rooms
from tests.pages.test_grid_circle import signed_in
from tests.posts.cast import nomination
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    codes: list[str] = []
    made = residents.request_code

    def remember(**said: Any) -> Any:
        found = made(**said)
        codes.append(found.code)
        return found

    monkeypatch.setattr("requests_intake.views.resident_login.request_code", remember)
    return codes


def test_a_household_votes_and_changes_its_mind(world: World, sent: list[str]) -> None:
    room = with_rooms(world.building, units=1, floors=1, doors=1)[0]
    home(world.building, room, world.worker)
    row = nomination(world, "王楼长", "李热心")
    wang, li = Candidate.objects.filter(round=row).order_by("pk")
    client = signed_in(sent, PHONE)
    listed = client.get("/d/t1/votes/").content.decode()
    assert f"/d/t1/votes/{row.pk}/" in listed
    assert "去投票" in listed
    address = f"/d/t1/votes/{row.pk}/"
    text = client.get(address).content.decode()
    assert "王楼长" in text
    assert "13811110000" not in text
    empty = client.post(address, {"idempotency_key": str(uuid4())})
    assert empty.status_code == 422
    assert "请选一位" in empty.content.decode()
    for candidate in (wang, li):
        assert client.post(address, {"candidate": candidate.pk, "idempotency_key": str(uuid4())}).status_code == 302
    kept = HouseholdVote.objects.order_by("pk")
    assert [(vote.candidate_id, vote.replaced_at is None) for vote in kept] == [(wang.pk, False), (li.pk, True)]
    assert "您家投过了" in client.get(address).content.decode()
    assert "您家投过了" in client.get("/d/t1/votes/").content.decode()
    # Whom a household chose on its own phone is shown to nobody.
    keeper = world.sign_in(Client(), "worker")
    seen = keeper.get(f"/d/t1/m/posts/nominations/{row.pk}/").content.decode()
    assert "自己投过了" in seen
    assert "选了李热心" not in seen
    at_door = keeper.get(f"/d/t1/m/posts/nominations/{row.pk}/vote/{kept[0].household_id}/").content.decode()
    assert "checked" not in at_door.split("</main>")[0]
    call_off_nomination(row, actor=world.secretary)
    assert client.get(address).status_code == 404


def test_who_is_in_no_household_of_the_building_is_told_what_to_do(world: World, sent: list[str]) -> None:
    row = nomination(world)
    client = signed_in(sent, PHONE)
    assert "请网格员上门时登记" in client.get("/d/t1/votes/").content.decode()
    assert client.get(f"/d/t1/votes/{row.pk}/").status_code == 404
    assert Client().get("/d/t1/votes/").status_code == 302
