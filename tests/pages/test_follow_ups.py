"""回访名单 and one call, 待核查, 待复核, 抽查记录, and the resident's rating link."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.kernel.actors import Actor
from governance.kernel.models import AuditEvent
from governance.privacy.models import Disclosure
from requests_intake.actions.desk import archive_ticket
from requests_intake.actions.follow_up import raise_late_checks
from requests_intake.actions.rate import rate_ticket, record_return_visit
from requests_intake.actions.visits import claim_visit
from requests_intake.models import FollowUp, Rating, ReturnVisit, SampleDraw, Ticket
from requests_intake.rating_links import rating_paths, token_of
from tests.cases import report, ticket_in, under_review
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY_9 = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)

pytestmark = pytest.mark.django_db


def key() -> dict[str, str]:
    return {"idempotency_key": str(uuid4())}


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


@pytest.fixture
def visitor(world: World, client: Client) -> Client:
    return world.sign_in(client, "visitor")


# ---------------------------------------------------------------- the call list
def desk_of(world: World, name: str) -> Client:
    """Signed in now: a session does not outlast the days a test jumps over."""
    return world.sign_in(Client(), name)


def test_the_list_has_the_longest_due_first_with_masked_numbers(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as moment:
        first = ticket_in(world, "visiting")
        moment.shift(timedelta(days=1))
        second = ticket_in(world, "visiting")
        page = desk_of(world, "visitor").get("/desk/visits/")
        moment.move_to(FollowUp.objects.get(ticket=first, ended_at=None).due_at + timedelta(minutes=1))
        later = desk_of(world, "visitor").get("/desk/visits/?view=over")
    assert [row["ticket"].pk for row in page.context["rows"]] == [first.pk, second.pk]
    html = page.content.decode()
    assert "13800001234" not in html
    assert "138****1234" in html
    assert [row["ticket"].pk for row in later.context["rows"]] == [first.pk]


def test_the_list_is_narrowed_by_place_organization_attempts_and_view(world: World, visitor: Client) -> None:
    tried, silent = ticket_in(world, "visiting"), ticket_in(world, "visiting", phone="")
    record_return_visit(tried, answer="unreachable", actor=world.visitor)

    def numbers(query: str) -> list[str]:
        return [row["ticket"].number for row in visitor.get(f"/desk/visits/?{query}").context["rows"]]

    assert numbers("") == numbers("view=again") == numbers("attempts=1") == [tried.number]
    assert numbers("view=none") == [silent.number]
    assert numbers(f"area={world.street.pk}") == numbers(f"organization={world.grid_team.pk}") == [tried.number]
    assert numbers(f"area={world.other_street.pk}") == numbers("attempts=2") == numbers("organization=9") == []
    record_return_visit(again(tried), answer="unreachable", actor=world.visitor)
    assert numbers("") == []
    assert numbers("view=rest") == [tried.number]


def test_each_desk_calls_for_its_own_place_and_a_department_for_none(world: World) -> None:
    ticket_in(world, "visiting")
    for name, status in (("staff", 1), ("dispatcher", 1), ("other_dispatcher", 0)):
        page = world.sign_in(Client(), name).get("/desk/visits/")
        assert len(page.context["rows"]) == status
    for name in ("handler", "official", "leader"):
        refused = world.sign_in(Client(), name).get("/desk/visits/")
        assert refused.status_code == 403


def test_a_restricted_matter_is_on_the_lists_of_its_circle_only(world: World) -> None:
    ticket = ticket_in(world, "visiting")
    Ticket.objects.filter(pk=ticket.pk).update(is_restricted=True)
    for name, seen in (("visitor", 0), ("staff", 0), ("center", 1)):
        assert len(world.sign_in(Client(), name).get("/desk/visits/").context["rows"]) == seen
    assert world.sign_in(Client(), "visitor").get(f"/desk/visits/{ticket.number}/").status_code == 404


# ---------------------------------------------------------------- one call
def test_four_taps_from_the_list_to_the_answer_and_the_next_opens(world: World, visitor: Client) -> None:
    first, second = ticket_in(world, "visiting"), ticket_in(world, "visiting")
    opened = visitor.post("/desk/visits/next/")
    assert opened.headers["Location"] == f"/desk/visits/{first.number}/"
    page = visitor.get(f"/desk/visits/{first.number}/")
    assert page.context["is_mine"]
    assert "13800001234" not in page.content.decode()
    shown = visitor.post(f"/desk/visits/{first.number}/phone/")
    assert 'href="tel:13800001234"' in shown.content.decode()
    disclosure = Disclosure.objects.get(object_id=first.pk)
    assert disclosure.reason == Disclosure.Reason.RETURN_VISIT
    done = visitor.post(f"/desk/visits/{first.number}/", {**key(), "answer": "satisfied"})
    assert done.headers["Location"] == f"/desk/visits/{second.number}/"
    assert (again(first).state, again(first).final_satisfaction) == ("closed", "satisfied")
    last = visitor.post(f"/desk/visits/{second.number}/", {**key(), "answer": "satisfied"}, follow=True)
    assert last.request["PATH_INFO"].endswith("/desk/visits/")
    assert "现在没有要打的了" in last.content.decode()


def test_an_answer_sent_twice_counts_once(world: World, visitor: Client) -> None:
    ticket, same = ticket_in(world, "visiting"), key()
    for _time in range(2):
        visitor.post(f"/desk/visits/{ticket.number}/", {**same, "answer": "unreachable"})
    assert ReturnVisit.objects.filter(ticket=ticket).count() == 1


def test_a_refused_answer_says_why_and_keeps_what_was_typed(world: World, visitor: Client) -> None:
    ticket = ticket_in(world, "visiting")
    said = {**key(), "answer": "satisfied", "solved": "unsolved", "note": "楼道又黑了"}
    page = visitor.post(f"/desk/visits/{ticket.number}/", said)
    assert page.status_code == 422
    assert "对不上，请再问一句" in page.content.decode()
    assert "楼道又黑了" in page.content.decode()
    assert again(ticket).state == "visiting"
    empty = visitor.post(f"/desk/visits/{ticket.number}/", key())
    assert "请点一个结果" in empty.content.decode()


def test_who_comes_second_sees_who_is_calling_and_gets_no_buttons(world: World, visitor: Client) -> None:
    ticket = ticket_in(world, "visiting")
    claim_visit(ticket, actor=world.staff)
    page = visitor.get(f"/desk/visits/{ticket.number}/").content.decode()
    assert "郑社工正在打" in page
    assert 'name="answer"' not in page
    assert "郑社工正在打" in visitor.get("/desk/visits/").content.decode()
    refused = visitor.post(f"/desk/visits/{ticket.number}/", {**key(), "answer": "satisfied"})
    assert refused.status_code == 422
    assert "郑社工正在打" in refused.content.decode()
    assert visitor.post("/desk/visits/next/").headers["Location"] == "/desk/visits/"


def test_put_back_it_is_anybodys(world: World, visitor: Client) -> None:
    ticket = ticket_in(world, "visiting")
    visitor.post(f"/desk/visits/{ticket.number}/claim/")
    assert FollowUp.objects.get(ticket=ticket, ended_at=None).claimed_by_id == world.members["visitor"].pk
    visitor.post(f"/desk/visits/{ticket.number}/release/")
    assert FollowUp.objects.get(ticket=ticket, ended_at=None).claimed_by_id is None


def test_no_door_is_offered_where_somebody_asked_for_secrecy(world: World) -> None:
    ticket = ticket_in(world, "visiting", is_confidential=True)
    page = world.sign_in(Client(), "center").get(f"/desk/visits/{ticket.number}/").content.decode()
    assert 'value="door"' not in page
    assert 'name="answer"' in page


# ---------------------------------------------------------------- looks
def test_the_list_of_looks_says_whose_turn_and_what_is_late(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as moment:
        ticket = ticket_in(world, "resolved")
        assert desk_of(world, "staff").get("/desk/checks/?view=mine").context["rows"] == []
        moment.move_to(FollowUp.objects.get(ticket=ticket).due_at + timedelta(minutes=1))
        desk = desk_of(world, "staff")
        late = desk.get("/desk/checks/?view=over")
        assert [row["ticket"].pk for row in late.context["rows"]] == [ticket.pk]
        raise_late_checks()
        mine = desk.get("/desk/checks/?view=mine").content.decode()
    assert ticket.number in mine
    assert "下级没有按时看" in mine
    assert f"/desk/t/{ticket.number}/verify/" in mine


def test_whoever_resolved_it_neither_finds_it_among_the_looks_nor_a_button(world: World) -> None:
    ticket = ticket_in(world, "resolved")
    worker = world.sign_in(Client(), "worker")
    assert worker.get("/m/").context["to_check"] == []
    assert worker.get(f"/m/t/{ticket.number}/").context["bar"] == []
    refused = worker.post(f"/m/t/{ticket.number}/rework/", {**key(), "note": "没修好"})
    assert refused.status_code == 403
    assert "要由别人去核查" in refused.content.decode()
    leader = world.sign_in(Client(), "leader")
    assert [row["number"] for row in leader.get("/m/").context["to_check"]] == [ticket.number]


# ---------------------------------------------------------------- review
def test_a_leader_reads_what_was_said_and_done_each_time_and_decides(world: World) -> None:
    ticket = under_review(world)
    desk = world.sign_in(Client(), "secretary")
    assert ticket.number in desk.get("/desk/reviews/").content.decode()
    page = desk.get(f"/desk/reviews/{ticket.number}/")
    rounds = page.context["rounds"]
    assert [row["done"] for row in rounds] == ["灯换好了", "又换了一次"]
    assert [row["said"][0]["face"] for row in rounds] == ["没解决", "没解决"]
    assert [row["label"] for row in page.context["decisions"]] == ["结案", "责成再办", "交上级再办", "申请认定不合理"]
    asked = desk.post(f"/desk/t/{ticket.number}/ask_unreasonable/", {**key(), "note": "要求赔偿"})
    assert asked.status_code == 302
    assert desk.get(f"/desk/reviews/{ticket.number}/").context["decisions"] == []
    center = world.sign_in(Client(), "center")
    assert ticket.number in center.get("/desk/reviews/?view=claims").content.decode()
    judged = center.get(f"/desk/reviews/{ticket.number}/")
    assert "要求赔偿" in judged.content.decode()
    assert [row["label"] for row in judged.context["decisions"]] == ["认定不合理诉求"]


def test_others_read_no_review_and_what_is_over_is_gone(world: World) -> None:
    ticket = under_review(world)
    for name, status in (("visitor", 403), ("handler", 403), ("other_dispatcher", 404)):
        assert world.sign_in(Client(), name).get(f"/desk/reviews/{ticket.number}/").status_code == status
    desk = world.sign_in(Client(), "secretary")
    desk.post(f"/desk/t/{ticket.number}/close/", {**key(), "reason": "reviewed", "note": "已说明"})
    assert desk.get(f"/desk/reviews/{ticket.number}/").status_code == 404


# ---------------------------------------------------------------- draws
def test_draws_are_recomputed_when_the_month_is_over_and_only_then(world: World) -> None:
    assert "还没有抽查记录" in desk_of(world, "supervisor").get("/desk/draws/").content.decode()
    with time_machine.travel(MONDAY_9, tick=False) as moment:
        ticket = ticket_in(world, "resolved", urgency="normal")
        drawn = SampleDraw.objects.get(ticket=ticket)
        assert drawn.seed is not None
        during = desk_of(world, "supervisor").get("/desk/draws/?check=1").content.decode()
        assert drawn.seed.commitment in during
        assert drawn.seed.seed not in during
        moment.shift(timedelta(days=10))
        after = desk_of(world, "supervisor").get("/desk/draws/?month=2026-11&check=1")
    html = after.content.decode()
    assert drawn.seed.seed in html
    assert after.context["fits"] is True
    assert after.context["summary"].different == 0
    assert [(row["draw"].pk, row["again"], row["same"]) for row in after.context["rows"]] == [
        (drawn.pk, drawn.value, True)
    ]
    assert "重算 1 件，全部一致" in html


def test_a_draw_that_was_tampered_with_is_told(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as moment:
        ticket = ticket_in(world, "resolved", urgency="normal")
        drawn = SampleDraw.objects.get(ticket=ticket)
        SampleDraw.objects.bulk_create(
            [
                SampleDraw(
                    ticket=ticket, work_order_id=drawn.work_order_id, turn=9, rule="sample", percent=20,
                    seed_id=drawn.seed_id, value=99, chosen=True, drawn_at=drawn.drawn_at,
                )
            ]
        )  # fmt: skip
        moment.shift(timedelta(days=10))
        page = desk_of(world, "supervisor").get("/desk/draws/?month=2026-11&check=1")
    assert page.context["summary"].different == 1
    assert "1 件对不上" in page.content.decode()


def test_each_reads_the_draws_of_the_own_place(world: World) -> None:
    ticket_in(world, "resolved")
    assert len(world.sign_in(Client(), "dispatcher").get("/desk/draws/").context["rows"]) == 1
    assert len(world.sign_in(Client(), "other_dispatcher").get("/desk/draws/").context["rows"]) == 0


# ---------------------------------------------------------------- the rating link
def link_of(world: World, ticket: Ticket) -> str:
    return f"/d/{world.district.code}{rating_paths([ticket])[ticket.pk]}"


def test_one_tap_rates_without_signing_in_and_the_link_is_used_up(world: World) -> None:
    ticket = ticket_in(world, "visiting")
    path, resident = link_of(world, ticket), Client()
    page = resident.get(path)
    assert page.status_code == 200
    assert page.context["may_rate"]
    assert "灯换好了" in page.content.decode()
    done = resident.post(path, {**key(), "face": "so_so"}, follow=True)
    assert (again(ticket).state, again(ticket).final_satisfaction) == ("closed", "so_so")
    assert Rating.objects.get(ticket=ticket).channel == "sms_link"
    assert done.context["asks_solved"]
    resident.post(path, {**key(), "solved": "partly"})
    assert Rating.objects.get(ticket=ticket).solved == "partly"
    used = resident.post(path, {**key(), "face": "unsolved"})
    assert used.status_code == 422
    assert "已经用过了" in used.content.decode()
    assert again(ticket).final_satisfaction == "so_so"


def test_reopening_from_the_link_within_fifteen_days_and_a_clear_way_on_after(world: World) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as moment:
        ticket = ticket_in(world, "visiting")
        path, resident = link_of(world, ticket), Client()
        resident.post(path, {**key(), "face": "satisfied"})
        moment.shift(timedelta(days=14))
        empty = resident.post(path, {**key(), "reopen": "1", "note": ""})
        assert "请说一句哪里又不行了" in empty.content.decode()
        moment.shift(timedelta(days=2))
        late = resident.get(path)
        assert "重开的时间已经过了" in late.content.decode()
        assert late.context["reopen_until"] is None
        report_page = resident.get(f"/d/{world.district.code}/report/?again={ticket.number}").content.decode()
        assert f"和 {ticket.number} 是同一件事" in report_page
        moment.shift(timedelta(days=-3))
        resident.post(path, {**key(), "reopen": "1", "note": "又坏了"})
        assert (again(ticket).state, again(ticket).reopen_count) == ("handling", 1)
        assert resident.get(path).context["is_again"]


def test_a_wrong_an_old_and_a_foreign_link_say_so(world: World) -> None:
    ticket, resident = ticket_in(world, "visiting"), Client()
    path = link_of(world, ticket)
    for wrong in (path[:-3] + "x/", f"/d/{world.district.code}/r/1-1.abc/", f"/d/{world.district.code}/r/x/"):
        page = resident.get(wrong)
        assert page.status_code == 404
        assert "没有复制全" in page.content.decode()
    rate_ticket(ticket, face="unsolved", actor=Actor.requester(ticket.pk))
    old = resident.get(path)
    assert not old.context["may_rate"]
    assert old.context["is_again"]


def test_of_a_restricted_or_confidential_matter_the_link_shows_the_number_alone(world: World) -> None:
    ticket = ticket_in(world, "visiting", is_confidential=True)
    html = Client().get(link_of(world, ticket)).content.decode()
    assert ticket.number in html
    assert ticket.title not in html
    assert "灯换好了" not in html


def test_an_archived_matter_points_to_a_new_report(world: World) -> None:
    ticket = ticket_in(world, "visiting")
    path = link_of(world, ticket)
    Client().post(path, {**key(), "face": "satisfied"})
    archive_ticket(again(ticket), actor=world.dispatcher)
    assert "另报一件" in Client().get(path).content.decode()


def test_who_takes_the_link_out_is_audited_and_it_can_be_printed(world: World, visitor: Client) -> None:
    ticket = ticket_in(world, "visiting")
    page = visitor.post(f"/desk/visits/{ticket.number}/link/")
    html = page.content.decode()
    assert page.context["address"] == f"http://testserver{link_of(world, ticket)}"
    assert Client().get(link_of(world, ticket)).context["may_rate"]
    assert "data:image/svg+xml" in html
    assert AuditEvent.objects.filter(action="rating_link", object_id=ticket.pk).exists()
    refused: Any = visitor.post(f"/desk/visits/{report(world).number}/link/")
    assert refused.status_code == 409


def test_a_link_names_its_district(world: World) -> None:
    ticket = ticket_in(world, "visiting")
    assert token_of(FollowUp.objects.get(ticket=ticket, ended_at=None)).startswith(f"{world.district.pk}-")


# ---------------------------------------------------------------- statements
def test_the_lists_take_as_many_statements_for_many_rows_as_for_one(world: World) -> None:
    def make() -> None:
        ticket_in(world, "visiting")
        ticket_in(world, "resolved")
        claim_visit(ticket_in(world, "visiting"), actor=world.staff)
        under_review(world)

    paths = ("visits/", "visits/?view=again", "checks/", "reviews/", "draws/", "ledgers/")
    desk = world.sign_in(Client(), "center")
    counts: list[dict[str, int]] = []
    for more in (1, 3):
        for _n in range(more):
            make()
        found = {}
        for path in paths:
            desk.get(f"/desk/{path}")
            with CaptureQueriesContext(connection) as statements:
                page = desk.get(f"/desk/{path}")
            assert page.status_code == 200
            found[path] = len(statements)
        counts.append(found)
    assert counts[0] == counts[1]
    assert max(counts[0].values()) < 25
