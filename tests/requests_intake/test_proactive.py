"""主动治理 (S3-31): tasks from seasons, hot spots and repeats, once each, and what people do with them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from governance.kernel.calendar import SHANGHAI
from governance.kernel.errors import DomainError, NotAllowed, NotFound
from governance.kernel.tenancy.context import district_transaction
from grids.models import Compound
from requests_intake.actions.anonymize import anonymize_tickets
from requests_intake.actions.proactive import (
    drop_task,
    finish_task,
    make_due_tasks,
    open_ticket,
    resume_task,
    start_task,
)
from requests_intake.models import ProactiveOrigin, ProactiveTask, SeasonTemplate, Ticket
from requests_intake.proactive import visible_tasks, waiting
from requests_intake.reference import rules
from requests_intake.seasons import occurrence
from requests_intake.tasks import make_proactive_tasks
from tests.cases import PHONE, report
from tests.world import World, make_district

pytestmark = pytest.mark.django_db
LEAK = "楼道里水管漏水，墙都湿了"
Source = ProactiveTask.Source


def at(day: str, hour: int = 10) -> Any:
    return time_machine.travel(datetime.fromisoformat(day).replace(hour=hour, tzinfo=SHANGHAI), tick=False)


def leaks(world: World, number: int, **changes: Any) -> list[Ticket]:
    """So many neighbours report the same; each has a phone of their own."""
    return [
        report(world, content=LEAK, phone=f"1390000{world.building.pk % 10}{n:03}", **changes) for n in range(number)
    ]


def tasks(source: str) -> list[ProactiveTask]:
    return list(ProactiveTask.objects.filter(source=source).order_by("pk"))


@pytest.fixture
def task(world: World) -> ProactiveTask:
    with at("2026-10-20"):
        leaks(world, 5)
        make_due_tasks()
    return ProactiveTask.objects.get(source=Source.HOTSPOT)


# ---------------------------------------------------------------- seasons
def test_on_the_first_of_november_the_heating_template_makes_a_task_for_every_compound(world: World) -> None:
    heating = SeasonTemplate.objects.get(name="供暖")
    assert (heating.starts_on, heating.scope) == ("11-01", "compound")
    with at("2026-10-31"):
        make_due_tasks()
        assert not ProactiveTask.objects.filter(template=heating).exists()
    with at("2026-11-01", hour=2):
        make_proactive_tasks.apply(headers={"district_id": world.district.pk}).get()
        assert ProactiveTask.objects.filter(template=heating).count() == len(world.compounds)
        make_proactive_tasks.apply(headers={"district_id": world.district.pk}).get()
    found = ProactiveTask.objects.filter(template=heating).order_by("pk")
    assert {row.compound_id for row in found} == {row.pk for row in world.compounds}
    assert len(found) == len(world.compounds), "the second round makes nothing"
    first = found.get(compound=world.compound)
    assert (first.community_id, first.street_id, first.organization_id, first.state, first.due_on) == (
        world.community.pk, world.street.pk, world.committee.pk, "open", date(2026, 11, 15),
    )  # fmt: skip
    assert first.checklist == heating.checklist


def test_a_night_that_was_missed_is_made_up_for_and_next_year_comes_again(world: World) -> None:
    heating = SeasonTemplate.objects.get(name="供暖")
    with at("2027-01-10"):
        make_due_tasks()
        made = ProactiveTask.objects.filter(template=heating)
        assert {key.rpartition(":")[2] for key in made.values_list("source_key", flat=True)} == {"2026-11-01"}
        assert {row.due_on for row in made} == {date(2027, 1, 24)}
    with at("2027-11-01"):
        make_due_tasks()
    assert ProactiveTask.objects.filter(template=heating).count() == 2 * len(world.compounds)


def test_a_template_that_is_off_and_a_compound_that_has_ended_make_nothing(world: World) -> None:
    SeasonTemplate.objects.update(is_active=False)
    with at("2026-11-01"):
        assert make_due_tasks() == 0
        SeasonTemplate.objects.filter(name="供暖").update(is_active=True)
        Compound.objects.filter(pk=world.compound.pk).update(ended_on=date(2026, 1, 1))
        assert make_due_tasks() == len(world.compounds) - 1


@pytest.mark.parametrize(("scope", "number"), [("community", 4), ("compound", 4), ("building", 16)])
def test_a_template_is_for_each_place_of_its_kind(world: World, scope: str, number: int) -> None:
    SeasonTemplate.objects.update(is_active=False)
    SeasonTemplate.objects.filter(name="供暖").update(is_active=True, scope=scope)
    with at("2026-11-01"):
        assert make_due_tasks() == number
    assert ProactiveTask.objects.filter(community=world.community, organization=world.committee).count() == number // 4


@pytest.mark.parametrize(
    ("span", "day", "began"),
    [
        (("11-01", "03-15"), date(2026, 11, 1), date(2026, 11, 1)),
        (("11-01", "03-15"), date(2027, 3, 15), date(2026, 11, 1)),
        (("11-01", "03-15"), date(2027, 3, 16), None),
        (("06-01", "09-15"), date(2026, 9, 15), date(2026, 6, 1)),
        (("06-01", "09-15"), date(2026, 5, 31), None),
        (("02-29", "03-02"), date(2027, 3, 1), date(2027, 3, 1)),
    ],
)
def test_when_a_season_began(span: tuple[str, str], day: date, began: date | None) -> None:
    assert occurrence(*span, day) == began


# ---------------------------------------------------------------- hot spots
def test_four_matters_are_no_hot_spot_five_are_and_not_twice(world: World) -> None:
    with at("2026-10-20"):
        leaks(world, 4)
        make_due_tasks()
        assert tasks(Source.HOTSPOT) == []
        leaks(world, 1, building_id=world.buildings[2].pk)  # of the same compound, in the other grid
        make_due_tasks()
        (found,) = tasks(Source.HOTSPOT)
        assert (found.compound_id, found.category_id) == (world.compound.pk, Ticket.objects.first().category_id)
        assert found.organization_id == world.committee.pk
        assert "5 件" in found.title
        assert world.compound.name in found.title
        assert ProactiveOrigin.objects.filter(task=found).count() == 5
        leaks(world, 2)
        make_due_tasks()
    with at("2026-10-25"):
        make_due_tasks()
    assert len(tasks(Source.HOTSPOT)) == 1


def test_once_done_the_place_comes_again_only_with_five_new_matters_later(world: World, task: ProactiveTask) -> None:
    with at("2026-10-21"):
        finish_task(start_task(task, actor=world.secretary), actor=world.secretary)
    with at("2026-10-30"):
        make_due_tasks()
        assert len(tasks(Source.HOTSPOT)) == 1, "made within thirty days"
    with at("2026-12-01"):
        make_due_tasks()
        assert len(tasks(Source.HOTSPOT)) == 1, "nothing new"
        leaks(world, 5)
        make_due_tasks()
        assert len(tasks(Source.HOTSPOT)) == 2


def test_five_over_more_than_thirty_days_are_no_hot_spot(world: World) -> None:
    with at("2026-08-01"):
        leaks(world, 3)
    with at("2026-10-20"):
        leaks(world, 3)
        make_due_tasks()
    assert tasks(Source.HOTSPOT) == []


@pytest.mark.parametrize("column", [{"is_restricted": True}, {"is_proactive": True}, {"state": "withdrawn"}])
def test_what_does_not_count(world: World, column: dict[str, Any]) -> None:
    with at("2026-10-20"):
        one = leaks(world, 5)[0]
        closed = {"closed_at": one.submitted_at} if "state" in column else {}
        Ticket.objects.filter(pk=one.pk).update(**column, **closed)
        make_due_tasks()
    assert tasks(Source.HOTSPOT) == []


def test_other_places_and_other_kinds_are_not_counted_together(world: World) -> None:
    with at("2026-10-20"):
        leaks(world, 3)
        leaks(world, 2, building_id=world.buildings[4].pk)  # the next compound
        report(world), report(world)  # light, in the first compound
        make_due_tasks()
    assert tasks(Source.HOTSPOT) == []


# ---------------------------------------------------------------- repeats
def repeat(world: World, number: int) -> list[Ticket]:
    from requests_intake.repeats import link

    found = []
    for n in range(number):
        with at(f"2026-10-{10 + n}"):
            found.append(report(world, content=LEAK, phone=PHONE))
            link([found[-1].pk])
    return found


def test_the_same_person_twice_is_nothing_three_times_a_task_and_not_twice(world: World) -> None:
    repeat(world, 2)
    with at("2026-10-19"):
        make_due_tasks()
        assert tasks(Source.REPEAT) == []
    third = repeat(world, 3)[-1]
    with at("2026-10-20"):
        make_due_tasks()
        (found,) = tasks(Source.REPEAT)
        assert third.pk in ProactiveOrigin.objects.filter(task=found).values_list("ticket_id", flat=True)
        assert "李小明" not in found.title + found.text
        assert PHONE[-4:] not in found.title + found.text + found.source_key
        make_due_tasks()
    with at("2026-10-21"):
        make_due_tasks()
    assert len(tasks(Source.REPEAT)) == 1


def test_that_it_was_the_same_person_goes_with_the_person(world: World) -> None:
    found = repeat(world, 3)
    with at("2026-10-20"):
        make_due_tasks()
    assert ProactiveOrigin.objects.filter(ticket__in=found).count() == 3
    ids = [row.pk for row in found]
    Ticket.objects.filter(pk__in=ids).update(state="closed", closed_at=found[-1].submitted_at)
    anonymize_tickets(ids)
    assert not ProactiveOrigin.objects.filter(ticket__in=found).exists()


# ---------------------------------------------------------------- what people do
def test_a_task_is_begun_brought_in_and_finished(world: World, task: ProactiveTask) -> None:
    with at("2026-10-21"):
        assert start_task(task, actor=world.secretary).state == "doing"
        ticket = open_ticket(task, content="查到主管道老化，要换。", actor=world.secretary)
        assert (ticket.is_proactive, ticket.community_id, ticket.category_id, ticket.recorded_by_id) == (
            True, world.community.pk, task.category_id, world.members["secretary"].pk,
        )  # fmt: skip
        assert ticket.compound_id == world.compound.pk
        with pytest.raises(DomainError) as twice:
            open_ticket(task, content="再来一件", actor=world.secretary)
        assert twice.value.code == "opened_already"
        done = finish_task(task, actor=world.secretary)
        assert (done.state, done.opened_ticket_id, done.closed_at is not None) == ("done", ticket.pk, True)
        with pytest.raises(DomainError) as late:
            start_task(done, actor=world.secretary)
        assert late.value.code == "wrong_state"
        assert resume_task(done, actor=world.secretary).closed_at is None


def test_a_task_is_dropped_for_a_reason(world: World, task: ProactiveTask) -> None:
    with pytest.raises(DomainError) as refused:
        drop_task(task, reason="", actor=world.secretary)
    assert "reason" in refused.value.fields
    assert drop_task(task, reason="solved", actor=world.dispatcher).state == "dropped"


def test_who_sees_and_makes_it(world: World, task: ProactiveTask) -> None:
    for name in ("secretary", "staff", "dispatcher", "street_leader", "center"):
        assert task in visible_tasks(world.actor(name)), name
        assert waiting(world.actor(name)) == ProactiveTask.objects.filter(pk=task.pk).count()
    for name in ("other_secretary", "other_dispatcher", "handler", "other_worker", "admin"):
        assert task not in visible_tasks(world.actor(name)), name
        with pytest.raises(NotFound):
            start_task(task, actor=world.actor(name))
    with pytest.raises(NotAllowed):
        start_task(task, actor=world.official)


def test_another_district_has_its_own(world: World, task: ProactiveTask) -> None:
    other = make_district("t2", 2)
    with district_transaction(other.district), at("2026-10-20"):
        make_due_tasks()
        assert not ProactiveTask.objects.exists()
        assert SeasonTemplate.objects.count() == 3


# ---------------------------------------------------------------- the pages
def test_the_list_and_the_task_lead_from_one_step_to_the_next(world: World, task: ProactiveTask) -> None:
    client = world.sign_in(Client(), "secretary")
    assert "主动治理" in client.get("/desk/ledgers/").content.decode()
    page = client.get("/desk/proactive/").content.decode()
    assert task.title in page
    path = f"/desk/proactive/{task.pk}/"
    page = client.get(path).content.decode()
    assert all(number in page for number in Ticket.objects.values_list("number", flat=True))
    key = str(uuid4())
    for _twice in range(2):
        assert client.post(f"{path}start/", {"idempotency_key": key}).status_code == 302
    said = {"idempotency_key": str(uuid4()), "content": ""}
    refused = client.post(f"{path}ticket/", said)
    assert refused.status_code == 422
    assert client.post(f"{path}ticket/", {**said, "content": "查到主管道老化"}).status_code == 302
    assert client.post(f"{path}drop/", {"idempotency_key": str(uuid4()), "reason": ""}).status_code == 422
    assert client.post(f"{path}done/", {"idempotency_key": str(uuid4())}).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.opened_ticket is not None) == ("done", True)
    assert task.title not in client.get("/desk/proactive/").content.decode()
    assert task.title in client.get("/desk/proactive/?state=done").content.decode()
    assert client.post(f"{path}explode/", {"idempotency_key": "x"}).status_code == 404


def test_who_only_reads_is_told_why_and_who_is_outside_finds_nothing(world: World, task: ProactiveTask) -> None:
    path = f"/desk/proactive/{task.pk}/"
    reading = world.sign_in(Client(), "official")
    assert reading.get(path).status_code == 200
    assert "start/" not in reading.get(path).content.decode()
    answer = reading.post(f"{path}start/", {"idempotency_key": "x"})
    assert answer.status_code == 403
    assert "您的岗位只能看" in answer.content.decode()
    assert world.sign_in(Client(), "other_secretary").get(path).status_code == 404
    assert world.sign_in(Client(), "handler").get("/desk/proactive/").status_code == 403


def test_the_administrator_changes_the_seasons(world: World) -> None:
    client = world.sign_in(Client(), "admin")
    assert "汛期" in client.get("/manage/seasons/").content.decode()
    said = {
        "name": "开学", "text": "开学前看校门口", "checklist": "斑马线清楚吗\n护学岗排好了吗", "starts_on": "08-25",
        "ends_on": "09-05", "scope": "community", "due_days": "5", "is_active": "on", "category": "",
    }  # fmt: skip
    bad = client.post("/manage/seasons/new/", {**said, "starts_on": "02-30", "idempotency_key": str(uuid4())})
    assert bad.status_code == 422
    assert "写成 11-01" in str(bad.context["form"].errors["starts_on"])
    assert "斑马线清楚吗" in bad.content.decode()
    assert client.post("/manage/seasons/new/", {**said, "idempotency_key": str(uuid4())}).status_code == 302
    made = SeasonTemplate.objects.get(name="开学")
    twice = client.post("/manage/seasons/new/", {**said, "idempotency_key": str(uuid4())})
    assert twice.status_code == 422
    with at("2026-08-25"):
        make_due_tasks()
    assert ProactiveTask.objects.filter(template=made).count() == 4
    edit = {**said, "is_active": "", "idempotency_key": str(uuid4())}
    assert client.post(f"/manage/seasons/{made.pk}/", edit).status_code == 302
    made.refresh_from_db()
    assert not made.is_active
    assert world.sign_in(Client(), "secretary").get("/manage/seasons/").status_code == 403


def test_shipped_categories_of_the_seasons_exist(world: World) -> None:
    for template in SeasonTemplate.objects.all():
        assert template.category_id in rules().categories
        assert timedelta(days=template.due_days)
