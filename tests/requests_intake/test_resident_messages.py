"""What the person behind a ticket is told by SMS: plain sentences, no word of the matter, only where wanted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine

from governance.accounts.actions.notifications import RobotRules, Wanted, change_notification_settings, save_robot
from governance.accounts.models import Delivery, Notice
from governance.accounts.notifications import sending
from governance.kernel import outbox, reference
from governance.kernel.actors import Actor
from governance.kernel.calendar import SHANGHAI
from requests_intake import sla
from requests_intake.actions.applications import ask_extension, ask_pause
from requests_intake.actions.bulk import record_note
from requests_intake.actions.consents import Agreed
from requests_intake.actions.decisions import grant_extension, grant_pause
from requests_intake.actions.desk import reject_ticket, withdraw_ticket
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.handle import sign_order
from requests_intake.actions.holding import resume_order
from requests_intake.actions.merge import merge_ticket
from requests_intake.actions.rate import rate_ticket, reopen_ticket
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.actions.sweep import sweep
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Ticket, TicketTransition
from requests_intake.rating_links import rating_link
from requests_intake.resident_messages import SENTENCES, sentence, tell_resident
from tests.cases import PHONE, report, ticket_in
from tests.receivers import WebServer, running
from tests.world import World

pytestmark = pytest.mark.django_db
TEN = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture
def at() -> Iterator[Any]:
    with time_machine.travel(TEN, tick=False) as traveller:
        yield traveller


@pytest.fixture
def phones(world: World, settings: Any, at: Any) -> Iterator[WebServer]:
    """The message centre of the district, a real one; the district has switched messages to residents on."""
    with running(WebServer()) as server:
        settings.SMS_GATEWAY = "http"
        settings.SMS_HTTP = {
            **settings.SMS_HTTP, "URL": f"http://127.0.0.1:{server.server_address[1]}/sms",
            "TEXT_BODY": {"to": "{phone}", "say": "{text}"},
        }  # fmt: skip
        change_notification_settings(Wanted(sms_to_residents=True), actor=world.admin)
        reference.forget_everything()
        yield server


def told(phones: WebServer) -> list[str]:
    """What has arrived since, by telling and sending everything."""
    before = len(phones.posts)
    outbox.deliver(TicketTransition)
    sending.send_due()
    assert {body["to"] for _path, body in phones.posts} <= {PHONE}
    return [body["say"] for _path, body in phones.posts[before:]]


def test_nobody_is_told_where_the_district_has_not_switched_it_on(world: World, at: Any) -> None:
    ticket_in(world, "closed")
    outbox.deliver(TicketTransition)
    assert not Delivery.objects.exists()


def test_a_matter_from_report_to_closing(world: World, phones: WebServer) -> None:
    ticket = report(world, urgency="urgent")
    assert told(phones) == [f"您反映的事已受理，编号{ticket.number}，我们11月21日10:00前办好。"]
    ticket = ticket_in(world, "resolved")
    assert len(told(phones)) == 1, "办结 alone says nothing before somebody has looked"
    ticket = ticket_in(world, "visiting")
    assert told(phones)[1:] == [f"{ticket.number}办完了，解决了没有？请您评价。"]
    rate_ticket(ticket, face="satisfied", actor=Actor.requester(ticket.pk))
    assert told(phones) == [f"{ticket.number}已结案，谢谢您。还有问题，15天内可以要求再办。"]
    reopen_ticket(ticket, note="又坏了", actor=world.dispatcher)
    assert told(phones) == [f"{ticket.number}已重新办理，我们会再给您答复。"]


def test_a_link_leads_to_the_matter_where_the_installation_knows_its_address(
    world: World, phones: WebServer, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://gov.example"
    ticket = ticket_in(world, "visiting")
    said = told(phones)
    assert said[0].endswith(f"https://gov.example/d/t1/t/{ticket.number}/")
    # Who is asked for a view gives it with one tap.
    assert said[-1].endswith(f"请您评价。{rating_link(ticket)}")


def test_what_waits_at_a_desk_is_told_its_number_and_its_refusal(world: World, phones: WebServer) -> None:
    ticket = ticket_in(world, "submitted")
    assert told(phones) == [f"您反映的事已登记，编号{ticket.number}，凭编号可查进度。"]
    reject_ticket(ticket, reason="outside", note="不归本区", actor=world.center)
    assert told(phones) == [f"您反映的事{ticket.number}没有受理，原因请凭编号查看，或拨12345。"]


def test_a_late_matter_gets_an_honest_sentence_with_somebody_to_ask(world: World, phones: WebServer, at: Any) -> None:
    ticket = report(world, urgency="normal")
    told(phones)
    at.move_to(TEN + timedelta(days=30))
    sweep()
    late = [said for said in told(phones) if "没能按时" in said]
    assert late == [f"很抱歉，{ticket.number}没能按时办好，我们还在办。想问进展请拨12345。"]


def test_a_withdrawn_matter_has_its_own_sentence_and_is_the_last(world: World, phones: WebServer, at: Any) -> None:
    ticket = report(world)
    told(phones)
    withdraw_ticket(ticket, actor=Actor.requester(ticket.pk))
    assert told(phones) == [f"{ticket.number}已按您的意思撤回，不再办了。"]
    at.move_to(TEN + timedelta(days=30))
    sweep()
    assert told(phones) == []


@pytest.mark.parametrize("changes", [{"is_anonymous": True}, {"phone": ""}, {"phone": "0371-66668888"}])
def test_nobody_is_told_who_is_anonymous_or_left_no_mobile(
    world: World, phones: WebServer, changes: dict[str, Any]
) -> None:
    report(world, **changes)
    assert told(phones) == []
    assert not Delivery.objects.exists()


def test_an_anonymous_matter_tells_nobody_even_where_a_number_is_known(world: World, phones: WebServer) -> None:
    ticket = report(world)
    told(phones)
    Ticket.objects.filter(pk=ticket.pk).update(is_anonymous=True)
    ticket.refresh_from_db()
    assert ticket.requester_id is not None
    assert not tell_resident(ticket, "resolved", source="test:1")
    assert told(phones) == []


def test_of_a_restricted_matter_nothing_is_said_but_that_there_is_news(
    world: World, phones: WebServer, settings: Any
) -> None:
    settings.PUBLIC_URL = "https://gov.example"
    report(world, request_type="report")
    assert told(phones) == ["您的来信有新进展"]


def test_no_message_says_what_it_is_about_and_all_are_short(world: World, phones: WebServer) -> None:
    ticket = report(world, content="三单元老张家燃气味很大，怕出事")
    for kind in SENTENCES:
        said = sentence(ticket, kind, day=TEN)
        assert len(said) <= 70, said
        assert "燃气" not in said
        assert "老张" not in said
        assert "{" not in said


def test_other_subscribers_tell_through_one_function_and_once(world: World, phones: WebServer) -> None:
    ticket = report(world)
    told(phones)
    for _twice in range(2):
        assert tell_resident(ticket, "moved", source="extension:1", day=datetime(2026, 11, 30, 17, 30, tzinfo=SHANGHAI))
    assert told(phones) == [f"很抱歉，{ticket.number}要晚一些，改到11月30日17:30前办好，原因请凭编号查看。"]
    with pytest.raises(LookupError):
        tell_resident(ticket, "no_such_kind", source="extension:2")


def test_what_happens_at_night_is_told_in_the_morning_and_what_one_did_oneself_at_once(
    world: World, phones: WebServer, at: Any
) -> None:
    at.move_to(TEN.replace(hour=22))
    ticket_in(world, "submitted")
    ticket_in(world, "visiting", urgency="urgent")
    assert [said[:9] for said in told(phones)] == ["您反映的事已登记，"]
    at.move_to(TEN.replace(day=21, hour=8))
    assert len(told(phones)) == 2


def test_a_gateway_that_is_away_touches_no_ticket(world: World, phones: WebServer) -> None:
    phones.answers = [(503, {})]
    ticket = report(world)
    before = Ticket.objects.filter(pk=ticket.pk).values().get()
    assert len(told(phones)) == 1, "it arrived, and was refused"
    assert Delivery.objects.get().state == "failed"
    assert Ticket.objects.filter(pk=ticket.pk).values().get() == before
    assert not TicketTransition.objects.filter(delivered_at=None).exists()


def test_the_number_of_the_person_is_read_when_it_is_sent_and_kept_nowhere_else(
    world: World, phones: WebServer
) -> None:
    ticket = report(world)
    outbox.deliver(TicketTransition)
    row = Delivery.objects.get()
    assert PHONE not in str(Delivery.objects.values().get())
    assert (row.recipient_kind, row.recipient_id) == ("requester", ticket.requester_id)
    assert ticket.requester is not None
    ticket.requester.phone = ""
    ticket.requester.save()
    sending.send_due()
    assert phones.posts == []
    assert Delivery.objects.get().last_error == "no_address"


def test_replayed_history_tells_no_resident(world: World, phones: WebServer) -> None:
    submit_ticket(
        Report(content="楼道灯坏了。", building_id=world.building.pk, phone=PHONE), actor=Actor.public(), tell=False
    )
    assert told(phones) == []


# ---------------------------------------------------------------- what others do to it
@pytest.fixture
def at_water(world: World, phones: WebServer) -> Ticket:
    """At a department, signed, what was said of it until then told."""
    ticket = report(world, urgency="normal")
    dispatch_ticket(ticket, organization_id=world.water.pk, actor=world.center)
    sign_order(ticket, actor=world.handler)
    told(phones)
    return ticket


def extended(world: World, ticket: Ticket, days: int) -> Ticket:
    row = ask_extension(
        ticket, reason="material", limit=sla.Limit(days, sla.Unit.WORK_DAY), note="等配件", told="等配件",
        actor=world.handler,
    )  # fmt: skip
    return grant_extension(row, actor=world.center)


def test_a_moved_promise_is_told_with_the_new_day(world: World, phones: WebServer, at_water: Ticket) -> None:
    before = Ticket.objects.get(pk=at_water.pk).promise_due_at
    after = extended(world, at_water, 1).promise_due_at
    assert before is not None
    assert after is not None
    assert after > before
    day = f"{after.astimezone(SHANGHAI):%-m月%-d日%H:%M}"
    assert told(phones) == [f"很抱歉，{at_water.number}要晚一些，改到{day}前办好，原因请凭编号查看。"]


def test_a_pause_and_its_end_are_told(world: World, phones: WebServer, at_water: Ticket) -> None:
    until = TEN + timedelta(days=3)
    row = ask_pause(at_water, reason="requester", until=until, note="约居民", told="等您约时间", actor=world.handler)
    grant_pause(row, actor=world.center)
    assert told(phones) == [f"{at_water.number}暂时停一停，原因和恢复时间请凭编号查看。"]
    resume_order(Ticket.objects.get(pk=at_water.pk), actor=world.handler)
    assert told(phones) == [f"{at_water.number}接着办了，进展请凭编号查看。"]


def test_who_reported_the_same_matter_hears_of_the_merge_and_of_its_end(world: World, phones: WebServer) -> None:
    master, follower = report(world, urgency="urgent"), report(world, urgency="urgent")
    told(phones)
    merge_ticket(follower, into=master, actor=world.center)
    assert told(phones) == [f"{follower.number}和别人反映的同一件事合在一起办，办好会告诉您。"]
    sign_order(master, actor=world.worker)
    resolve_ticket(master, actor=world.worker, reply="灯换好了")
    verify_ticket(master, passed=True, actor=world.staff)
    ends = sorted(told(phones))
    assert ends == sorted(f"{row.number}办完了，解决了没有？请您评价。" for row in (master, follower))


# ---------------------------------------------------------------- staff
def test_notices_of_a_restricted_matter_have_its_number_and_no_word_of_it(world: World, at: Any) -> None:
    secret = report(world, request_type="report", content="王某收了好处费，请查")
    plain = report(world, content="楼道灯坏了，请修")
    outbox.deliver(TicketTransition)
    of_secret = Notice.objects.filter(path__contains=secret.number)
    assert of_secret.exists()
    for notice in of_secret:
        assert secret.number in notice.text
        assert "好处费" not in notice.text + notice.brief
    of_plain = Notice.objects.filter(path__contains=plain.number)
    assert {"楼道灯" in notice.text for notice in of_plain} == {True}
    assert {"楼道灯" in notice.brief for notice in of_plain} == {False}


def test_the_group_of_the_handling_organization_hears_of_new_orders_but_not_of_restricted_ones(
    world: World, at: Any, settings: Any
) -> None:
    rules = RobotRules(
        organization_id=world.grid_team.pk, service="wecom", title="网格群",
        webhook="https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=only-for-tests",
    )  # fmt: skip
    save_robot(None, rules, actor=world.admin)
    ticket = report(world)
    report(world, building_id=world.buildings[8].pk)  # another street
    report(world, request_type="report")
    outbox.deliver(TicketTransition)
    TicketTransition.objects.update(delivered_at=None)
    outbox.deliver(TicketTransition)
    row = Delivery.objects.get()
    assert (row.channel, row.text) == ("wecom", f"新工单待签收：{ticket.number}")


def test_whoever_was_reported_for_hears_of_it_on_their_own_phone(world: World, phones: WebServer) -> None:
    said = {"content": "楼道灯坏了", "building_id": world.building.pk, "phone": PHONE}
    agreed = Agreed(how="face", helper="neighbour")
    ticket = submit_ticket(Report(**said, agreed=agreed), actor=Actor.public()).ticket
    words = told(phones)
    assert any(f"有人替您反映了一件事，编号{ticket.number}" in each and "不是您的意思" in each for each in words)
    submit_ticket(Report(**said), actor=Actor.public())
    assert not any("有人替您" in each for each in told(phones))


def test_of_five_morning_notes_those_with_a_phone_are_acknowledged(world: World, phones: WebServer) -> None:
    """S2-05. G the secretary adds 5 notes; T acknowledgements sent to those with phone."""
    numbers = []
    for n, words in enumerate(("楼道灯坏了", "井盖松了", "垃圾没人收", "车棚漏雨", "健身器材坏了")):
        said = Report(
            content=words, building_id=world.building.pk, channel="morning_walk", phone=PHONE if n < 2 else "",
            name="李小明" if n < 2 else "",
        )  # fmt: skip
        numbers.append(record_note(said, has_consented=n < 2, actor=world.secretary).ticket.number)
    words_sent = "".join(told(phones))
    assert [number in words_sent for number in numbers] == [True, True, False, False, False]
