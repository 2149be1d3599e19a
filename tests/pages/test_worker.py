"""The grid worker's phone: lists, moves, finds, all as plain posts. No scope is open: requests open their own."""

from __future__ import annotations

import io
import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags
from PIL import Image

from governance.accounts.legal import current
from governance.accounts.models import Notice
from governance.kernel import clock
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_transaction
from requests_intake.actions.handle import sign_order
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Attachment, Consent, Note, Ticket, TicketTransition
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def worker(world: World, client: Client) -> Client:
    return world.sign_in(client, "worker")


def photo(name: str = "a.jpg", colour: str = "green") -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(buffer, "JPEG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/jpeg")


def report(world: World, content: str = "楼道里堆了旧家具", building: int = 0, **more: Any) -> Ticket:
    with district_transaction(world.district):
        said = Report(content=content, building_id=world.buildings[building].pk, category_code="0106", **more)
        return submit_ticket(said, actor=world.dispatcher).ticket


def sign(world: World, ticket: Ticket) -> Ticket:
    with district_transaction(world.district):
        return sign_order(ticket, actor=world.worker)


def fresh(world: World, ticket: Ticket) -> Ticket:
    with district_transaction(world.district):
        return Ticket.objects.get(pk=ticket.pk)


def move(client: Client, ticket: Ticket, name: str, **data: Any) -> Any:
    return client.post(f"/m/t/{ticket.number}/{name}/", {"idempotency_key": str(uuid.uuid4()), **data})


def resolved_by_water(world: World) -> Ticket:
    """A matter of the own grid that a department says is done and somebody has to look at."""
    from requests_intake.actions.dispatch import dispatch_ticket

    ticket = report(world, urgency="urgent")
    with district_transaction(world.district):
        dispatch_ticket(ticket, organization_id=world.water.pk, actor=world.dispatcher)
        sign_order(ticket, actor=world.handler)
        return resolve_ticket(ticket, actor=world.handler, reply="管子修好了")


# ---------------------------------------------------------------- who may enter
def test_strangers_are_sent_to_sign_in_and_others_are_refused(world: World, client: Client) -> None:
    assert client.get("/m/")["Location"] == "/sign-in/?next=%2Fm%2F"
    assert world.sign_in(client, "dispatcher").get("/m/").status_code == 403


def test_every_page_of_a_sibling_grid_does_not_exist(world: World, worker: Client) -> None:
    other = report(world, building=2)
    assert fresh(world, other).grid_id == world.grid2.pk
    for path in ("", "sign/", "escalate/"):
        assert worker.get(f"/m/t/{other.number}/{path}").status_code == 404
    for path in ("sign/", "solve_on_site/", "phone/"):
        assert worker.post(f"/m/t/{other.number}/{path}", {"reason": "contact"}).status_code == 404
    assert fresh(world, other).state == "handling"


# ---------------------------------------------------------------- lists
def test_today_shows_only_the_own_grid(world: World, worker: Client) -> None:
    report(world, "自己网格的事情")
    report(world, "隔壁网格的事情", building=2)
    page = worker.get("/m/").content.decode()
    assert "自己网格的事情" in page
    assert "隔壁网格的事情" not in page
    assert world.grid.name in page


def test_today_has_what_to_sign_what_is_at_hand_and_what_to_look_at(world: World, worker: Client) -> None:
    waiting, at_hand, to_check = (
        report(world, "等签收的事"),
        sign(world, report(world, "在办的事")),
        resolved_by_water(world),
    )
    context = worker.get("/m/").context
    assert [row["number"] for row in context["to_sign"]] == [waiting.number]
    assert [row["number"] for row in context["at_hand"]] == [at_hand.number]
    assert [row["number"] for row in context["to_check"]] == [to_check.number]
    assert context["to_check"][0]["title"].startswith("去看看：")


def test_what_is_at_hand_is_sorted_by_remaining_time(world: World, worker: Client) -> None:
    calm = sign(world, report(world, "不急的事", urgency="normal"))
    pressing = sign(world, report(world, "着急的事", urgency="urgent"))
    assert [row["number"] for row in worker.get("/m/").context["at_hand"]] == [pressing.number, calm.number]


