"""The worker's phone without a network: what may be kept, and how a form that waited is answered."""

from __future__ import annotations

import json
import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from governance.accounts.offline import member_mark
from governance.kernel.tenancy.context import district_transaction
from grids.households.actions.tags import tag_household
from grids.households.models import Person
from grids.patrols.models import Patrol
from grids.visits.models import Visit
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.handle import sign_order
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Ticket
from tests.households.homes import PHONE as HOME_PHONE
from tests.households.homes import home, tag, with_rooms
from tests.patrols.rounds import begun
from tests.visits.helpers import homes, visit
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def worker(world: World, client: Client) -> Client:
    return world.sign_in(client, "worker")


def mark_of(world: World, name: str) -> str:
    return f"{world.district.pk}.{world.members[name].pk}"


def ticket_at_hand(world: World) -> Ticket:
    with district_transaction(world.district):
        said = Report(content="楼道里堆了旧家具", building_id=world.building.pk, category_code="0106")
        return submit_ticket(said, actor=world.dispatcher).ticket


def sent(client: Client, path: str, *, mark: str, when: str = "later", **data: Any) -> Any:
    data.setdefault("idempotency_key", str(uuid4()))
    return client.post(path, data, headers={"X-Outbox": when, "X-Member": mark})


# ---------------------------------------------------------------- the installed application
@pytest.mark.parametrize("prefix", ["", "/d/{code}"])
def test_manifest_and_service_worker_stand_under_both_addresses(world: World, client: Client, prefix: str) -> None:
    root = prefix.format(code=world.district.code)
    manifest = client.get(f"{root}/m/manifest.webmanifest")
    assert manifest["Content-Type"] == "application/manifest+json"
    said = manifest.json()
    assert (said["start_url"], said["scope"], said["id"]) == (f"{root}/m/",) * 3
    assert said["display"] == "standalone"
    assert {icon["purpose"] for icon in said["icons"]} == {"any", "maskable"}
    script = client.get(f"{root}/m/sw.js")
    assert script["Content-Type"].startswith("text/javascript")
    assert "no-store" in script["Cache-Control"]
    first, rest = script.content.decode().split("\n", 1)
    shell = json.loads(first.removeprefix("self.SHELL=").removesuffix(";"))
    assert (shell["scope"], shell["offline"]) == (f"{root}/m/", f"{root}/m/offline/")
    assert len(shell["version"]) == 12
    assert any(path.endswith("worker.css") for path in shell["assets"])
    assert "addEventListener" in rest
    assert client.get(shell["offline"]).status_code == 200


def test_every_file_the_phone_keeps_is_served(world: World, client: Client) -> None:
    shell = json.loads(client.get("/m/sw.js").content.decode().split("\n")[0][len("self.SHELL=") : -1])
    page = world.sign_in(client, "worker").get("/m/").content.decode()
    loaded = set(re.findall(r'(?:src|href)="(/static/dist/[^"]+\.(?:js|css))"', page))
    assert loaded
    assert loaded <= set(shell["assets"])


# ---------------------------------------------------------------- what may be kept
def test_pages_of_the_day_may_be_kept_until_the_session_would_end(world: World, worker: Client, settings: Any) -> None:
    ticket = ticket_at_hand(world)
    for path in ("/m/", "/m/tickets/", "/m/report/", "/m/outbox/", f"/m/t/{ticket.number}/",
                 f"/m/t/{ticket.number}/solve_on_site/"):  # fmt: skip
        mark, seconds = worker.get(path)["X-Offline-Keep"].split()
        assert mark == mark_of(world, "worker"), path
        assert 0 <= settings.SESSION_LIMIT.total_seconds() - int(seconds) <= 60


def test_the_pages_of_patrols_and_visits_may_be_kept_without_what_people_told(world: World, worker: Client) -> None:
    with district_transaction(world.district):
        [home] = homes(world, 1)
        patrol = begun(world)
        visit(home, world.worker, findings="老伴刚出院，要人搭把手")
    for path in ("/m/visits/", f"/m/visits/to/{home.pk}/", "/m/patrols/", f"/m/patrols/{patrol.client_id}/"):
        answer = worker.get(path)
        assert answer["X-Offline-Keep"].startswith(mark_of(world, "worker")), path
        assert "搭把手" not in answer.content.decode(), path
    assert not worker.get(f"/m/visits/of/{home.pk}/").has_header("X-Offline-Keep")


