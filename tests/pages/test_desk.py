"""The desk's pages, as the people who work with them."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from governance.accounts.models import Notice
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.models import AuditEvent
from requests_intake import workflow
from requests_intake.actions.accept import accept_ticket
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.handle import sign_order
from requests_intake.actions.rate import rate_ticket
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Consent, Ticket
from requests_intake.queries import QUEUES, TicketFilter, count_of
from requests_intake.reference import rules
from requests_intake.whose import whose
from tests.cases import ticket_in, under_review
from tests.mediators import case_fields
from tests.posts.cast import force
from tests.recordings import webm
from tests.world import World

WORDS = "楼下自来水管爆了，水漫到单元门口"


def report(world: World, content: str = WORDS, **more: Any) -> Ticket:
    values: dict[str, Any] = {
        "content": content,
        "building_id": world.building.pk,
        "name": "李阿姨",
        "phone": "18612345521",
    }
    return submit_ticket(Report(**{**values, **more}), actor=Actor.public()).ticket


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def at_street(world: World, **more: Any) -> Ticket:
    """A ticket whose order lies unsigned at the street office."""
    return dispatch_ticket(report(world, **more), organization_id=world.street_office.pk, actor=world.center)


def at_water(world: World, *, signed: bool = False) -> Ticket:
    ticket = dispatch_ticket(report(world), organization_id=world.water.pk, actor=world.center)
    return sign_order(ticket, actor=world.handler) if signed else ticket


def resolved(world: World) -> Ticket:
    """With a critical report: always looked at on site."""
    ticket = at_water(world, signed=True)
    Ticket.objects.filter(pk=ticket.pk).update(urgency="critical")
    return resolve_ticket(again(ticket), actor=world.handler, reply="已经修好")


def visiting(world: World) -> Ticket:
    return verify_ticket(resolved(world), passed=True, actor=world.leader)


def reviewed(world: World) -> Ticket:
    ticket = visiting(world)
    return rate_ticket(ticket, face="satisfied", actor=Actor.requester(ticket.pk))


def to_review(world: World) -> Ticket:
    """Seen by the department too, which handled it."""
    ticket = visiting(world)
    ticket = rate_ticket(ticket, face="unsolved", actor=Actor.requester(ticket.pk))
    sign_order(ticket, actor=world.handler)
    ticket = resolve_ticket(again(ticket), actor=world.handler, reply="又修了一次")
    ticket = verify_ticket(ticket, passed=True, actor=world.leader)
    return rate_ticket(ticket, face="unsolved", actor=Actor.requester(ticket.pk))


def claimed(world: World) -> Ticket:
    return under_review(world, claimed=True)


def unlocated(world: World) -> Ticket:
    return report(world, building_id=None)


def desk_accepted(world: World) -> Ticket:
    return accept_ticket(unlocated(world), actor=world.center)


RETURN = {"kind": "return", "organization": "URBAN"}

# Move, how the ticket comes about, who owns the move, who sees the ticket but may not, what the form is given.
MOVES: list[tuple[str, Any, str, str, dict[str, Any]]] = [
    ("accept", unlocated, "center", "supervisor", {}),
    ("reject", unlocated, "center", "supervisor", {"reason": "outside", "note": "不在本区，请拨打邻区热线。"}),
    ("relocate", unlocated, "center", "supervisor", {"address": "", "community": "COMMUNITY"}),
    ("dispatch", at_street, "dispatcher", "worker", {"organization": "WATER"}),
    ("sign", at_water, "handler", "dispatcher", {}),
    ("contact", lambda w: at_water(w, signed=True), "handler", "secretary", {"note": "约好下午"}),
    ("arrive", lambda w: ticket_in(w, "danger"), "handler", "dispatcher", {"note": "到泵房了"}),
    ("control_danger", lambda w: ticket_in(w, "danger"), "handler", "dispatcher", {"note": "已关阀"}),
    ("report_danger", lambda w: ticket_in(w, "danger"), "handler", "dispatcher", {"note": "还在抢修"}),
    ("tell_plan", lambda w: ticket_in(w, "difficult"), "handler", "dispatcher", {"note": "下周换管，由自来水公司办"}),
    ("assign", at_water, "handler_leader", "handler", {"assignee": "HANDLER"}),
    ("escalate", at_water, "handler", "dispatcher", {"note": "要挖路，需区里协调"}),
    ("classify", at_street, "dispatcher", "worker", {"category": "CATEGORY", "urgency": "urgent"}),
    ("resolve", lambda w: at_water(w, signed=True), "handler", "dispatcher", {"note": "换了水管"}),
    ("solve_on_site", at_street, "street_leader", "worker", {"note": "当场关阀修好"}),
    ("verify", resolved, "secretary", "handler", {"note": "不漏了"}),
    ("rework", resolved, "dispatcher", "handler", {"note": "还在漏"}),
    ("return_visit", visiting, "visitor", "handler", {"answer": "satisfied"}),
    ("close", visiting, "street_leader", "visitor", {"reason": "unrated", "note": "居民外出，不再评价"}),
    ("reopen", reviewed, "visitor", "handler", {"note": "居民说又漏了"}),
    ("archive", reviewed, "dispatcher", "handler", {}),
    ("merge", at_street, "dispatcher", "worker", {"into": "OTHER"}),
    ("unmerge", lambda w: ticket_in(w, "merged"), "dispatcher", "worker", {"note": "是两件事"}),
    ("mediate", lambda w: at_water(w, signed=True), "handler", "dispatcher", {"MEDIATION": "x"}),
    ("order_again", to_review, "secretary", "handler", {"note": "换整条管线"}),
    ("review_up", under_review, "secretary", "visitor", {"note": "要街道协调"}),
    ("ask_unreasonable", to_review, "street_leader", "visitor", {"note": "要求赔偿，无依据"}),
    ("judge_unreasonable", claimed, "center", "secretary", {"granted": "yes", "note": "没有政策依据"}),
    ("claim", lambda w: ticket_in(w, "sent"), "handler", "dispatcher", {}),
    ("give_back", lambda w: ticket_in(w, "pooled"), "handler", "dispatcher", {}),
    ("delegate_down", at_street, "dispatcher", "worker", {"organization": "COMMITTEE", "note": "就地办"}),
    ("call_helper", at_street, "dispatcher", "worker", {"force": "FORCE"}),
    ("add_handler", at_street, "dispatcher", "worker", {"organization": "WATER"}),
    (
        "cancel_handler",
        lambda w: ticket_in(w, "helping"),
        "dispatcher",
        "worker",
        {"organization": "WATER", "note": "不用"},
    ),
    ("co_resolve", lambda w: ticket_in(w, "helped"), "handler", "dispatcher", {"note": "管子换了"}),
    (
        "ask_return",
        lambda w: ticket_in(w, "taken"),
        "handler",
        "dispatcher",
        {"reason": "not_ours", "clause": "条例第三条", "suggested": "URBAN", "note": "不归我们"},
    ),
    (
        "ask_extension",
        lambda w: ticket_in(w, "taken"),
        "handler",
        "dispatcher",
        {"reason": "material", "limit": 1, "unit": "work_day", "told": "再等等", "note": "等配件"},
    ),
    (
        "ask_pause",
        lambda w: ticket_in(w, "taken"),
        "handler",
        "dispatcher",
        {"reason": "force_majeure", "until": "TOMORROW", "told": "雨停再修", "note": "暴雨"},
    ),
    (
        "ask_suspension",
        lambda w: ticket_in(w, "suspensible"),
        "handler",
        "dispatcher",
        {"reason": "money", "until": "TOMORROW", "responsible": "LEADER", "told": "明年办", "note": "列入计划"},
    ),
    ("take_back", lambda w: ticket_in(w, "asked_extension"), "handler", "dispatcher", {"kind": "extension"}),
    ("grant_return", lambda w: ticket_in(w, "asked_return"), "center", "supervisor", RETURN),
    ("grant_extension", lambda w: ticket_in(w, "asked_extension"), "center", "supervisor", {"kind": "extension"}),
    ("grant_pause", lambda w: ticket_in(w, "asked_pause"), "center", "supervisor", {"kind": "pause"}),
    ("grant_suspension", lambda w: ticket_in(w, "asked_suspension"), "center", "supervisor", {"kind": "suspension"}),
    ("refuse", lambda w: ticket_in(w, "asked_pause"), "center", "supervisor", {"kind": "pause", "note": "不用停"}),
    ("resume", lambda w: ticket_in(w, "paused"), "handler", "dispatcher", {}),
    ("review_suspension", lambda w: ticket_in(w, "suspended"), "handler", "dispatcher", {"note": "资金没有到"}),
    ("unsuspend", lambda w: ticket_in(w, "suspended"), "handler", "dispatcher", {"note": "资金到了"}),
    ("urge", lambda w: ticket_in(w, "taken"), "dispatcher", "handler", {"note": "请抓紧"}),
    ("supervise", lambda w: ticket_in(w, "taken"), "street_leader", "handler", {"note": "限期答复"}),
    ("answer_supervision", lambda w: ticket_in(w, "supervised"), "handler", "dispatcher", {"note": "明天完工"}),
    ("publish_circular", lambda w: ticket_in(w, "drafted"), "supervisor", "handler", {"note": "通报"}),
    ("withdraw_circular", lambda w: ticket_in(w, "published"), "supervisor", "handler", {"note": "发错了"}),
    ("drop_circular", lambda w: ticket_in(w, "drafted"), "center", "handler", {"note": "已经答复"}),
]


def given(world: World, values: dict[str, Any]) -> dict[str, Any]:
    category = next(ref.code for ref in rules().categories.values() if ref.parent_id is not None)
    known = {
        "COMMUNITY": world.community.pk,
        "WATER": world.water.pk,
        "HANDLER": world.members["handler"].pk,
        "CATEGORY": category,
        "COMMITTEE": world.committee.pk,
        "URBAN": world.urban.pk,
        "LEADER": world.members["handler_leader"].pk,
        "TOMORROW": (clock.today() + timedelta(days=3)).isoformat(),
    }
    if "OTHER" in values.values():
        known["OTHER"] = report(world).number
    if "FORCE" in values.values():
        known["FORCE"] = force(world.street, world.dispatcher).pk
    if "MEDIATION" in values:
        return case_fields(world)
    return {name: known.get(value, value) for name, value in values.items()}


def url_of(ticket: Ticket, move: str) -> str:
    return reverse("desk:move", args=[ticket.number, move])


@pytest.mark.parametrize(("move", "make", "owner", "other", "values"), MOVES, ids=[row[0] for row in MOVES])
def test_a_move_is_made_by_whose_it_is_and_refused_to_others(
    world: World, client: Client, move: str, make: Any, owner: str, other: str, values: dict[str, Any]
) -> None:
    ticket = make(world)
    before = again(ticket).state
    refused = world.sign_in(Client(), other).post(url_of(ticket, move), given(world, values))
    assert refused.status_code == 403
    said = refused.content.decode()
    assert f"您的岗位不能对这件诉求“{workflow.MOVES[move].label}”" in said
    assert f"{whose(move)}可以" in said
    assert again(ticket).state == before

    page = world.sign_in(client, owner)
    form = page.get(url_of(ticket, move))
    assert form.status_code == 200
    assert "data-confirm" in form.content.decode()
    response = page.post(url_of(ticket, move), {"idempotency_key": "one", **given(world, values)})
    assert response.status_code == 302, response.content.decode()[:3000]
    assert ticket.transitions.filter(move=move, actor=world.members[owner]).exists()
    target = workflow.MOVES[move].target
    if target is not None and move not in ("return_visit", "unmerge"):
        assert again(ticket).state in (str(target), workflow.TicketState.CLOSED.value)


def test_every_move_of_people_has_its_row_above() -> None:
    of_staff = {workflow.HANDLES, workflow.COVERS, workflow.ASSISTS, workflow.DECIDES}
    of_people = {name for name, rows in workflow.ALLOWED.items() if {relation for _kind, relation in rows} & of_staff}
    # Splitting has a page of its own, tried out in ``test_duplicates``.
    assert of_people - {"split"} == {row[0] for row in MOVES}


def test_a_form_sent_twice_acts_once(world: World, client: Client) -> None:
    ticket = at_water(world)
    page = world.sign_in(client, "handler")
    for _n in range(2):
        assert page.post(url_of(ticket, "sign"), {"idempotency_key": "same"}).status_code == 302
    assert ticket.transitions.filter(move="sign").count() == 1


def test_a_refused_form_keeps_what_was_typed_and_says_why(world: World, client: Client) -> None:
    ticket = at_water(world, signed=True)
    page = world.sign_in(client, "handler")
    empty = page.post(url_of(ticket, "escalate"), {"note": "", "idempotency_key": "k"})
    assert empty.status_code == 422
    assert "请写一句说明" in empty.content.decode()
    dispatcher = world.sign_in(Client(), "dispatcher")
    same = dispatcher.post(url_of(ticket, "dispatch"), {"organization": world.water.pk, "note": "请快些"})
    assert same.status_code == 422
    assert "请快些" in same.content.decode()
    good = page.post(url_of(ticket, "escalate"), {"note": "办不了", "idempotency_key": "k"})
    assert good.status_code == 302


def test_a_move_that_has_become_impossible_says_so(world: World, client: Client) -> None:
    ticket = at_water(world, signed=True)
    page = world.sign_in(client, "handler").get(url_of(ticket, "sign"))
    assert page.status_code == 409
    assert "签收" in page.content.decode()


def test_tickets_of_another_community_do_not_exist(world: World, client: Client) -> None:
    ticket = report(world)
    page = world.sign_in(client, "other_secretary")
    assert page.get(reverse("desk:ticket", args=[ticket.number])).status_code == 404
    assert page.get(url_of(ticket, "dispatch")).status_code == 404
    assert page.post(url_of(ticket, "dispatch"), {"organization": world.water.pk}).status_code == 404
    assert page.post(reverse("desk:reveal", args=[ticket.number]), {"reason": "contact"}).status_code == 404
    listing = page.get(reverse("desk:inbox"), {"ticket": ticket.number})
    assert ticket.title not in listing.content.decode()


def test_who_may_enter(world: World, client: Client) -> None:
    url = reverse("desk:inbox")
    assert client.get(url).status_code == 302
    assert world.sign_in(Client(), "worker").get(url).status_code == 403
    assert world.sign_in(Client(), "auditor").get(url).status_code == 403
    for name in ("leader", "staff", "secretary", "dispatcher", "street_leader", "handler", "center", "visitor"):
        assert world.sign_in(Client(), name).get(url).status_code == 200, name


def test_the_list_costs_the_same_with_five_and_fifty_tickets(world: World, client: Client) -> None:
    page = world.sign_in(client, "dispatcher")

    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            assert page.get(reverse("desk:inbox")).status_code == 200
        return len(found)

    for _n in range(5):
        report(world)
    statements()
    few = statements()
    for _n in range(45):
        report(world)
    assert statements() == few
    assert few <= 30


def test_each_post_sees_the_queues_of_its_own_work(world: World, client: Client) -> None:
    def work(name: str) -> list[str]:
        groups = world.sign_in(Client(), name).get(reverse("desk:inbox")).context["groups"]
        return [item["label"] for group in groups if group["title"] == "我的工作" for item in group["items"]]

    assert work("handler") == ["待签收", "本单位在办", "本单位协办"]
    assert work("visitor") == ["待回访"]
    for name, queue in (("visitor", "to_visit"), ("dispatcher", "open")):
        came = world.sign_in(Client(), name).get(reverse("desk:inbox"))
        assert came.context["hidden"]["queue"] == queue
    assert work("dispatcher") == ["待受理", "待派单", "待签收", "本单位在办", "本单位协办", "待回访", "待定结论"]
    assert work("supervisor") == []


@pytest.mark.parametrize("queue", QUEUES)
def test_the_number_of_a_queue_is_the_number_of_its_rows(world: World, client: Client, queue: str) -> None:
    for make in (report, unlocated, desk_accepted, at_street, at_water, resolved, visiting, reviewed):
        make(world)
    found = world.sign_in(client, "center").get(reverse("desk:inbox"), {"queue": queue})
    assert found.context["total"] == len(found.context["rows"]) == count_of(world.center, TicketFilter(queue=queue))
    shown = {item["label"]: item["count"] for group in found.context["groups"] for item in group["items"]}
    # Nobody of the centre claims: a pool's number stands in ``test_hands``.
    if QUEUES[queue].is_open and queue != "pool":
        assert shown[str(QUEUES[queue].label)] == found.context["total"]


def test_the_list_begins_with_what_is_most_pressing(world: World, client: Client) -> None:
    later, sooner, over = (report(world, content=f"第{word}件事情，路灯不亮") for word in "一二三")
    now = clock.now()
    for ticket, hours in ((later, 50), (sooner, 5), (over, -1)):
        Ticket.objects.filter(pk=ticket.pk).update(order_due_at=now + timedelta(hours=hours))
    rows = world.sign_in(client, "dispatcher").get(reverse("desk:inbox")).context["rows"]
    assert [row["number"] for row in rows] == [over.number, sooner.number, later.number]
    assert rows[0]["state"] == "over"
    assert rows[0]["left"].startswith(("超期", "刚刚超期"))


def test_filters_narrow_the_list(world: World, client: Client) -> None:
    here, there = report(world), report(world, building_id=world.buildings[4].pk, content="电梯坏了，老人下不了楼")
    page = world.sign_in(client, "dispatcher")

    def numbers(**query: Any) -> set[str]:
        return {row["number"] for row in page.get(reverse("desk:inbox"), query).context["rows"]}

    assert numbers() == {here.number, there.number}
    assert numbers(area=world.community.pk) == {here.number}
    assert numbers(organization=there.organization_id) == {there.number}
    assert numbers(category=here.category_id) == {here.number}
    assert numbers(channel="hotline") == set()
    assert numbers(area="nonsense") == {here.number, there.number}


def test_search_finds_a_word_of_two_characters_a_number_and_a_tail(world: World, client: Client) -> None:
    ticket = report(world)
    report(world, content="电梯坏了", phone="13900001111")
    page = world.sign_in(client, "dispatcher")

    def numbers(text: str) -> list[str]:
        return [row["number"] for row in page.get(reverse("desk:inbox"), {"q": text}).context["rows"]]

    assert numbers("水管") == [ticket.number]
    assert numbers(ticket.number) == [ticket.number]
    assert numbers("5521") == [ticket.number]
    assert numbers("没有的词语") == []
    assert world.sign_in(Client(), "other_dispatcher").get(reverse("desk:inbox"), {"q": "水管"}).context["rows"] == []


def test_the_phone_is_masked_and_showing_it_is_audited(world: World, client: Client) -> None:
    ticket = at_water(world)
    page = world.sign_in(client, "handler")
    for url in (reverse("desk:ticket", args=[ticket.number]), reverse("desk:inbox")):
        text = page.get(url).content.decode()
        assert "186****5521" in text
        assert "18612345521" not in text
    url = reverse("desk:reveal", args=[ticket.number])
    assert "18612345521" not in page.get(url).content.decode()
    assert page.post(url, {}).status_code == 422
    assert not AuditEvent.objects.filter(action="reveal_phone").exists()
    shown = page.post(url, {"reason": "contact"})
    assert "18612345521" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    event = AuditEvent.objects.get(action="reveal_phone")
    assert (event.object_id, event.actor) == (ticket.pk, f"member:{world.members['handler'].pk}")
    assert "18612345521" not in str(event.detail)
    assert world.sign_in(Client(), "supervisor").post(url, {"reason": "contact"}).status_code == 403


def test_the_first_button_is_the_next_lawful_move(world: World, client: Client) -> None:
    def first(name: str, ticket: Ticket) -> tuple[str, bool]:
        page = world.sign_in(Client(), name).get(reverse("desk:ticket", args=[ticket.number]))
        detail = page.context["detail"]
        if detail["advice"]:
            return "advice", True
        return (detail["buttons"][0]["name"], detail["buttons"][0]["primary"]) if detail["buttons"] else ("", False)

    assert first("handler", at_water(world)) == ("sign", True)
    assert first("handler", at_water(world, signed=True)) == ("contact", True)
    assert first("dispatcher", at_street(world)) == ("advice", True)
    assert first("secretary", resolved(world)) == ("verify", True)
    assert first("visitor", visiting(world)) == ("return_visit", True)
    assert first("center", unlocated(world)) == ("accept", True)


def test_the_suggestion_dispatches_with_one_button(world: World, client: Client) -> None:
    ticket = at_street(world)
    page = world.sign_in(client, "dispatcher")
    text = page.get(reverse("desk:inbox"), {"ticket": ticket.number}).content.decode()
    assert "按建议派单" in text
    assert "区自来水公司" in text
    back = f"{reverse('desk:inbox')}?queue=open&ticket={ticket.number}"
    response = page.post(url_of(ticket, "dispatch"), {"organization": world.water.pk, "next": back}, follow=True)
    assert response.redirect_chain == [(back, 302)]
    assert "已派给区自来水公司" in response.content.decode()
    assert again(ticket).organization_id == world.water.pk


def test_a_way_back_to_elsewhere_is_not_taken(world: World, client: Client) -> None:
    ticket = at_water(world)
    response = world.sign_in(client, "handler").post(url_of(ticket, "sign"), {"next": "https://example.org/"})
    assert response["Location"] == reverse("desk:ticket", args=[ticket.number])


def test_recording_on_behalf_asks_for_consent_and_gives_the_number(world: World, client: Client) -> None:
    page = world.sign_in(client, "staff")
    assert page.get(reverse("desk:new")).status_code == 200
    said = {
        "channel": "hotline", "content": WORDS, "building": world.building.pk, "name": "王大爷",
        "phone": "13912345678", "idempotency_key": "new",
    }  # fmt: skip
    refused = page.post(reverse("desk:new"), said)
    assert refused.status_code == 422
    assert "要先问过本人" in refused.content.decode()
    assert WORDS in refused.content.decode()
    done = page.post(reverse("desk:new"), {**said, "has_consented": "on"}, follow=True)
    ticket = Ticket.objects.get()
    assert ticket.number in done.content.decode()
    assert (ticket.channel, ticket.recorded_by_id) == ("hotline", world.members["staff"].pk)
    assert AuditEvent.objects.filter(action="consent_on_behalf", object_id=ticket.pk).exists()
    assert ticket.requester is not None
    assert ticket.requester.phone == "13912345678"
    consent = Consent.objects.get(ticket=ticket)
    assert (consent.how, consent.helper, consent.recorded_by_id) == ("phone", "staff", world.members["staff"].pk)
    said_how = {**said, "has_consented": "on", "consent_how": "writing", "idempotency_key": "how"}
    page.post(reverse("desk:new"), said_how)
    assert Consent.objects.order_by("pk").last().how == "writing"  # type: ignore[union-attr]
    assert (
        "工作人员替报，本人同意（电话里说的）"
        in page.get(reverse("desk:ticket", args=[ticket.number])).content.decode()
    )


def test_a_recording_goes_beside_what_was_written_down_and_is_not_lost_to_a_mistake(
    world: World, client: Client, settings: Any, tmp_path: Path
) -> None:
    """S1-12: the same component and the same cleaning as in the public form."""
    settings.MEDIA_ROOT = str(tmp_path)
    page = world.sign_in(client, "staff")
    shown = page.get(reverse("desk:new"))
    assert "data-recording" in shown.content.decode()
    assert "microphone=(self)" in shown.headers["Permissions-Policy"]
    assert "microphone=()" in page.get(reverse("desk:inbox")).headers["Permissions-Policy"]
    said = {"channel": "station_counter", "content": "", "building": world.building.pk, "idempotency_key": "r1"}
    sound = SimpleUploadedFile("说话.webm", webm(), content_type="audio/webm")
    refused = page.post(reverse("desk:new"), {**said, "recording": sound})
    assert refused.status_code == 422
    assert "录音收到了" in refused.content.decode()
    kept = refused.context["recording"].signed()
    done = {**said, "content": WORDS, "kept_recording": kept, "idempotency_key": "r2"}
    for _twice in range(2):
        assert page.post(reverse("desk:new"), done).status_code == 302
    ticket = Ticket.objects.get()
    (found,) = ticket.attachments.all()
    assert (found.media_type, found.seconds, found.purpose) == ("audio/webm", 9, "report")
    wrong = SimpleUploadedFile("a.webm", b"no sound at all", content_type="audio/webm")
    answered = page.post(reverse("desk:new"), {**said, "content": WORDS, "recording": wrong, "idempotency_key": "r3"})
    assert (answered.status_code, Ticket.objects.count()) == (422, 1)


def test_a_report_written_down_at_the_desk_names_whom_it_is_about(world: World, client: Client) -> None:
    page = world.sign_in(client, "staff")
    assert "举报哪个单位" in page.get(reverse("desk:new")).content.decode()
    said = {"channel": "station_counter", "content": WORDS, "building": world.building.pk, "idempotency_key": "r"}
    refused = page.post(reverse("desk:new"), {**said, "about": world.center_office.pk})
    assert refused.status_code == 422
    assert "没有这个单位" in refused.content.decode()
    done = page.post(reverse("desk:new"), {**said, "about": world.committee.pk}, follow=True)
    ticket = Ticket.objects.get()
    assert (ticket.about_id, ticket.request_type, ticket.is_restricted) == (world.committee.pk, "report", True)
    # Its number is told, but whoever wrote it down sits in the office it is about.
    assert ticket.number in done.content.decode()
    assert page.get(reverse("desk:ticket", args=[ticket.number])).status_code == 404


def test_an_anonymous_letter_keeps_no_name_and_shows_its_code_once(world: World, client: Client) -> None:
    page = world.sign_in(client, "staff")
    said = {"channel": "letter_box", "content": WORDS, "name": "王大爷", "is_anonymous": "on", "idempotency_key": "a"}
    first = page.post(reverse("desk:new"), {**said, "community": world.community.pk}, follow=True)
    assert first.context["code"]
    assert page.get(reverse("desk:recorded")).context["code"] == ""
    ticket = Ticket.objects.get()
    assert ticket.requester_id is None
    assert ticket.community_id == world.community.pk


def test_buildings_are_found_by_compound_and_number(world: World, client: Client) -> None:
    text = world.sign_in(client, "staff").get(reverse("desk:places"), {"q": "春晓花园 1"}).content.decode()
    assert f'value="{world.building.pk}"' in text
    assert "<html" not in text


def test_notices_are_the_readers_own(world: World, client: Client) -> None:
    rows = [
        Notice.objects.create(
            membership=world.members[name],
            source="t:1",
            kind="x",
            text=f"给{name}",
            path="/desk/",
            created_at=clock.now(),
        )
        for name in ("staff", "dispatcher")
    ]
    page = world.sign_in(client, "staff")
    text = page.get(reverse("desk:notices")).content.decode()
    assert "给staff" in text
    assert "给dispatcher" not in text
    page.post(reverse("desk:read_notices"), {"notice": rows[1].pk})
    assert Notice.objects.get(pk=rows[1].pk).read_at is None
    assert page.post(reverse("desk:read_notices"), {"notice": rows[0].pk})["Location"] == "/desk/"
    assert "给staff" not in page.get(reverse("desk:notices")).content.decode()


def test_a_resolved_ticket_carries_its_photo(world: World, client: Client, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    ticket = at_water(world, signed=True)
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(buffer, "PNG")
    page = world.sign_in(client, "handler")

    def photo() -> SimpleUploadedFile:
        return SimpleUploadedFile("x.png", buffer.getvalue(), "image/png")

    kept = page.post(url_of(ticket, "resolve"), {"note": "", "photos": photo()})
    assert kept.status_code == 422
    assert len(kept.context["form"].photos.kept) == 1
    assert "kept_photos" in kept.content.decode()
    signed = kept.context["form"].photos.signed()
    assert page.post(url_of(ticket, "resolve"), {"note": "修好了", "kept_photos": signed}).status_code == 302
    assert ticket.attachments.filter(purpose="evidence").count() == 1


def test_escalation_by_hand_is_in_the_timeline(world: World, client: Client) -> None:
    ticket = report(world, content="楼下路灯不亮，晚上看不见路")
    escalate_ticket(ticket, actor=world.worker, note="要社区出面")
    text = world.sign_in(client, "secretary").get(reverse("desk:ticket", args=[ticket.number])).content.decode()
    assert "网格上报社区" in text
    assert "要社区出面" in text