def test_an_empty_day_says_so(world: World, worker: Client) -> None:
    assert "手上没有要办的事" in worker.get("/m/").content.decode()


def test_all_matters_in_three_lists(world: World, worker: Client) -> None:
    here, gone = report(world, "还在网格"), sign(world, report(world, "交上去了"))
    move(worker, gone, "escalate", note="要专业部门来办")
    lists = {
        show: [row["number"] for row in worker.get("/m/tickets/", {"show": show}).context["cards"]]
        for show in ("open", "up", "finished")
    }
    assert lists == {"open": [here.number], "up": [gone.number], "finished": []}


@pytest.mark.parametrize("path", ["/m/", "/m/tickets/", "/m/notices/"])
def test_statements_do_not_grow_with_rows(world: World, worker: Client, path: str) -> None:
    counts = []
    for more in (2, 10):
        for number in range(more):
            ticket = report(world, f"第 {number} 件")
            if number % 2:
                sign(world, ticket)
        worker.get(path)  # warm: reference data is cached per version
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert worker.get(path).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


# ---------------------------------------------------------------- one matter
def test_the_page_of_a_matter_has_the_words_and_no_number_in_clear(world: World, worker: Client) -> None:
    ticket = report(world, "楼道里堆了旧家具，走不过去", name="李阿姨", phone="18612345521")
    page = worker.get(f"/m/t/{ticket.number}/").content.decode()
    assert "楼道里堆了旧家具，走不过去" in page
    assert "186****5521" in page
    assert "18612345521" not in page


def test_the_number_is_shown_once_for_a_reason_and_audited(world: World, worker: Client) -> None:
    ticket = sign(world, report(world, name="李阿姨", phone="18612345521"))
    offered = worker.get(f"/m/t/{ticket.number}/").context["reasons"]
    assert list(offered) == ["contact", "on_site", "emergency"]
    assert worker.post(f"/m/t/{ticket.number}/phone/", {}).status_code == 422
    shown = worker.post(f"/m/t/{ticket.number}/phone/", {"reason": "contact"})
    assert 'href="tel:18612345521"' in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert worker.get(f"/m/t/{ticket.number}/phone/").status_code == 405
    with district_transaction(world.district):
        event = AuditEvent.objects.get(action="reveal_phone")
    assert (event.object_id, event.detail) == (ticket.pk, {"reason": "contact"})


def test_a_confidential_requester_is_not_shown(world: World, worker: Client) -> None:
    ticket = report(world, name="李阿姨", phone="18612345521", is_confidential=True)
    page = worker.get(f"/m/t/{ticket.number}/").content.decode()
    assert "李阿姨" not in page
    assert "5521" not in strip_tags(page)
    assert worker.post(f"/m/t/{ticket.number}/phone/", {"reason": "contact"}).status_code == 403


def test_signing_is_one_post_from_the_list(world: World, worker: Client) -> None:
    ticket = report(world)
    key = worker.get("/m/").context["to_sign"][0]["key"]
    for _twice in range(2):
        answer = worker.post(f"/m/t/{ticket.number}/sign/", {"idempotency_key": key, "from": "home"})
        assert answer["Location"] == "/m/"
    with district_transaction(world.district):
        assert TicketTransition.objects.filter(ticket=ticket, move="sign").count() == 1
    assert [row["number"] for row in worker.get("/m/").context["at_hand"]] == [ticket.number]


def test_fixed_on_site_needs_a_photo_and_a_sentence(world: World, worker: Client) -> None:
    ticket = sign(world, report(world))
    assert move(worker, ticket, "solve_on_site", phrase="已清理干净").status_code == 422
    assert fresh(world, ticket).state == "handling"
    answer = move(worker, ticket, "solve_on_site", phrase="已清理干净", note="家具搬走了", photos=photo())
    assert answer["Location"] == "/m/"
    assert fresh(world, ticket).state in ("resolved", "visiting")
    with district_transaction(world.district):
        note = Note.objects.get(ticket=ticket)
        assert Attachment.objects.get(ticket=ticket).purpose == "evidence"
    assert (note.text, note.audience) == ("已清理干净；家具搬走了", "public")