def test_of_the_register_the_phone_keeps_buildings_and_flats_and_nobody(world: World, worker: Client) -> None:
    """ADR 56: no household, no person, no search, no restricted tag."""
    with district_transaction(world.district):
        rooms = with_rooms(world.building)
        row = home(world.building, rooms[0], world.worker)
        tag_household(row, tag(world.admin), reason="本人申请", actor=world.worker)
        person = Person.objects.filter(household=row).values_list("pk", flat=True)[0]
    flats = f"/m/households/buildings/{world.building.pk}/"
    for path in ("/m/households/", flats, f"{flats}?by=use"):
        answer = worker.get(path)
        assert answer["X-Offline-Keep"].startswith(mark_of(world, "worker")), path
        assert not any(word in answer.content.decode() for word in ("张小三", "张*", HOME_PHONE)), path
    for path in (
        "/m/households/?q=101", f"/m/households/{row.pk}/", f"/m/households/{row.pk}/edit/", f"{flats}new/",
        f"/m/households/people/{person}/",
    ):  # fmt: skip
        answer = worker.get(path)
        assert (answer.status_code, answer.has_header("X-Offline-Keep")) == (200, False), path
    with district_transaction(world.district):
        secret = tag(world.admin, name="常看望", mark="望", colour="plum", is_sensitive=True, readers=["grid_worker"])
        tag_household(row, secret, reason="独居，本人同意", actor=world.worker)
    assert "常看望" in worker.get(flats).content.decode()
    assert not worker.get(flats).has_header("X-Offline-Keep")
    assert worker.get("/m/households/").has_header("X-Offline-Keep")


def test_pages_of_the_desk_are_not_kept(world: World, client: Client) -> None:
    answer = world.sign_in(client, "staff").get("/desk/home-visits/")
    assert answer.status_code == 200
    assert not answer.has_header("X-Offline-Keep")


def test_a_visit_that_waited_is_logged_once_and_one_to_a_household_that_is_gone_is_shown(
    world: World, worker: Client
) -> None:
    with district_transaction(world.district):
        [home] = homes(world, 1)
    said = {"met": "yes", "findings": "都好", "idempotency_key": str(uuid4())}
    path = f"/m/visits/to/{home.pk}/"
    states = [sent(worker, path, mark=mark_of(world, "worker"), **said).json()["state"] for _ in range(2)]
    assert states == ["done", "done"]
    with district_transaction(world.district):
        assert Visit.objects.filter(household=home).count() == 1
    answer = sent(worker, "/m/visits/to/999999/", mark=mark_of(world, "worker"), met="yes")
    assert (answer.status_code, answer.json()["state"]) == (409, "conflict")


def test_a_keyed_form_that_came_too_late_is_overtaken_and_not_wrong(world: World, worker: Client) -> None:
    with district_transaction(world.district):
        begun(world)
    said = {"grid": str(world.grid.pk), "at": ""}
    answer = sent(worker, f"/m/patrols/{uuid4()}/start/", mark=mark_of(world, "worker"), **said)
    assert (answer.status_code, answer.json()["state"]) == (409, "conflict")
    assert "还没有结束" in answer.json()["now"][0]
    with district_transaction(world.district):
        assert Patrol.objects.count() == 1


def test_what_is_fetched_ahead_takes_no_message_from_the_page_that_follows(world: World, worker: Client) -> None:
    said = {"place": f"grid-{world.grid.pk}", "category": "0105", "idempotency_key": str(uuid4())}
    worker.post("/m/report/", said)
    assert "报上去了" not in worker.get("/m/", headers={"X-Keep": "1"}).content.decode()
    assert "报上去了" in worker.get("/m/").content.decode()
    assert "报上去了" not in worker.get("/m/").content.decode()


