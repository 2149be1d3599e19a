"""Restricted features: off by themselves, on only with a recorded ground, and both sides of each switch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.db.utils import ProgrammingError
from django.test import Client
from django.urls import reverse

from analytics.facts import Period
from analytics.restricted import RESULT_RANKING
from analytics.trend import figures
from governance.accounts.actions.features import Ground, switch_off, switch_on
from governance.kernel import features
from governance.kernel.actors import Actor
from governance.kernel.calendar import SHANGHAI
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.models import AuditEvent, FeaturePeriod
from governance.kernel.tenancy.context import district_scope
from grids.patrols.points import PATROL_POINTS
from requests_intake.actions.rate import rate_ticket
from requests_intake.actions.resolve import resolve_ticket, solve_on_site
from requests_intake.actions.submit import submit_ticket
from requests_intake.actions.verify import verify_ticket
from requests_intake.forms.find import FindForm
from requests_intake.models import Ticket
from requests_intake.restricted import FIND_POSITION, WORK_PHOTOS
from requests_intake.views.worker_frame import own_grids
from tests.cases import report, ticket_in
from tests.world import World, make_district

MORNING = datetime(2026, 11, 18, 10, 0, tzinfo=SHANGHAI)
TODAY = MORNING.date()
PAGE = "/manage/features/work_photos/"


@pytest.fixture
def frozen() -> Any:
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def admin(frozen: Any, world: World) -> Client:
    return world.sign_in(Client(), "admin")


def _said(**changes: Any) -> dict[str, Any]:
    return {
        "document": "某区防汛应急预案（某政发〔2026〕3号）", "clause": "第十二条", "document_date": "2026-06-01",
        "decided_by": "区防汛指挥部", "from_on": "2026-11-18", "until_on": "2026-11-30", "acknowledged": "on",
        "idempotency_key": str(uuid4()), **changes,
    }  # fmt: skip


def _ground(**changes: Any) -> Ground:
    values = {
        "document": "应急预案", "clause": "第十二条", "document_date": date(2026, 6, 1), "decided_by": "区防汛指挥部",
        "from_on": TODAY, "until_on": TODAY + timedelta(days=12), "acknowledged": True,
    }  # fmt: skip
    return Ground(**{**values, **changes})


def test_every_switch_is_off_until_a_ground_is_recorded(admin: Client) -> None:
    rows = admin.get("/manage/features/").context["rows"]
    assert {row["feature"].code for row in rows} == {WORK_PHOTOS, FIND_POSITION, RESULT_RANKING, PATROL_POINTS}
    assert not any(row["now"] or row["coming"] for row in rows)
    assert not any(features.is_on(row["feature"].code) for row in rows)
    with pytest.raises(LookupError):
        features.is_on("points_ranking")


def test_a_recorded_ground_switches_on_at_once_and_ends_by_itself_after_its_last_day(
    world: World, admin: Client, frozen: time_machine.Coordinates
) -> None:
    assert admin.post(PAGE, _said())["Location"] == PAGE
    world.district.refresh_from_db()
    assert features.is_on(WORK_PHOTOS)
    page = admin.get(PAGE).content.decode()
    assert "某区防汛应急预案（某政发〔2026〕3号）" in page
    assert "朱管理" in page
    assert AuditEvent.objects.get(action="feature.on").detail["until_on"] == "2026-11-30"
    frozen.move_to(datetime(2026, 11, 30, 23, 59, tzinfo=SHANGHAI))
    assert features.is_on(WORK_PHOTOS)
    frozen.move_to(datetime(2026, 12, 1, 0, 1, tzinfo=SHANGHAI))
    assert not features.is_on(WORK_PHOTOS)
    # Eight days later nobody is signed in any more.
    assert "到期自动关闭" in world.sign_in(Client(), "admin").get(PAGE).content.decode()


def test_a_later_first_day_is_waited_for(world: World, frozen: time_machine.Coordinates) -> None:
    switch_on(WORK_PHOTOS, _ground(from_on=TODAY + timedelta(days=2)), actor=world.admin)
    assert not features.is_on(WORK_PHOTOS)
    frozen.shift(timedelta(days=2))
    assert features.is_on(WORK_PHOTOS)


def test_switching_off_holds_at_once_and_stays_in_the_history(world: World, admin: Client) -> None:
    admin.post(PAGE, _said())
    admin.post(f"{PAGE}off/", {"idempotency_key": "off-1"})
    world.district.refresh_from_db()
    assert not features.is_on(WORK_PHOTOS)
    row = FeaturePeriod.objects.get()
    assert row.ended_by == world.admin.principal
    assert AuditEvent.objects.filter(action="feature.off", object_id=row.pk).count() == 1
    again = admin.post(f"{PAGE}off/", {"idempotency_key": "off-2"}, follow=True)
    assert "没有开着" in again.content.decode()
    with pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_featureperiod")


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"document": " "}, "document"),
        ({"clause": ""}, "clause"),
        ({"document_date": "2026-11-19"}, "document_date"),
        ({"document_date": ""}, "document_date"),
        ({"decided_by": ""}, "decided_by"),
        ({"from_on": "2026-11-17"}, "from_on"),
        ({"until_on": "2026-11-17"}, "until_on"),
        ({"until_on": "2027-11-30"}, "until_on"),
        ({"acknowledged": ""}, "acknowledged"),
    ],
)
def test_without_a_whole_ground_it_stays_off_and_the_input_is_kept(
    admin: Client, changes: dict[str, str], place: str
) -> None:
    page = admin.post(PAGE, _said(**changes))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [place]
    assert page.context["form"]["decided_by"].value() == {"decided_by": "区防汛指挥部", **changes}["decided_by"]
    assert not FeaturePeriod.objects.exists()


def test_the_action_itself_refuses_what_no_form_checked(world: World, frozen: Any) -> None:
    with pytest.raises(Invalid) as refused:
        switch_on(WORK_PHOTOS, _ground(clause=" ", acknowledged=False), actor=world.admin)
    assert set(refused.value.fields) == {"clause", "acknowledged"}
    with pytest.raises(NotFound):
        switch_on("points_ranking", _ground(), actor=world.admin)
    with pytest.raises(NotAllowed):
        switch_on(WORK_PHOTOS, _ground(), actor=world.center)
    switch_on(WORK_PHOTOS, _ground(), actor=world.admin)
    with pytest.raises(DomainError) as twice:
        switch_on(WORK_PHOTOS, _ground(), actor=world.admin)
    assert twice.value.code == "already_on"
    with pytest.raises(NotAllowed):
        switch_off(WORK_PHOTOS, actor=world.center)


def test_the_switch_of_one_district_is_not_that_of_another(world: World, frozen: Any) -> None:
    switch_on(WORK_PHOTOS, _ground(), actor=world.admin)
    other = make_district("t2", 2)
    with district_scope(other.district):
        assert not features.is_on(WORK_PHOTOS)
        assert not FeaturePeriod.objects.exists()


def test_an_unknown_switch_has_no_page(admin: Client) -> None:
    assert admin.get("/manage/features/points_ranking/").status_code == 404


# -- what each of them changes


@pytest.mark.parametrize(
    ("state", "act"),
    [
        ("signed", lambda w, t: resolve_ticket(t, actor=w.worker, reply="好了")),
        ("dispatched", lambda w, t: solve_on_site(t, actor=w.worker, reply="好了")),
        ("resolved", lambda w, t: verify_ticket(t, passed=True, actor=w.staff)),
        ("resolved", lambda w, t: verify_ticket(t, passed=False, note="没好", actor=w.staff)),
    ],
)
def test_work_photos_off_nobody_is_made_to_send_one_on_each_solution_and_check_needs_one(
    world: World, frozen: Any, state: str, act: Any
) -> None:
    first, second = ticket_in(world, state), ticket_in(world, state)
    act(world, first)
    switch_on(WORK_PHOTOS, _ground(), actor=world.admin)
    with pytest.raises(Invalid) as refused:
        act(world, second)
    assert refused.value.code == "photo_needed"
    assert Ticket.objects.get(pk=second.pk).state == second.state
    switch_off(WORK_PHOTOS, actor=world.admin)
    act(world, second)


def test_the_form_of_a_desk_says_that_a_photo_is_needed(world: World, frozen: Any) -> None:
    ticket = ticket_in(world, "signed")
    desk = world.sign_in(Client(), "worker")
    address = reverse("desk:move", args=[ticket.number, "resolve"])
    assert "必须有" not in desk.get(address).content.decode()
    switch_on(WORK_PHOTOS, _ground(), actor=world.admin)
    assert "必须有" in desk.get(address).content.decode()
    refused = desk.post(address, {"note": "灯换好了", "idempotency_key": str(uuid4())})
    assert refused.status_code == 422
    assert "请加一张" in refused.content.decode()
    assert "灯换好了" in refused.content.decode()


def test_find_position_off_finds_the_place_and_is_not_kept_on_it_is_kept(world: World, frozen: Any) -> None:
    lng, lat = world.point_in(world.grid)

    def find() -> Ticket:
        said = {"place": f"grid-{world.grid.pk}", "content": "井盖松了", "lng": lng, "lat": lat}
        form = FindForm(own_grids(world.worker), said)
        assert form.is_valid(), form.errors
        return submit_ticket(form.report(()), actor=world.worker).ticket

    off = find()
    assert (off.grid_id, off.lng, off.lat) == (world.grid.pk, None, None)
    switch_on(FIND_POSITION, _ground(), actor=world.admin)
    on = find()
    assert (on.grid_id, on.lng, on.lat) == (world.grid.pk, lng, lat)


def test_streets_stand_in_the_order_of_the_register_and_with_the_switch_by_what_residents_said(
    world: World, frozen: Any
) -> None:
    """The first street has the worse ratings; the second has at first too few to be ranked."""

    def rated(face: str, count: int, visiting: Callable[[World], Ticket]) -> None:
        for _number in range(count):
            ticket = visiting(world)
            rate_ticket(ticket, face=face, actor=Actor.requester(ticket.pk))

    rated("so_so", 10, _here)
    rated("satisfied", 9, _there)
    period = Period(TODAY, TODAY)
    names = [world.street.name, world.other_street.name]

    def lines() -> list[dict[str, Any]]:
        return figures(period, confidential=True)["streets"]

    assert [line["label"] for line in lines()] == names
    assert "more" not in lines()[0]
    switch_on(RESULT_RANKING, _ground(), actor=world.admin)
    assert [(line["label"], *line["more"]) for line in lines()] == [(names[0], "1", "80.0%"), (names[1], "—", "100.0%")]
    rated("satisfied", 1, _there)
    assert [(line["label"], *line["more"]) for line in lines()] == [(names[1], "1", "100.0%"), (names[0], "2", "80.0%")]


def _here(world: World) -> Ticket:
    return ticket_in(world, "visiting")


def _there(world: World) -> Ticket:
    """In the second street."""
    ticket = report(world, building_id=world.buildings[8].pk, urgency="urgent")
    ticket = solve_on_site(ticket, actor=world.other_worker, reply="好了")
    return verify_ticket(ticket, passed=True, actor=world.other_secretary)