def test_a_photo_is_kept_while_the_sentence_is_missing(world: World, worker: Client) -> None:
    ticket = sign(world, report(world))
    refused = move(worker, ticket, "solve_on_site", photos=photo())
    assert refused.status_code == 422
    assert refused.context["form"].errors["note"]
    kept = re.search('name="kept_photos" value="([^"]+)"', refused.content.decode())
    assert kept is not None
    assert move(worker, ticket, "solve_on_site", phrase="已修好", kept_photos=kept[1]).status_code == 302
    with district_transaction(world.district):
        assert Attachment.objects.filter(ticket=ticket, purpose="evidence").count() == 1


def test_a_sentence_nobody_offered_is_not_taken(world: World, worker: Client) -> None:
    ticket = sign(world, report(world))
    assert move(worker, ticket, "escalate", phrase="随便写的").status_code == 422
    assert fresh(world, ticket).level == "grid"


def test_going_up_takes_one_tapped_reason(world: World, worker: Client) -> None:
    ticket = sign(world, report(world))
    assert move(worker, ticket, "escalate", phrase="要专业部门来办")["Location"] == "/m/"
    assert fresh(world, ticket).level == "community"
    assert worker.get(f"/m/t/{ticket.number}/").status_code == 200  # still one's own grid
    assert worker.get(f"/m/t/{ticket.number}/escalate/").status_code == 403  # but no longer one's own work


def test_contact_and_resolve(world: World, worker: Client) -> None:
    ticket = sign(world, report(world))
    assert move(worker, ticket, "contact", phrase="约好上门时间")["Location"] == f"/m/t/{ticket.number}/"
    assert move(worker, ticket, "resolve", phrase="已办妥")["Location"] == "/m/"
    assert fresh(world, ticket).state in ("resolved", "visiting")


@pytest.mark.parametrize(("name", "state"), [("verify", "visiting"), ("rework", "handling")])
def test_somebody_looks_whether_it_is_really_fixed(world: World, worker: Client, name: str, state: str) -> None:
    ticket = resolved_by_water(world)
    page = worker.get(f"/m/t/{ticket.number}/")
    assert [row["name"] for row in page.context["bar"]] == ["verify", "rework"]
    if name == "verify":
        assert move(worker, ticket, name, phrase="现场已恢复").status_code == 422  # without a photo
    phrase = {"verify": "现场已恢复", "rework": "还没动工"}[name]
    assert move(worker, ticket, name, phrase=phrase, photos=photo()).status_code == 302
    assert fresh(world, ticket).state == state
    with district_transaction(world.district):
        assert Attachment.objects.get(ticket=ticket).purpose == "verification"


def test_the_large_button_is_the_next_lawful_move(world: World, worker: Client) -> None:
    ticket = report(world)
    first = worker.get(f"/m/t/{ticket.number}/").context
    assert [row["name"] for row in first["bar"]] == ["sign", "solve_on_site"]
    sign(world, ticket)
    then = worker.get(f"/m/t/{ticket.number}/").context
    assert [row["name"] for row in then["bar"]] == ["solve_on_site", "escalate"]
    assert {"contact", "resolve"} <= {row["name"] for row in then["moves"]}


@pytest.mark.parametrize("name", ["dispatch", "close", "reopen", "nothing"])
def test_moves_of_other_surfaces_have_no_page_here(world: World, worker: Client, name: str) -> None:
    assert worker.get(f"/m/t/{report(world).number}/{name}/").status_code == 404


def test_the_forms_open_for_every_lawful_move(world: World, worker: Client) -> None:
    ticket = sign(world, report(world))
    for name in ("solve_on_site", "resolve", "escalate", "contact", "classify"):
        assert worker.get(f"/m/t/{ticket.number}/{name}/").status_code == 200


# ---------------------------------------------------------------- finds
def find(client: Client, **data: Any) -> Any:
    page = client.get("/m/report/").context["form"]
    given = {"idempotency_key": page["idempotency_key"].value(), "place": page["place"].value(), **data}
    return client.post("/m/report/", given)


def only(world: World) -> Ticket:
    with district_transaction(world.district):
        return Ticket.objects.get()