def test_a_move_that_is_over_is_fetched_ahead_as_nothing_and_not_as_an_error(world: World, worker: Client) -> None:
    ticket = ticket_at_hand(world)
    path = f"/m/t/{ticket.number}/resolve/"
    with district_transaction(world.district):
        sign_order(ticket, actor=world.worker)
    assert worker.get(path, headers={"X-Keep": "1"}).has_header("X-Offline-Keep")
    with district_transaction(world.district):
        escalate_ticket(ticket, actor=world.worker, note="要社区来办。")
    answer = worker.get(path, headers={"X-Keep": "1"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert not answer.has_header("X-Offline-Keep")
    assert worker.get(path).status_code == 403


def test_clear_numbers_restricted_matters_and_other_pages_are_never_kept(world: World, worker: Client) -> None:
    ticket = ticket_at_hand(world)
    with district_transaction(world.district):
        sign_order(ticket, actor=world.worker)
    shown = worker.post(f"/m/t/{ticket.number}/phone/", {"reason": "contact", "idempotency_key": str(uuid4())})
    assert not shown.has_header("X-Offline-Keep")
    for path in ("/m/me/", "/m/offline/", "/m/notices/", "/m/t/000000-00000/"):
        assert not worker.get(path).has_header("X-Offline-Keep"), path
    with district_transaction(world.district):
        Ticket.objects.filter(pk=ticket.pk).update(is_restricted=True)
    for path in ("", "resolve/"):
        assert not worker.get(f"/m/t/{ticket.number}/{path}").has_header("X-Offline-Keep")


def test_pages_say_whose_they_are(world: World, worker: Client) -> None:
    answer = worker.get("/m/me/")
    assert answer["X-Member"] == mark_of(world, "worker")
    assert f'data-phone="{mark_of(world, "worker")}"' in answer.content.decode()
    assert not worker.get("/m/offline/").content.decode().count(world.members["worker"].user.handle)


def test_the_sign_in_page_empties_what_the_phone_kept(world: World, client: Client) -> None:
    assert "dist/leave.js" in client.get("/sign-in/").content.decode()


# ---------------------------------------------------------------- answers to the queue
def test_a_form_that_waited_is_done_once_and_says_so(world: World, worker: Client) -> None:
    said = {
        "place": f"grid-{world.grid.pk}",
        "category": "0105",
        "content": "门口堆物",
        "idempotency_key": str(uuid4()),
    }
    answers = [sent(worker, "/m/report/", mark=mark_of(world, "worker"), **said).json() for _ in range(2)]
    assert [answer["state"] for answer in answers] == ["done", "done"]
    assert answers[0]["location"] == "/m/"
    assert "报上去了" in answers[0]["said"][0]
    # Nobody was looking: nothing of it stands on the next page.
    assert "报上去了" not in worker.get("/m/").content.decode()
    with district_transaction(world.district):
        assert Ticket.objects.count() == 1


def test_somebody_who_waits_reads_it_on_the_page_that_follows(world: World, worker: Client) -> None:
    said = {"place": f"grid-{world.grid.pk}", "category": "0105", "content": "门口堆物"}
    answer = sent(worker, "/m/report/", mark=mark_of(world, "worker"), when="now", **said).json()
    assert answer == {"state": "done", "location": "/m/", "said": []}
    assert "报上去了" in worker.get("/m/").content.decode()


def test_a_form_is_never_sent_under_another_name(world: World, worker: Client) -> None:
    answer = sent(worker, "/m/report/", mark=mark_of(world, "staff"), category="0105")
    assert (answer.status_code, answer.json()) == (412, {"state": "other"})
    nobody = Client()
    answer = sent(nobody, "/m/report/", mark=mark_of(world, "worker"), category="0105")
    assert (answer.status_code, answer.json()) == (401, {"state": "session"})
    with district_transaction(world.district):
        assert not Ticket.objects.exists()


def test_an_old_token_is_told_apart_from_a_refusal(world: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    world.sign_in(strict, "worker")
    answer = sent(strict, "/m/report/", mark=mark_of(world, "worker"), category="0105")
    assert (answer.status_code, answer.json()) == (403, {"state": "renew"})


def test_a_refused_form_comes_back_as_the_page_that_says_why(world: World, worker: Client) -> None:
    answer = sent(worker, "/m/report/", mark=mark_of(world, "worker"), place=f"grid-{world.grid.pk}")
    assert answer.status_code == 422
    assert "请拍一张，或者点一个分类，或者说一句。" in answer.content.decode()


def test_who_comes_too_late_is_told_how_it_stands(world: World, worker: Client) -> None:
    ticket = ticket_at_hand(world)
    with district_transaction(world.district):
        sign_order(ticket, actor=world.worker)
        resolve_ticket(ticket, actor=world.worker, reply="清走了")
    answer = sent(
        worker, f"/m/t/{ticket.number}/escalate/", mark=mark_of(world, "worker"), note="搬不动", target="community"
    )
    assert answer.status_code == 409
    said = answer.json()
    assert said["state"] == "conflict"
    assert any("办结" in sentence for sentence in said["now"])


def test_what_lies_outside_now_is_a_conflict_too(world: World, worker: Client) -> None:
    answer = sent(worker, "/m/t/260101-00001/sign/", mark=mark_of(world, "worker"))
    assert (answer.status_code, answer.json()["state"]) == (409, "conflict")
    assert answer.json()["sentences"]


def test_pages_without_the_queue_are_answered_as_ever(world: World, worker: Client) -> None:
    said = {"place": f"grid-{world.grid.pk}", "category": "0105", "idempotency_key": str(uuid4())}
    assert worker.post("/m/report/", said).status_code == 302


def test_nobody_has_no_mark(rf: Any) -> None:
    assert member_mark(rf.get("/")) == ""
