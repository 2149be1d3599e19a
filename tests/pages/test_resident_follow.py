"""Following a ticket without an account, and what the requester may do with it. Requests open their own scope."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from governance.kernel import clock
from governance.kernel.errors import DomainError
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions import follow
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.follow import prove_follower
from requests_intake.actions.handle import sign_order
from requests_intake.models import Note, Rating, Ticket, TicketTransition
from tests.pages.residents import (
    PHONE,
    SAID,
    again,
    code_on,
    follower,
    key,
    page,
    report,
    send,
    solved,
)
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_storage(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


# ---------------------------------------------------------------- following
@pytest.mark.parametrize("secret", ["5678", " ５６７８ ", PHONE])
def test_number_and_phone_tail_open_the_ticket(world: World, client: Client, secret: str) -> None:
    ticket = report(client, world)
    typed = ticket.number.replace("-", "")
    stranger = Client()
    answer = stranger.post("/d/t1/track/", {"number": f" {typed[:6]} {typed[6:]}", "secret": secret})
    assert answer["Location"] == f"/d/t1/t/{ticket.number}/"
    text = page(stranger.get(answer["Location"]))
    assert "网格员正在办" in text
    assert "答应您" in text
    assert world.grid_team.name in text
    assert "周网格员" not in text, "no member of staff by name"


def test_a_code_opens_the_ticket_however_it_is_typed(world: World, client: Client) -> None:
    ticket = report(client, world, phone="")
    code = code_on(client.get(f"/d/t1/done/{ticket.number}/"))
    assert follower(world, ticket, code.lower())[1].status_code == 302
    assert follower(world, ticket, code.replace(" ", "-"))[1].status_code == 302
    assert follower(world, ticket, code[:-1])[1].status_code == 422


def test_a_wrong_secret_and_an_unknown_number_get_the_same_answer(world: World, client: Client) -> None:
    ticket = report(client, world)
    stranger, wrong = follower(world, ticket, "0000")

    def sentence(answer: Any) -> list[str]:
        return re.findall(r'role="alert">.*?</p>', page(answer, 422), re.S)

    unknown = stranger.post("/d/t1/track/", {"number": "260101-00014", "secret": "0000"})
    mistyped = stranger.post("/d/t1/track/", {"number": "hello", "secret": "0000"})
    assert sentence(wrong)
    assert sentence(wrong) == sentence(unknown) == sentence(mistyped)


def test_five_wrong_tails_lock_the_ticket_for_half_an_hour(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = report(client, world)
    for _n in range(4):
        assert follower(world, ticket, "0000")[1].status_code == 422
    assert follower(world, ticket, "5678")[1].status_code == 302, "the right one forgives"
    for _n in range(5):
        assert follower(world, ticket, "0000")[1].status_code == 422
    assert follower(world, ticket, "5678")[1].status_code == 422
    with district_transaction(world.district):
        assert AuditEvent.objects.filter(action="follow_lock", object_id=ticket.pk, succeeded=False).count() == 1
    assert client.get(f"/d/t1/t/{ticket.number}/").status_code == 200, "who has proved it stays in"
    later = clock.now() + timedelta(minutes=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert follower(world, ticket, "0000")[1].status_code == 422
    assert again(world, ticket).follow_failures == 1, "counted anew"
    assert follower(world, ticket, "5678")[1].status_code == 302


def test_a_try_is_counted_from_what_is_stored_and_not_from_what_was_read(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = report(client, world)
    claim = follow._claim_try

    def after_others(found: Ticket) -> bool:
        # Between the reading and the counting, five other tries have been made.
        Ticket.objects.filter(pk=found.pk).update(
            follow_failures=5, follow_locked_until=clock.now() + timedelta(minutes=30)
        )
        return claim(found)

    monkeypatch.setattr(follow, "_claim_try", after_others)
    with district_transaction(world.district), pytest.raises(DomainError, match="对不上"):
        prove_follower(ticket.number, "5678")


def test_a_stranger_sees_a_404_that_asks_for_the_proof(world: World, client: Client) -> None:
    ticket = report(client, world)
    for number in (ticket.number, "260101-00014"):
        text = page(Client().get(f"/d/t1/t/{number}/"), 404)
        assert SAID not in text
        assert f'value="{number}"' in text
    assert world.sign_in(Client(), "worker").get(f"/t/{ticket.number}/").status_code == 404


def test_home_shows_the_ticket_last_reported_here(world: World, client: Client) -> None:
    ticket = report(client, world)
    text = page(client.get("/d/t1/"))
    assert f"/d/t1/t/{ticket.number}/" in text
    assert SAID in text
    assert SAID not in page(Client().get("/d/t1/"))


def test_the_building_of_last_time_is_offered_and_may_be_refused(world: World, client: Client) -> None:
    report(client, world)
    assert f'name="building" value="{world.building.pk}"' in page(client.get("/d/t1/report/"))
    refused = page(send(client, look="elsewhere", building=world.building.pk))
    assert 'name="address"' in refused
    assert SAID in refused
    assert f'name="building" value="{world.building.pk}"' not in refused


def test_the_timeline_speaks_plainly_and_keeps_internal_notes_inside(world: World, client: Client) -> None:
    ticket = report(client, world)
    with district_transaction(world.district):
        sign_order(ticket, actor=world.worker)
        escalate_ticket(ticket, actor=world.worker, note="内部说明不给居民看")
    text = page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert "网格交给社区" in text
    assert "社区正在办" in text
    assert "内部说明不给居民看" not in text


# ---------------------------------------------------------------- what the requester may do
def test_a_good_face_closes(world: World, client: Client) -> None:
    ticket = solved(world, report(client, world))
    text = page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert "换了灯泡，亮了。" in text
    faces = re.findall(r'name="face" value="(\w+)"[^>]*>', text)
    assert "您满意吗" in page(client.get("/d/t1/"))
    assert len(faces) == 3
    client.post(f"/d/t1/t/{ticket.number}/rate/", {**key(), "face": faces[1]})
    found = again(world, ticket)
    assert (found.state, found.final_satisfaction, found.close_reason) == ("closed", "so_so", "rated")


def test_every_face_of_the_component_is_one_the_ticket_knows(world: World, client: Client) -> None:
    ticket = solved(world, report(client, world))
    text = page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert re.findall(r'name="face" value="(\w+)"', text) == ["satisfied", "so_so", "unsolved"]


def test_unsolved_is_handled_again_and_the_sentence_may_follow(world: World, client: Client) -> None:
    ticket = solved(world, report(client, world))
    once = key()
    for _n in range(2):
        client.post(f"/d/t1/t/{ticket.number}/rate/", {**once, "face": "unsolved"})
    found = again(world, ticket)
    assert (found.state, found.first_satisfaction) == ("handling", "unsolved")
    with district_transaction(world.district):
        assert Rating.objects.filter(ticket=ticket).count() == 1
    assert "哪里没解决？" in page(client.get(f"/d/t1/t/{ticket.number}/"))
    client.post(f"/d/t1/t/{ticket.number}/explain/", {**key(), "note": " "})
    assert "哪里没解决？" in page(client.get(f"/d/t1/t/{ticket.number}/")), "skipping says nothing"
    client.post(f"/d/t1/t/{ticket.number}/explain/", {**key(), "note": "晚上还是不亮"})
    with district_transaction(world.district):
        note = Note.objects.get(ticket=ticket, text="晚上还是不亮")
        assert note.transition.move == "rate"
    text = page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert "哪里没解决？" not in text
    assert "晚上还是不亮" in text
    assert client.post(f"/d/t1/t/{ticket.number}/explain/", {**key(), "note": "再说一句"}).status_code == 409


def test_unsolved_twice_is_with_the_leader_and_asks_no_more(world: World, client: Client) -> None:
    ticket = report(client, world)
    for _n in range(2):
        ticket = solved(world, ticket)
        client.post(f"/d/t1/t/{ticket.number}/rate/", {**key(), "face": "unsolved"})
    text = page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert again(world, ticket).needs_review
    assert "负责人正在看" in text
    assert 'name="face"' not in text


def test_withdrawing_is_asked_once_more(world: World, client: Client) -> None:
    ticket = report(client, world)
    path = f"/d/t1/t/{ticket.number}/withdraw/"
    assert path in page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert "撤回这件事" in page(client.get(path))
    assert again(world, ticket).state == "handling"
    client.post(path, {**key(), "note": "自己好了"})
    assert again(world, ticket).state == "withdrawn"
    assert path not in page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert "现在不能" in page(client.post(path, key()), 422)


def test_reopening_needs_a_sentence_and_fifteen_days(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = solved(world, report(client, world))
    client.post(f"/d/t1/t/{ticket.number}/rate/", {**key(), "face": "satisfied"})
    path = f"/d/t1/t/{ticket.number}/reopen/"
    assert path in page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert "请说一句" in page(client.post(path, key()), 422)
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + timedelta(days=40))
    assert path not in page(client.get(f"/d/t1/t/{ticket.number}/"))
    assert "已超过" in page(client.post(path, {**key(), "note": "又坏了"}), 422)
    monkeypatch.setattr(clock, "now", real)
    client.post(path, {**key(), "note": "又坏了"})
    found = again(world, ticket)
    assert (found.state, found.reopen_count) == ("handling", 1)
    with district_transaction(world.district):
        assert TicketTransition.objects.filter(ticket=ticket, move="reopen").count() == 1


@pytest.mark.parametrize("move", ["rate", "explain", "withdraw", "reopen"])
def test_a_stranger_can_do_nothing(world: World, client: Client, move: str) -> None:
    ticket = report(client, world)
    answer = Client().post(f"/d/t1/t/{ticket.number}/{move}/", {**key(), "face": "satisfied", "note": "x"})
    assert answer.status_code == 404
    assert again(world, ticket).state == "handling"