def test_a_find_fixed_on_the_spot_is_closed_in_one_form_and_nobody_is_asked(world: World, worker: Client) -> None:
    # 排水 begins at the community, but who has cleared the drain keeps it.
    done = find(worker, category="0604", done="1", photos=[photo(), photo("b.jpg", "grey")])
    assert done["Location"] == "/m/"
    ticket = only(world)
    assert (ticket.state, ticket.close_reason, ticket.channel, ticket.is_proactive) == (
        "closed",
        "no_visit",
        "patrol",
        True,
    )
    assert (ticket.resolved_level, ticket.grid_id, ticket.rework_count) == ("grid", world.grid.pk, 0)
    with district_transaction(world.district):
        assert list(Attachment.objects.order_by("pk").values_list("purpose", flat=True)) == ["report", "evidence"]
        made = list(TicketTransition.objects.order_by("pk").values_list("move", flat=True))
    assert made == ["submit", "accept", "dispatch", "solve_on_site", "waive_verification", "close"]


def test_what_a_resident_said_is_not_fixed_without_a_photo(world: World, worker: Client) -> None:
    assert find(worker, category="0604", done="1", for_resident="on").status_code == 422
    with district_transaction(world.district):
        assert not Ticket.objects.exists()


def test_an_own_find_is_fixed_on_the_spot_without_a_photo(world: World, worker: Client) -> None:
    assert find(worker, category="0604", done="1").status_code == 302
    assert (only(world).state, only(world).close_reason) == ("closed", "no_visit")


def test_a_find_goes_to_whoever_handles_its_category(world: World, worker: Client) -> None:
    assert find(worker, category="0604", photos=photo()).status_code == 302
    ticket = only(world)
    assert (ticket.state, ticket.level, ticket.grid_id) == ("handling", "community", world.grid.pk)
    assert ticket.needs_return_visit is False


def test_a_building_of_the_own_grid_is_the_place(world: World, worker: Client) -> None:
    assert (
        find(worker, place=f"building-{world.buildings[1].pk}", spot="北侧", content="单元门关不上").status_code == 302
    )
    ticket = only(world)
    assert (ticket.building_id, ticket.located_by, ticket.address_text) == (world.buildings[1].pk, "building", "北侧")


def test_a_spot_that_names_another_place_stays_in_the_own_grid(world: World, worker: Client) -> None:
    assert find(worker, spot=f"{world.compounds[2].name}对面", content="垃圾没有清走").status_code == 302
    ticket = only(world)
    assert ticket.grid_id == world.grid.pk
    assert world.compounds[2].name in ticket.content


@pytest.mark.parametrize("place", ["other_building", "grid-999999", "", "building-x"])
def test_places_outside_the_own_grid_are_refused(world: World, worker: Client, place: str) -> None:
    value = f"building-{world.buildings[2].pk}" if place == "other_building" else place
    answer = find(worker, place=value, content="单元门关不上")
    assert answer.status_code == 422
    assert answer.context["form"].errors["place"]


def test_nothing_said_is_refused_and_what_was_filled_in_stays(world: World, worker: Client) -> None:
    answer = find(worker, spot="北侧")
    assert answer.status_code == 422
    assert 'value="北侧"' in answer.content.decode()


def test_for_a_resident_at_the_door_the_resident_will_be_asked(world: World, worker: Client) -> None:
    answer = find(worker, for_resident="on", name="李阿姨", phone="18612345521", content="楼道灯坏了三天",
                  has_consented="on")  # fmt: skip
    assert answer.status_code == 302
    ticket = only(world)
    assert (ticket.channel, ticket.is_proactive, ticket.needs_return_visit) == ("door", False, True)
    with district_transaction(world.district):
        assert Ticket.objects.get().requester.phone == "18612345521"
        assert Ticket.objects.get().recorded_by_id == world.members["worker"].pk


def test_somebody_at_the_door_is_written_down_only_when_they_agreed(world: World, worker: Client) -> None:
    """S2-05: the same words and the same record as at the desk (`requests_intake_consent`)."""
    said = {"for_resident": "on", "phone": "18612345521", "content": "楼道灯坏了三天"}
    refused = find(worker, **said)
    assert (refused.status_code, "留称呼或电话要先问过本人" in refused.content.decode()) == (422, True)
    assert find(worker, **said, has_consented="on").status_code == 302
    with district_transaction(world.district):
        kept = Consent.objects.get()
        assert (kept.how, kept.helper, kept.recorded_by_id) == ("face", "staff", world.members["worker"].pk)
        assert kept.text_version == current("consent").number
        assert AuditEvent.objects.filter(action="consent_on_behalf", object_id=kept.ticket_id).exists()


