"""回执 and 登记纸 (S3-14): number and code to scan on paper, and asking with them; nothing of the person on it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from requests_intake.models import Ticket
from requests_intake.presentation import slip
from tests.cases import CONTENT, PHONE, SECRET, report
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def scanned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were drawn as codes."""
    found: list[str] = []
    real = slip.code_to_scan

    def draw(address: str) -> str:
        found.append(address)
        return real(address)

    monkeypatch.setattr("requests_intake.views.desk_paper.code_to_scan", draw)
    return found


def test_a_paper_slip_is_entered_and_its_number_printed_and_asked_with(world: World, scanned: list[str]) -> None:
    """S3-14. G paper slip; W entered; T number printed; the resident asks by number and the phone's last four."""
    desk = world.sign_in(Client(), "staff")
    said = {
        "channel": "letter_box", "content": CONTENT, "building": world.building.pk, "name": "李小明", "phone": PHONE,
        "has_consented": "on", "idempotency_key": "k1",
    }  # fmt: skip
    done = desk.post("/desk/new/", said, follow=True)
    ticket = Ticket.objects.get()
    assert f"/desk/t/{ticket.number}/slip/" in done.content.decode()
    page = desk.get(f"/desk/t/{ticket.number}/slip/").content.decode()
    assert ticket.number in page
    assert "手机号后四位" in page
    # Whoever scans it finds the number filled in and is asked for the proof.
    address = urlsplit(scanned[0])
    assert parse_qs(address.query) == {"number": [ticket.number]}
    assert address.path == f"/d/{world.district.code}/track/"
    resident = Client()
    form = resident.get(f"{address.path}?{address.query}").content.decode()
    assert f'value="{ticket.number}"' in form
    answer = resident.post(address.path, {"number": ticket.number, "secret": SECRET})
    assert answer.status_code == 302
    assert CONTENT in resident.get(answer.headers["Location"]).content.decode()


@pytest.mark.parametrize("paper", ["", "80", "a5", "nothing"])
def test_nothing_of_the_matter_or_the_person_stands_on_the_slip(world: World, paper: str) -> None:
    ticket = report(world)
    page = world.sign_in(Client(), "staff").get(f"/desk/t/{ticket.number}/slip/?paper={paper}").content.decode()
    for words in (CONTENT, CONTENT[:8], "李", PHONE, f">{SECRET}<"):
        assert words not in page


def test_the_code_without_a_phone_is_on_the_slip_of_who_recorded_it_for_half_an_hour(world: World) -> None:
    desk = world.sign_in(Client(), "staff")
    said = {"channel": "door", "content": CONTENT, "building": world.building.pk, "idempotency_key": "k1"}
    code = desk.post("/desk/new/", said, follow=True).context["code"]
    ticket = Ticket.objects.get()
    assert code in desk.get(f"/desk/t/{ticket.number}/slip/").content.decode()
    other = world.sign_in(Client(), "secretary").get(f"/desk/t/{ticket.number}/slip/").content.decode()
    assert code not in other
    assert "登记时告诉您的" in other


def test_the_worker_gives_a_slip_at_the_door(world: World) -> None:
    phone = world.sign_in(Client(), "worker")
    said: dict[str, Any] = {
        "content": CONTENT, "place": f"grid-{world.grid.pk}", "for_resident": "on", "channel": "building_head",
        "idempotency_key": "k1",
    }  # fmt: skip
    home = phone.post("/m/report/", said, follow=True).content.decode()
    ticket = Ticket.objects.get()
    assert ticket.channel == "building_head"
    assert f"/desk/t/{ticket.number}/slip/?paper=80" in home
    assert "查询码：" in phone.get(f"/desk/t/{ticket.number}/slip/?paper=80").content.decode()


def test_who_may_not_see_the_ticket_prints_nothing_of_it(world: World) -> None:
    ticket = report(world)
    assert world.sign_in(Client(), "other_secretary").get(f"/desk/t/{ticket.number}/slip/").status_code == 404
    assert Client().get(f"/desk/t/{ticket.number}/slip/").status_code == 302


def test_the_blank_form_leads_to_reporting_oneself(world: World, scanned: list[str]) -> None:
    page = world.sign_in(Client(), "staff").get("/desk/paper/").content.decode()
    assert "春晓社区" in page
    assert "意见箱" in page
    assert urlsplit(scanned[0]).path == f"/d/{world.district.code}/report/"
    assert world.sign_in(Client(), "official").get("/desk/paper/").status_code == 403
