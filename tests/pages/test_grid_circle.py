"""网格圈 (S2-20a): residents write in their grid, staff answer, hide, and turn a message into a ticket exactly once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client

from governance.accounts.actions import residents
from governance.accounts.models import Resident
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotFound
from governance.privacy.holders import HOLDERS
from requests_intake.actions.grid_messages import (
    answer_message,
    find_message,
    flag_message,
    hide_message,
    post_message,
    show_message,
    turn_into_ticket,
)
from requests_intake.actions.submit import Report
from requests_intake.grid_circle import page_of, waiting
from requests_intake.models import GridMessage, Ticket
from requests_intake.privacy_messages import _due, _scrub
from tests.api.conftest import Client as ApiFactory
from tests.api.conftest import api  # noqa: F401 the fixture
from tests.cases import PHONE
from tests.world import World

pytestmark = pytest.mark.django_db
OTHER = "13912345678"
LAMP = "3单元灯坏了"


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


def signed_in(sent: list[str], phone: str = PHONE) -> Client:
    client = Client()
    assert client.post("/d/t1/login/", {"phone": phone}).status_code == 302
    assert client.post("/d/t1/login/code/", {"code": sent[-1]}).status_code == 302
    return client


def resident(sent: list[str], phone: str = PHONE) -> Resident:
    signed_in(sent, phone)
    return next(row for row in Resident.objects.all() if row.phone == phone)


def said(who: Resident, world: World, text: str = LAMP, **more: Any) -> GridMessage:
    return post_message(who, **{"grid_id": world.grid.pk, "text": text, "actor": Actor.public(), **more})


def say(client: Client, world: World, text: str = LAMP, **more: Any) -> Any:
    form = {"text": text, "idempotency_key": str(uuid4()), **more}
    return client.post(f"/d/t1/grid/{world.grid.pk}/post/", form)


def test_a_message_is_turned_into_a_ticket_and_its_writer_gets_the_number(world: World, sent: list[str]) -> None:
    """S2-20a. G message "3单元灯坏了"; W the worker taps 转工单; T prefilled, number to the poster, no duplicate."""
    poster, neighbour = signed_in(sent), signed_in(sent, OTHER)
    assert say(poster, world).status_code == 302
    message = GridMessage.objects.get()
    worker = world.sign_in(Client(), "worker")
    address = f"/talk/m/{message.pk}/ticket/"
    form = worker.get(address).context["form"]
    assert (form["content"].value(), form["place"].value()) == (LAMP, f"grid-{world.grid.pk}")
    filled = {"content": LAMP, "place": f"building-{world.building.pk}", "idempotency_key": str(uuid4())}
    done = worker.post(address, filled)
    ticket = Ticket.objects.get()
    assert done.headers["Location"] == f"/m/t/{ticket.number}/"
    assert (ticket.channel, ticket.content, ticket.building_id) == ("grid_message", LAMP, world.building.pk)
    assert ticket.requester is not None
    assert ticket.requester.phone == PHONE
    # Tapped twice, by the same form or a fresh one, by the same or another: there is one ticket, and it leads there.
    for again in ({**filled}, {**filled, "idempotency_key": str(uuid4())}):
        assert worker.post(address, again).headers["Location"] == f"/m/t/{ticket.number}/"
    assert worker.get(address).headers["Location"] == f"/m/t/{ticket.number}/"
    staff = world.sign_in(Client(), "staff")
    assert staff.post(address, filled).headers["Location"] == f"/desk/t/{ticket.number}/"
    assert Ticket.objects.count() == 1
    # The number stands in the thread for the poster and the staff, and opens the ticket; nobody else reads it.
    circle = f"/d/t1/grid/{world.grid.pk}/"
    own = poster.get(circle).content.decode()
    assert ticket.number in own
    assert LAMP in poster.get(f"/d/t1/t/{ticket.number}/").content.decode()
    others = neighbour.get(circle).content.decode()
    assert ticket.number not in others
    assert "社区接手了" in others
    assert ticket.number in worker.get(f"/talk/{world.grid.pk}/").content.decode()


def test_two_who_turn_it_at_the_same_moment_make_one_ticket(world: World, sent: list[str]) -> None:
    message = said(resident(sent), world)
    report = Report(content=LAMP, building_id=world.building.pk)
    first = turn_into_ticket(message, report, actor=world.worker)
    stale = GridMessage(pk=message.pk, grid_id=message.grid_id)
    with pytest.raises(DomainError) as refused:
        turn_into_ticket(stale, report, actor=world.staff)
    assert (refused.value.code, refused.value.data["number"]) == ("turned_already", first.ticket.number)
    assert Ticket.objects.count() == 1


# ---------------------------------------------------------------- who reads and writes
def test_only_who_is_signed_in_reads_and_writes(world: World, sent: list[str]) -> None:
    for path in ("grid/", f"grid/{world.grid.pk}/"):
        assert (
            Client().get(f"/d/t1/{path}").headers["Location"] == f"/d/t1/login/?{urlencode({'next': f'/d/t1/{path}'})}"
        )
    assert say(Client(), world).headers["Location"] == "/d/t1/login/"
    assert not GridMessage.objects.exists()
    assert signed_in(sent).get("/d/t1/grid/999999/").status_code == 404
    assert signed_in(sent, OTHER).get(f"/d/t1/grid/{world.community.pk}/").status_code == 404


def test_neither_name_nor_number_of_a_neighbour_is_shown(world: World, sent: list[str]) -> None:
    who = resident(sent)
    Resident.objects.filter(pk=who.pk).update(name="李小明")
    who.refresh_from_db()
    said(who, world)
    for page in (
        signed_in(sent, OTHER).get(f"/d/t1/grid/{world.grid.pk}/"),
        world.sign_in(Client(), "worker").get(f"/talk/{world.grid.pk}/"),
    ):
        html = page.content.decode()
        assert LAMP in html
        assert "李小明" not in html
        assert PHONE not in html
        assert PHONE[-4:] not in html


@pytest.mark.parametrize(
    "text", ["打我电话 13800001234", "电话：138-0000-1234", "座机 0371 6666 8888", " ", "字" * 501]
)
def test_what_may_not_stand_in_public_is_refused_and_stays_in_the_form(
    world: World, sent: list[str], text: str
) -> None:
    page = say(signed_in(sent), world, text)
    assert page.status_code == 422
    assert text.strip() in page.content.decode()
    assert not GridMessage.objects.exists()


def test_it_is_written_once_and_not_too_often(world: World, sent: list[str]) -> None:
    client, key = signed_in(sent), str(uuid4())
    for _again in range(2):
        assert say(client, world, idempotency_key=key).status_code == 302
    assert GridMessage.objects.count() == 1
    for n in range(4):
        assert say(client, world, f"第 {n} 句").status_code == 302
    page = say(client, world, "太多了")
    assert page.status_code == 429
    assert "歇一会儿" in page.content.decode()
    assert "太多了" in page.content.decode()
    assert GridMessage.objects.count() == 5


def test_staff_answer_in_their_own_circles_alone(world: World, sent: list[str]) -> None:
    message = said(resident(sent), world)
    for name in ("worker", "leader", "staff", "secretary"):
        answer_message(message, text="明天去看", actor=world.actor(name))
    for name in ("other_worker", "other_secretary"):
        with pytest.raises(NotFound):
            answer_message(message, text="明天去看", actor=world.actor(name))
    for name in ("dispatcher", "official", "admin", "handler"):
        assert world.sign_in(Client(), name).get(f"/talk/{world.grid.pk}/").status_code == 403, name
    _page, lines = page_of(world.grid.pk, 1)
    assert [len(line["answers"]) for line in lines] == [4]
    answer = GridMessage.objects.filter(parent=message)[0]
    with pytest.raises(Invalid, match="只有居民的消息"):
        turn_into_ticket(answer, Report(content=LAMP), actor=world.worker)


def test_what_waits_for_an_answer_is_counted(world: World, sent: list[str]) -> None:
    who = resident(sent)
    first, second = said(who, world), said(who, world, "第二句")
    assert waiting(world.staff) == 2
    answer_message(first, text="明天去看", actor=world.staff)
    turn_into_ticket(second, Report(content="第二句", building_id=world.building.pk), actor=world.staff)
    assert (waiting(world.staff), waiting(world.other_secretary)) == (0, 0)


# ---------------------------------------------------------------- what should not stand there
def test_hidden_with_a_reason_it_is_seen_by_its_writer_alone_and_can_come_back(world: World, sent: list[str]) -> None:
    poster, neighbour = signed_in(sent), signed_in(sent, OTHER)
    say(poster, world)
    message = GridMessage.objects.get()
    circle = f"/d/t1/grid/{world.grid.pk}/"
    staff = world.sign_in(Client(), "staff")
    assert staff.post(f"/talk/m/{message.pk}/hide/", {"idempotency_key": str(uuid4())}).status_code == 422
    said = {"reason": "private", "idempotency_key": str(uuid4())}
    assert staff.post(f"/talk/m/{message.pk}/hide/", said).status_code == 302
    assert LAMP not in neighbour.get(circle).content.decode()
    own = poster.get(circle).content.decode()
    assert LAMP in own
    assert "写了别人的隐私" in own
    assert staff.post(f"/talk/m/{message.pk}/show/").status_code == 302
    assert LAMP in neighbour.get(circle).content.decode()


def test_a_neighbour_reports_a_message_once(world: World, sent: list[str]) -> None:
    message, other = said(resident(sent), world), resident(sent, OTHER)
    for _again in range(2):
        flag_message(other, grid_id=world.grid.pk, message_id=message.pk, actor=Actor.public())
    assert [line["flags"] for line in page_of(world.grid.pk, 1)[1]] == [1]
    with pytest.raises(NotFound):
        flag_message(other, grid_id=world.grid2.pk, message_id=message.pk, actor=Actor.public())


def test_who_hides_is_of_the_grid(world: World, sent: list[str]) -> None:
    message = said(resident(sent), world)
    for act in (
        lambda who: hide_message(message, reason="other", actor=who),
        lambda who: show_message(message, actor=who),
        lambda who: find_message(message.pk, actor=who),
    ):
        with pytest.raises(NotFound):
            act(world.other_secretary)


# ---------------------------------------------------------------- people's data
def test_what_was_said_is_copied_and_erased_on_request_and_after_its_term(world: World, sent: list[str]) -> None:
    who = resident(sent)
    message = said(who, world)
    holder = HOLDERS[[each.export.__module__ for each in HOLDERS].index("requests_intake.privacy_messages")]
    assert LAMP in str(holder.export(PHONE))
    assert holder.preview(PHONE).objects == 1
    assert holder.erase(PHONE).objects == 1
    message.refresh_from_db()
    assert LAMP not in message.text
    assert (message.poster_name, message.poster_phone, message.poster_hash) == ("", "", "")
    assert holder.export(PHONE) == []
    late = said(who, world, "第二句")
    assert _due(clock.now()) == [late.pk]
    assert _scrub([late.pk])[0] == 1
    assert _due(clock.now()) == []


def test_the_circle_is_found_by_the_building(world: World, sent: list[str]) -> None:
    client = signed_in(sent)
    page = client.get("/d/t1/grid/", {"q": "春晓花园1号楼"})
    assert f"/d/t1/grid/{world.grid.pk}/" in page.content.decode()
    client.get(f"/d/t1/grid/{world.grid.pk}/")
    assert client.get("/d/t1/grid/").headers["Location"] == f"/d/t1/grid/{world.grid.pk}/"


def test_programs_of_the_staff_do_the_same(world: World, sent: list[str], api: ApiFactory) -> None:  # noqa: F811
    message = said(resident(sent), world)
    worker = api("worker")
    path = f"/api/v1/circles/messages/{message.pk}"
    assert worker.post(f"{path}/answer/", {"text": "明天去看"}).status_code == 201
    assert worker.post(f"{path}/hide/", {"reason": "other"}).json() == {"id": message.pk, "hidden": True}
    assert worker.post(f"{path}/show/", {}).json()["hidden"] is False
    made = worker.post(f"{path}/ticket/", {"content": LAMP, "building": world.building.pk})
    assert made.status_code == 201, made.content
    again = worker.post(f"{path}/ticket/", {"content": LAMP})
    assert (again.status_code, again.json()["code"]) == (409, "turned_already")
    line = worker.get(f"/api/v1/circles/{world.grid.pk}/").json()[0]
    assert (line["number"], [each["text"] for each in line["answers"]]) == (made.json()["number"], ["明天去看"])
    assert PHONE not in str(line)
    assert api("other_worker").get(f"/api/v1/circles/{world.grid.pk}/").status_code == 404