def test_nobody_s_consent_is_kept_of_a_find_or_of_somebody_without_a_name(world: World, worker: Client) -> None:
    assert find(worker, content="路灯不亮", has_consented="on", name="李阿姨").status_code == 302
    assert find(worker, content="楼道灯坏了", for_resident="on", has_consented="on").status_code == 302
    with district_transaction(world.district):
        assert not Consent.objects.exists()
        assert not AuditEvent.objects.filter(action="consent_on_behalf").exists()


def test_the_same_form_twice_is_one_ticket(world: World, worker: Client) -> None:
    page = worker.get("/m/report/").context["form"]
    given = {"idempotency_key": page["idempotency_key"].value(), "place": page["place"].value(), "content": "路灯不亮"}
    for _twice in range(2):
        assert worker.post("/m/report/", given).status_code == 302
    only(world)


def test_going_back_and_sending_other_words_is_asked_about_and_then_taken(world: World, worker: Client) -> None:
    page = worker.get("/m/report/").context["form"]
    given = {"idempotency_key": page["idempotency_key"].value(), "place": page["place"].value(), "content": "路灯不亮"}
    worker.post("/m/report/", given)
    asked = worker.post("/m/report/", {**given, "content": "垃圾没有清走"})
    assert asked.status_code == 422
    again = asked.context["form"]["idempotency_key"].value()
    assert worker.post("/m/report/", {**given, "content": "垃圾没有清走", "idempotency_key": again}).status_code == 302
    with district_transaction(world.district):
        assert Ticket.objects.count() == 2


def test_words_guess_the_category_and_a_choice_stays(world: World, worker: Client) -> None:
    guessed = worker.post("/m/report/guess/", {"content": "楼下下水道堵了，污水往外冒"}).context
    assert [row["value"] for row in guessed["options"] if row["chosen"]] == ["0604"]
    assert guessed["hint"].startswith("猜是")
    kept = worker.post("/m/report/guess/", {"content": "楼下下水道堵了", "category": "0105", "guessed": ""}).context
    assert [row["value"] for row in kept["options"] if row["chosen"]] == ["0105"]
    moved_on = worker.post("/m/report/guess/", {"content": "路灯不亮了", "category": "0604", "guessed": "0604"}).context
    assert [row["value"] for row in moved_on["options"] if row["chosen"]] == ["0603"]


# ---------------------------------------------------------------- messages and oneself
def test_messages_are_ones_own_and_lead_to_the_matter(world: World, worker: Client) -> None:
    ticket = report(world)
    with district_transaction(world.district):
        Notice.objects.all().delete()
        mine, other = (
            Notice.objects.create(
                membership=world.members[name],
                source="t:1",
                kind="dispatch",
                text=f"给 {name} 的消息",
                path=f"/m/t/{ticket.number}/",
                created_at=clock.now(),
            )
            for name in ("worker", "leader")
        )
    page = worker.get("/m/notices/").content.decode()
    assert "给 worker 的消息" in page
    assert "给 leader 的消息" not in page
    assert "消息 1" in page
    assert worker.post(f"/m/notices/{mine.pk}/")["Location"] == f"/m/t/{ticket.number}/"
    assert worker.post(f"/m/notices/{other.pk}/")["Location"] == "/m/notices/"
    with district_transaction(world.district):
        assert Notice.objects.get(pk=mine.pk).read_at is not None
        assert Notice.objects.get(pk=other.pk).read_at is None


def test_sun_contrast_is_on_unless_switched_off(world: World, worker: Client) -> None:
    assert " data-sun" in worker.get("/m/me/").content.decode().split(">", 2)[1]
    worker.cookies["sun"] = "0"
    assert " data-sun" not in worker.get("/m/me/").content.decode().split(">", 2)[1]


def test_everything_works_under_the_districts_address(world: World, worker: Client) -> None:
    ticket = report(world)
    page = worker.get("/d/t1/m/").content.decode()
    assert f'action="/d/t1/m/t/{ticket.number}/sign/"' in page
    assert worker.get("/d/t9/m/").status_code == 404
