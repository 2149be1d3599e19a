"""吹哨台, 待报到, arbitration, 评一评 and 收到的评价 as pages: taps, idempotency, what is shown to whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.kernel.models import AuditEvent
from governance.kernel.reference import bump_reference
from grids.models import Organization
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.whistle import ask_whistle, blow_now
from requests_intake.actions.whistle_respond import accept_whistle, report_in
from requests_intake.models import EvaluationEntry, Ticket, TicketTransition, Whistle, WorkOrder
from requests_intake.whistle_policies import callable_organizations
from requests_intake.whistle_queries import direct_dispatches, figures
from tests.cases import report, ticket_in
from tests.posts.cast import force
from tests.requests_intake.test_evaluation import DECEMBER, MONDAY_9, entries
from tests.whistles import blown, call, closed, handled, target
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_desk(world: World, client: Client) -> Callable[[str], Client]:
    return lambda name: world.sign_in(client, name)


def key_in(html: str) -> str:
    found = re.search(r'name="idempotency_key" value="([^"]+)"', html)
    assert found
    return found[1]


def text(response: Any) -> str:
    return str(response.content.decode())


# ---------------------------------------------------------------- blowing
def test_from_a_ticket_place_and_matter_are_filled_in_and_the_panel_leads_back(
    world: World, at_desk: Callable[[str], Client]
) -> None:
    ticket = report(world)
    client = at_desk("dispatcher")
    page = text(client.get(reverse("desk:ticket", args=[ticket.number])))
    url = reverse("desk:whistle_new") + f"?ticket={ticket.number}"
    assert url in page
    form = client.get(url).context["form"]
    assert form.initial["summary"] == ticket.title
    assert form.initial["place"]
    words = {
        "kind": "daily", "organizations": [world.water.pk], "summary": form.initial["summary"],
        "place": form.initial["place"], "tickets": ticket.number, "idempotency_key": "once",
    }  # fmt: skip
    for _twice in range(2):
        assert client.post(url, words).status_code == 302
    whistle = Whistle.objects.get()
    assert whistle.state == "blown"
    panel = text(client.get(reverse("desk:ticket", args=[ticket.number])))
    assert reverse("desk:whistle", args=[whistle.number]) in panel
    assert ticket.number in text(client.get(reverse("desk:whistle", args=[whistle.number])))


def test_helpers_are_called_in_from_the_whistle_and_one_comes_back_to_it(
    world: World, at_desk: Callable[[str], Client]
) -> None:
    """S3-28: the list of forces is at hand while whistling, for whoever may call them to the matter."""
    ticket = ticket_in(world, "signed")
    near = force(world.grid, world.worker, name="孙电工", skills=["电工"])
    whistle = blown(world, tickets=(ticket.number,))
    here, called = (
        reverse("desk:whistle", args=[whistle.number]),
        reverse("desk:move", args=[ticket.number, "call_helper"]),
    )
    client = at_desk("dispatcher")
    assert f"{called}?next=" in text(client.get(here))
    url = f"{called}?{urlencode({'next': here})}"
    assert "孙电工" in text(client.get(url))
    done = client.post(url, {"force": near.pk, "note": "带梯子", "idempotency_key": "helper"})
    assert (done.status_code, done["Location"]) == (302, here)
    assert TicketTransition.objects.filter(ticket=ticket, move="call_helper").count() == 1
    assert f"{called}?next=" not in text(at_desk("handler").get(here))


def test_what_is_missing_is_said_and_nothing_typed_is_lost(world: World, at_desk: Callable[[str], Client]) -> None:
    client = at_desk("dispatcher")
    words = {"kind": "daily", "summary": "路塌了", "place": "", "tickets": "260101-00001", "idempotency_key": "a"}
    response = client.post(reverse("desk:whistle_new"), words)
    assert response.status_code == 422
    page = text(response)
    for said in ("请选要叫的单位", "请写到哪儿", "路塌了", "260101-00001"):
        assert said in page
    assert not Whistle.objects.exists()


def test_a_community_asks_through_the_same_form(world: World, at_desk: Callable[[str], Client]) -> None:
    client = at_desk("secretary")
    words = {"kind": "daily", "organizations": [world.water.pk], "summary": "x", "place": "y", "idempotency_key": "a"}
    client.post(reverse("desk:whistle_new"), words)
    assert Whistle.objects.get().state == "asked"


def test_a_restricted_ticket_offers_no_whistle_and_shows_no_number_to_others(
    world: World, at_desk: Callable[[str], Client]
) -> None:
    ticket = report(world)
    whistle = blow_now(call(world, tickets=[ticket.number]), actor=world.dispatcher)
    # What was open when it was linked may become restricted later.
    Ticket.objects.filter(pk=ticket.pk).update(is_restricted=True)
    for person in ("handler", "dispatcher", "official"):
        page = text(at_desk(person).get(reverse("desk:whistle", args=[whistle.number])))
        assert ticket.number not in page, person
    assert ticket.number in text(at_desk("center").get(reverse("desk:whistle", args=[whistle.number])))
    assert at_desk("center").get(reverse("desk:whistle_new") + f"?ticket={ticket.number}").status_code == 403


# ---------------------------------------------------------------- responding
def test_a_handler_accepts_in_one_tap_and_reports_in_with_two(world: World, at_desk: Callable[[str], Client]) -> None:
    whistle = blown(world)
    client = at_desk("handler")
    page = text(client.get(reverse("worker:whistles")))
    url = reverse("worker:whistle_report", args=[whistle.number, target(whistle, world.water).pk])
    assert page.count(f'action="{url}"') == 2
    client.post(url, {"move": "accept", "idempotency_key": key_in(page)})
    assert target(whistle, world.water).state == "accepted"
    page = text(client.get(reverse("worker:whistles")))  # tap 1: 待报到
    again = {"move": "arrive", "idempotency_key": key_in(page)}
    for _twice in range(2):
        assert client.post(url, again).status_code == 302  # tap 2: 我到了
    assert target(whistle, world.water).state == "arrived"


def test_on_the_phone_what_was_done_needs_a_sentence_and_the_words_stay(
    world: World, at_desk: Callable[[str], Client]
) -> None:
    whistle = blown(world)
    client = at_desk("handler")
    url = reverse("worker:whistle_report", args=[whistle.number, target(whistle, world.water).pk])
    client.post(url, {"move": "arrive", "idempotency_key": "a"})
    response = client.post(url, {"move": "handle", "note": "", "idempotency_key": "b"})
    assert response.status_code == 422
    assert "请写一句说明" in text(response)
    response = client.post(url, {"move": "handle", "note": "换了阀门", "idempotency_key": "c"})
    assert response.status_code == 422  # the lead reports last
    assert "换了阀门" in text(response)
    assert "主办单位最后报办完" in text(response)


def test_other_organizations_parts_are_not_made_from_the_phone(world: World, at_desk: Callable[[str], Client]) -> None:
    whistle = blown(world)
    url = reverse("worker:whistle_report", args=[whistle.number, target(whistle, world.urban).pk])
    assert at_desk("handler").post(url, {"move": "arrive", "idempotency_key": "a"}).status_code == 403
    only_urban = blown(world, organizations=[world.urban.pk], lead=None)
    url = reverse("worker:whistle_report", args=[only_urban.number, target(only_urban, world.urban).pk])
    assert at_desk("handler").post(url, {"move": "arrive", "idempotency_key": "b"}).status_code == 404


def test_a_refusal_is_typed_once_decided_by_the_district_and_on_its_list(
    world: World, at_desk: Callable[[str], Client]
) -> None:
    whistle = blown(world)
    part = target(whistle, world.water)
    url = reverse("desk:whistle_target_move", args=[whistle.number, part.pk, "refuse"])
    client = at_desk("handler")
    words = {
        "reason": "not_ours",
        "clause": "",
        "suggested": world.urban.pk,
        "note": "不归我们",
        "idempotency_key": "a",
    }
    response = client.post(url, words)
    assert response.status_code == 422
    assert "不归我们" in text(response)
    assert client.post(url, {**words, "clause": "第 12 条", "idempotency_key": "b"}).status_code == 302
    waiting = text(at_desk("center").get(reverse("desk:whistles") + "?view=waiting"))
    assert reverse("desk:whistle", args=[whistle.number]) in waiting
    assert "等我的" in waiting
    url = reverse("desk:whistle_target_move", args=[whistle.number, part.pk, "must_come"])
    assert at_desk("handler").post(url, {"note": "x", "idempotency_key": "c"}).status_code == 403
    assert at_desk("center").post(url, {"note": "管网归你们", "idempotency_key": "d"}).status_code == 302
    assert target(whistle, world.water).ruling == "must_come"


def test_buttons_are_those_the_table_gives(world: World, at_desk: Callable[[str], Client]) -> None:
    whistle = handled(world)
    url = reverse("desk:whistle", args=[whistle.number])

    def offered(person: str) -> set[str]:
        detail = at_desk(person).get(url).context["detail"]
        rows = [*detail["buttons"], *(button for part in detail["targets"] for button in part["buttons"])]
        return {row["name"] for row in rows}

    assert offered("dispatcher") == {"evaluate"}
    assert offered("handler") == set()
    assert offered("center") == set()
    closing = reverse("desk:whistle_move", args=[whistle.number, "close"])
    response = at_desk("dispatcher").post(closing, {"idempotency_key": "a"})
    assert response.status_code == 422
    assert "还没有评哨" in text(response)


# ---------------------------------------------------------------- figures (kpi E.15)
def test_rates_of_the_month_with_their_denominators(world: World, at_desk: Callable[[str], Client]) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        closed(world, score=4)
        closed(world, score=2)
        late = blown(world, kind="emergency", organizations=[world.water.pk])
        open_still = blown(world, organizations=[world.water.pk])
        now.shift(timedelta(minutes=40))
        report_in(target(late, world.water), actor=world.handler)
        accept_whistle(target(open_still, world.water), actor=world.handler)
        found = figures(world.actor("dispatcher"), MONDAY_9.date())
        # The open one has time left: it counts for neither side of 报到准时.
        assert (found.on_time.numerator, found.on_time.denominator) == (2, 3)
        assert (found.settled.numerator, found.settled.denominator) == (1, 4)
        assert not found.on_time.is_ranked
        page = text(at_desk("dispatcher").get(reverse("desk:whistles")))
        assert "2/3" in page
        assert "不足 10，不排名" in page
        # A year of months to choose from, in our words and not the browser's; a month asked for is among them.
        month = f"{MONDAY_9:%Y-%m}"
        assert f'<option value="{month}" selected>{month}</option>' in page
        earlier = text(at_desk("dispatcher").get(f"{reverse('desk:whistles')}?month=2020-02"))
        assert '<option value="2020-02" selected>2020-02</option>' in earlier
        assert "2/3" not in earlier
        assert figures(world.actor("other_dispatcher"), MONDAY_9.date()).settled.denominator == 0


def test_how_often_is_whistled_is_a_share_of_the_valid_matters_of_the_street(
    world: World, at_desk: Callable[[str], Client]
) -> None:
    with time_machine.travel(MONDAY_9, tick=False):
        for _number in range(4):
            ticket_in(world, "taken")
        ticket_in(world, "merged")  # it is counted in the one it was merged into
        report(world, request_type="praise")
        closed(world)
        found = figures(world.actor("dispatcher"), MONDAY_9.date()).blown
        assert found is not None
        assert (found.numerator, found.denominator) == (1, 5)
        assert "吹哨率" in text(at_desk("dispatcher").get(reverse("desk:whistles")))
        # Who is called has no share of the street's matters.
        assert figures(world.actor("handler"), MONDAY_9.date()).blown is None
        assert "吹哨率" not in text(at_desk("handler").get(reverse("desk:whistles")))


# ---------------------------------------------------------------- S4-04
def test_a_stationed_team_is_dispatched_by_the_street_without_the_district_which_sees_it_in_its_log(
    world: World, at_desk: Callable[[str], Client]
) -> None:
    ticket = report(world)
    Organization.objects.filter(pk=world.urban.pk).update(stationed_street=world.street)
    bump_reference()
    page = at_desk("dispatcher").get(reverse("desk:move", args=[ticket.number, "dispatch"]))
    groups = [label for label, _members in page.context["form"].fields["organization"].choices if label]
    assert groups[0].startswith("派驻队伍")
    dispatch_ticket(ticket, organization_id=world.urban.pk, actor=world.dispatcher)
    ticket.refresh_from_db()
    assert ticket.organization_id == world.urban.pk
    levels = WorkOrder.objects.filter(ticket=ticket).order_by("sequence").values_list("level", flat=True)
    assert "district" not in list(levels)
    log = text(at_desk("official").get(reverse("desk:direct_dispatches")))
    assert ticket.number in log
    assert "区城市管理局" in log
    assert at_desk("dispatcher").get(reverse("desk:direct_dispatches")).status_code == 403


def test_a_dispatch_to_a_department_of_the_district_is_not_in_that_log(world: World) -> None:
    dispatch_ticket(report(world), organization_id=world.urban.pk, actor=world.dispatcher)
    assert not direct_dispatches(world.official).exists()


def test_a_team_stationed_elsewhere_is_not_called(world: World) -> None:
    Organization.objects.filter(pk=world.urban.pk).update(stationed_street=world.other_street)
    bump_reference()
    assert world.urban.pk not in [row.id for row in callable_organizations(world.street.pk)]
    assert callable_organizations(world.other_street.pk)[0].id == world.urban.pk


# ---------------------------------------------------------------- evaluating
def test_one_tap_on_a_face_rates_and_stars_only_where_asked(world: World, at_desk: Callable[[str], Client]) -> None:
    first, second = (target(handled(world), world.water) for _each in range(2))
    client = at_desk("dispatcher")
    page = text(client.get(reverse("desk:evaluations")))
    url = reverse("desk:evaluate", args=["whistle", first.pk])
    assert f'action="{url}"' in page
    for _twice in range(2):
        assert client.post(url, {"face": "mid", "idempotency_key": "a"}).status_code == 302
    entry = EvaluationEntry.objects.get()
    assert (entry.speed, entry.result, entry.attitude) == (3, 3, 3)
    url = reverse("desk:evaluate", args=["whistle", second.pk])
    words = {"face": "good", "speed": "2", "comment": "来晚了", "idempotency_key": "b"}
    assert client.post(url, words).status_code == 302
    entry = EvaluationEntry.objects.latest("pk")
    assert (entry.speed, entry.result, entry.comment) == (2, 5, "来晚了")
    assert "没有要评的" in text(client.get(reverse("desk:evaluations")))
    response = client.post(url, {"face": "good", "idempotency_key": "c"})
    assert response.status_code == 422
    assert "您单位已经评过了" in text(response)


def test_without_a_face_nothing_is_recorded_and_the_sentence_stays(
    world: World, at_desk: Callable[[str], Client]
) -> None:
    part = target(handled(world), world.water)
    url = reverse("desk:evaluate", args=["whistle", part.pk])
    response = at_desk("dispatcher").post(url, {"comment": "还可以", "idempotency_key": "a"})
    assert response.status_code == 422
    assert "请点一个表情" in text(response)
    assert "还可以" in text(response)
    assert not EvaluationEntry.objects.exists()


def test_others_find_nothing_to_rate(world: World, at_desk: Callable[[str], Client]) -> None:
    part = target(handled(world), world.water)
    url = reverse("desk:evaluate", args=["whistle", part.pk])
    assert at_desk("urban_handler").get(url).status_code == 404
    assert at_desk("other_dispatcher").get(url).status_code == 404
    assert at_desk("official").get(url).status_code == 403


def test_the_rated_read_nothing_before_five_and_never_who_it_was(
    world: World, at_desk: Callable[[str], Client]
) -> None:
    with time_machine.travel(MONDAY_9, tick=False) as now:
        entries(world, 4, comment="某某说的")
        now.move_to(DECEMBER)
        page = text(at_desk("handler").get(reverse("desk:evaluations_received")))
        assert "满 5 条后显示" in page
        assert "某某说的" not in page
        now.move_to(MONDAY_9)
        entries(world, 1, comment="某某说的")
        now.move_to(DECEMBER)
        page = text(at_desk("handler").get(reverse("desk:evaluations_received")))
        assert "5 条" in page
        assert "某某说的" in page
        for name in (world.street_office.name, world.committee.name):
            assert name not in page
        assert "某某说的" not in text(at_desk("urban_handler").get(reverse("desk:evaluations_received")))


def test_the_office_sees_each_entry_and_that_it_looked_is_kept(world: World, at_desk: Callable[[str], Client]) -> None:
    with time_machine.travel(MONDAY_9, tick=False):
        entries(world, 1, comment="来晚了")
        client = at_desk("supervisor")
        url = reverse("desk:evaluation_detail")
        assert "来晚了" not in text(client.get(url))
        assert not AuditEvent.objects.filter(action="evaluation.detail").exists()
        page = text(client.get(f"{url}?month=2026-11"))
        assert "来晚了" in page
        assert world.street_office.name in page
    assert AuditEvent.objects.filter(action="evaluation.detail").count() == 1


# ---------------------------------------------------------------- lists
def test_statements_of_the_lists_do_not_grow_with_rows(world: World, at_desk: Callable[[str], Client]) -> None:
    found = []
    for many in (2, 8):
        for _each in range(many):
            blown(world)
            handled(world)
        for person, name in (
            ("dispatcher", "desk:whistles"), ("handler", "worker:whistles"), ("handler", "desk:evaluations"),
        ):  # fmt: skip
            client = at_desk(person)
            client.get(reverse(name))
            with CaptureQueriesContext(connection) as queries:
                assert client.get(reverse(name)).status_code == 200
            found.append(len(queries))
    assert found[:3] == found[3:]


def test_an_empty_list_says_what_to_do_next(world: World, at_desk: Callable[[str], Client]) -> None:
    page = text(at_desk("dispatcher").get(reverse("desk:whistles") + "?view="))
    assert "还没有吹过哨" in page
    assert reverse("desk:whistle_new") in page
    assert "现在没有叫您去的地方" in text(at_desk("handler").get(reverse("worker:whistles")))


def test_what_a_community_asked_waits_for_its_street(world: World, at_desk: Callable[[str], Client]) -> None:
    whistle = ask_whistle(call(world), actor=world.secretary)
    page = text(at_desk("dispatcher").get(reverse("desk:whistles")))
    assert reverse("desk:whistle", args=[whistle.number]) in page
    approve = reverse("desk:whistle_move", args=[whistle.number, "approve"])
    client = at_desk("dispatcher")
    client.post(approve, {"idempotency_key": "a"})
    client.post(reverse("desk:whistle_move", args=[whistle.number, "blow"]), {"idempotency_key": "b"})
    whistle.refresh_from_db()
    assert whistle.state == "blown"
