"""书记直通车 (S2-12): a letter is the secretary's alone until its author agrees to more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from analytics.rollup import differences, fold
from governance.accounts.models import Notice
from governance.kernel import clock, outbox
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.reference import bump_reference
from governance.kernel.search import search_ids
from grids.models import PostAssignment
from requests_intake import workflow
from requests_intake.actions.letters import (
    answer_consent,
    ask_consent,
    consent_of,
    convert_letter,
    end_letter,
    reply_letter,
    write_back,
)
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.actions.sweep import sweep
from requests_intake.models import Clock, Note, Ticket, TicketTransition
from requests_intake.policies import TicketPolicy
from requests_intake.queries import TicketFilter, tickets_of
from requests_intake.restricted_register import letters_of_month, register
from tests.cases import PHONE, SECRET
from tests.test_noninterference import CAST
from tests.world import World

pytestmark = pytest.mark.django_db

WORDS = "三号楼的张家总吵架，孩子害怕，请书记悄悄看看。"
MONDAY = datetime(2026, 9, 7, 9, 0, tzinfo=clock.SHANGHAI)


def letter(world: World, **changes: Any) -> Ticket:
    said = {"content": WORDS, "community_id": world.community.pk, "channel": "letter_to_secretary", "phone": PHONE}
    return submit_ticket(Report(**{**said, **changes}), actor=Actor.public()).ticket


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_a_grid_worker_who_searches_finds_nothing_and_the_secretary_reads_it(world: World) -> None:
    found = letter(world)
    for text in ("吵架", "张家", found.number, SECRET):
        assert list(tickets_of(world.worker, TicketFilter(queue="all", text=text))) == []
    assert search_ids("ticket", "张家") == []
    assert list(tickets_of(world.secretary, TicketFilter(queue="all", text=found.number))) == [found]


def test_nobody_but_this_secretary_sees_it_in_any_list(world: World) -> None:
    found = letter(world)
    seeing = {name for name in CAST if TicketPolicy.visible(world.actor(name)).filter(pk=found.pk).exists()}
    assert seeing == {"secretary"}
    assert list(register(world.center)) == list(register(world.supervisor)) == []
    assert letters_of_month() == "少于 5"
    for _n in range(4):
        letter(world)
    assert letters_of_month() == "5"


def test_a_deputy_of_the_secretary_is_the_secretary_and_a_former_one_is_not(world: World) -> None:
    found = letter(world)
    PostAssignment.objects.filter(membership=world.members["secretary"]).update(until=clock.today() - timedelta(days=1))
    bump_reference()
    assert not TicketPolicy.visible(world.actor("secretary")).filter(pk=found.pk).exists()


@pytest.mark.parametrize("move", sorted(set(workflow.MOVES) - workflow.LETTER_MOVES))
def test_what_is_done_with_other_tickets_is_not_done_with_letters(world: World, move: str) -> None:
    found = letter(world)
    for name in CAST:
        assert not TicketPolicy.allows(world.actor(name), move, found), name
    assert not TicketPolicy.allows(Actor.requester(found.pk), move, found)


@time_machine.travel(MONDAY, tick=False)
def test_the_first_answer_is_due_in_one_working_day_and_stops_the_clock(world: World) -> None:
    found = letter(world)
    row = Clock.objects.get(ticket=found)
    assert (row.kind, str(clock.local(row.due_at))[:16]) == ("contact", "2026-09-08 17:30")
    assert found.promise_due_at is None
    reply_letter(found, note="我今晚去看看。", actor=world.secretary)
    row.refresh_from_db()
    assert row.stopped_at is not None
    assert again(found).state == "submitted"
    note = Note.objects.get(ticket=found)
    assert (note.audience, note.text) == ("public", "我今晚去看看。")


def test_a_late_answer_is_told_the_secretary_alone(world: World) -> None:
    with time_machine.travel(MONDAY, tick=False):
        found = letter(world)
    with time_machine.travel(MONDAY + timedelta(days=2), tick=False):
        assert sweep() == 1
        outbox.deliver(TicketTransition)
    assert again(found).lamp == "over"
    rows = Notice.objects.all()
    assert {row.membership_id for row in rows} == {world.members["secretary"].pk}
    assert not any("张家" in row.text for row in rows)
    assert again(found).organization_id == world.committee.pk  # it does not go up


def test_it_becomes_an_ordinary_matter_only_with_the_authors_consent(world: World) -> None:
    found, author = letter(world, content="三单元楼道灯坏了一个星期，请书记管管。"), Actor.requester(letter(world).pk)
    author = Actor.requester(found.pk)
    for expected in ("", "asked", "no", "asked"):
        assert consent_of(found) == expected
        with pytest.raises(DomainError) as refused:
            convert_letter(again(found), actor=world.secretary)
        assert refused.value.code == "no_consent"
        if expected in ("", "no"):
            ask_consent(again(found), actor=world.secretary, note="想请物业来修")
        elif expected == "asked" and not TicketTransition.objects.filter(move="answer_consent").exists():
            answer_consent(again(found), agrees=False, actor=author)
    answer_consent(again(found), agrees=True, actor=author)
    converted = convert_letter(again(found), actor=world.secretary)
    assert (converted.is_restricted, converted.state) == (False, "handling")
    assert converted.promise_due_at is not None
    assert search_ids("ticket", "楼道灯") == [found.pk]
    assert TicketPolicy.visible(world.dispatcher).filter(pk=found.pk).exists()
    consents = TicketTransition.objects.filter(ticket=found, move="answer_consent").order_by("pk")
    assert [row.payload["consent"] for row in consents] == ["no", "yes"]
    fold()
    assert differences() == []


def test_consent_is_the_authors_to_give_and_once_for_each_question(world: World) -> None:
    found, other = letter(world), letter(world)
    with pytest.raises(DomainError) as unasked:
        answer_consent(found, agrees=True, actor=Actor.requester(found.pk))
    assert unasked.value.code == "not_asked"
    ask_consent(found, actor=world.secretary)
    with pytest.raises(DomainError) as twice:
        ask_consent(again(found), actor=world.secretary)
    assert twice.value.code == "asked_already"
    for actor in (world.secretary, world.center, Actor.requester(other.pk)):
        with pytest.raises(NotAllowed):
            answer_consent(again(found), agrees=True, actor=actor)
    for name in ("staff", "worker", "dispatcher", "center", "supervisor", "other_secretary"):
        with pytest.raises(NotAllowed):
            reply_letter(again(found), note="x", actor=world.actor(name))


def test_a_closed_letter_is_answered_no_more(world: World) -> None:
    found = end_letter(letter(world), note="已经去看过，家里和好了。", actor=world.secretary)
    assert (found.state, found.close_reason) == ("closed", "letter_ended")
    for act in (
        lambda: write_back(again(found), note="还有", actor=Actor.requester(found.pk)),
        lambda: reply_letter(again(found), note="x", actor=world.secretary),
    ):
        with pytest.raises(DomainError) as refused:
            act()
        assert refused.value.code == "wrong_state"


def test_nobody_records_a_letter_for_somebody_else(world: World) -> None:
    said = Report(content=WORDS, community_id=world.community.pk, channel="letter_to_secretary")
    with pytest.raises(Invalid) as refused:
        submit_ticket(said, actor=world.worker)
    assert refused.value.code == "own_letter"


def test_a_letter_to_nobody_is_refused_with_a_sentence(world: World) -> None:
    with pytest.raises(Invalid) as vacant:
        letter(world, community_id=world.community2.pk)
    assert "没有书记在岗" in vacant.value.fields["community"][0]
    with pytest.raises(Invalid) as nowhere:
        letter(world, community_id=None)
    assert "community" in nowhere.value.fields


# ---------------------------------------------------------------- pages
KEY = "7b4c1d0a-2f0e-4f57-9f1e-0d4b8e5f3a1"


def test_resident_and_secretary_write_to_each_other(world: World, client: Client) -> None:
    home = f"/d/{world.district.code}/"
    said = {"idempotency_key": f"{KEY}1", "content": WORDS}
    wrong = client.post(f"{home}letter/", said)
    assert wrong.status_code == 422
    assert "请选社区" in wrong.content.decode()
    assert WORDS in wrong.content.decode()
    assert client.post(f"{home}letter/", {**said, "community": world.community.pk}).status_code == 302
    found = Ticket.objects.get()
    assert "查询码" in client.get(f"{home}done/{found.number}/").content.decode()
    desk = world.sign_in(Client(), "secretary")
    assert found.title in desk.get(reverse("desk:letters")).content.decode()
    move = f"{home}desk/t/{found.number}/"
    assert desk.post(f"{move}reply_letter/", {"note": "今晚去看看", "idempotency_key": "a"}).status_code == 302
    assert desk.post(f"{move}convert_letter/", {"idempotency_key": "b"}).status_code == 422
    assert desk.post(f"{move}ask_consent/", {"note": "", "idempotency_key": "c"}).status_code == 302
    page = client.get(f"{home}t/{found.number}/").content.decode()
    assert "今晚去看看" in page
    assert "可以转给能办的单位吗" in page
    write = {"idempotency_key": f"{KEY}2", "note": "谢谢书记"}
    assert client.post(f"{home}t/{found.number}/write/", write).status_code == 302
    yes = {"idempotency_key": f"{KEY}3", "answer": "yes"}
    assert client.post(f"{home}t/{found.number}/consent/", yes).status_code == 302
    text = desk.get(move).content.decode()
    assert "谢谢书记" in text
    assert "同意转办" in text
    assert desk.post(f"{move}convert_letter/", {"idempotency_key": "d"}).status_code == 302
    assert again(found).state == "handling"


def test_no_other_post_has_the_list_of_letters(world: World, client: Client) -> None:
    for name in ("staff", "worker", "dispatcher", "center", "supervisor", "official", "admin"):
        assert world.sign_in(client, name).get(reverse("desk:letters")).status_code == 403
    letter(world)
    assert WORDS[:6] not in world.sign_in(client, "other_secretary").get(reverse("desk:letters")).content.decode()
