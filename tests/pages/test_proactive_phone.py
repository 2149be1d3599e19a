"""主动治理 on the phone (S3-31): what to go and look at in one's own grids, and the three ways it ends."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from governance.kernel import clock
from governance.kernel.errors import NotFound
from grids.households.actions.tags import tag_household
from requests_intake.actions.proactive import make_due_tasks
from requests_intake.actions.proactive_field import find_nothing
from requests_intake.models import Attachment, ProactiveTask, SeasonTemplate, Ticket
from requests_intake.proactive import visible_tasks
from tests.cases import report
from tests.households.homes import home, tag, with_rooms
from tests.world import World

pytestmark = pytest.mark.django_db
HOME, TASKS = "worker:home", "worker:tasks"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def photo() -> SimpleUploadedFile:
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40), "green").save(buffer, "JPEG")
    return SimpleUploadedFile("a.jpg", buffer.getvalue(), "image/jpeg")


def task(world: World, **changes: Any) -> ProactiveTask:
    """A task for the first compound, of a season; keyword arguments change it."""
    values = {
        "source": "season", "source_key": str(uuid4()), "title": "供暖：春晓花园", "text": "供暖前上门看看",
        "checklist": ["暖气热不热", "阀门漏不漏"], "community": world.community, "street": world.street,
        "compound": world.compound, "organization": world.committee, "created_at": clock.now(),
        "due_on": clock.today() + timedelta(days=9),
    }  # fmt: skip
    return ProactiveTask.objects.create(**{**values, **changes})


def said(world: World, found: str, **more: Any) -> dict[str, Any]:
    place = f"building-{world.building.pk}"
    return {"idempotency_key": str(uuid4()), "found": found, "content": "阀门漏水", "place": place, **more}


def test_a_worker_has_the_tasks_of_the_own_grids_from_all_three_sources(world: World) -> None:
    for n in range(5):
        report(world, content="楼道里水管漏水，墙都湿了", phone=f"1390000{n:04}")
    SeasonTemplate.objects.update(is_active=False)
    make_due_tasks()
    hot = ProactiveTask.objects.get(source="hotspot")
    season, again = task(world), task(world, source="repeat", compound=None, building=world.building)
    whole = task(world, compound=None)
    mine = {hot.pk, season.pk, again.pk, whole.pk}
    next_door = task(world, compound=None, building=world.buildings[2])  # the other grid of the compound
    elsewhere = task(world, compound=world.compounds[1], community=world.community2)
    for who in ("worker", "leader"):
        assert set(visible_tasks(world.actor(who)).values_list("pk", flat=True)) == mine, who
    assert not visible_tasks(world.actor("other_worker")).exists()
    phone = world.sign_in(Client(), "worker")
    assert phone.get(reverse(HOME)).context["to_look"] == 4
    page = phone.get(reverse(TASKS))
    assert len(page.context["cards"]) == 4
    assert all(name in page.content.decode() for name in ("诉求热点", "季节安排", "反复反映"))
    for row in (next_door, elsewhere):
        assert phone.get(reverse("worker:task", args=[row.pk])).status_code == 404
        with pytest.raises(NotFound):
            find_nothing(row, actor=world.worker)


def test_looked_at_and_nothing_found_is_done_once(world: World) -> None:
    row, phone = task(world), world.sign_in(Client(), "worker")
    url = reverse("worker:task", args=[row.pk])
    page = phone.get(url).content.decode()
    assert "暖气热不热" in page
    key = str(uuid4())
    for _again in range(2):
        answer = phone.post(url, {"idempotency_key": key, "found": "nothing"}, follow=True)
        assert "看过，没有问题" in answer.content.decode()
    row.refresh_from_db()
    assert (row.state, row.opened_ticket_id, row.changed_by_id) == ("done", None, world.members["worker"].pk)
    assert not Ticket.objects.exists()
    late = phone.post(url, {"idempotency_key": str(uuid4()), "found": "nothing"}, follow=True).content.decode()
    assert "现在不能这样办" in late
    assert "现在没有要去看的" in phone.get(reverse(TASKS)).content.decode()
    assert row.title in phone.get(reverse(TASKS), {"show": "ended"}).content.decode()


def test_what_is_put_right_on_the_spot_is_a_ticket_reported_done_with_its_photo(world: World) -> None:
    row, phone = task(world), world.sign_in(Client(), "worker")
    url = reverse("worker:task", args=[row.pk])
    bare = phone.post(url, said(world, "solved"))
    assert bare.status_code == 422
    assert "请拍一张现场照片" in bare.content.decode()
    assert "阀门漏水" in bare.content.decode()
    form = said(world, "solved", photos=photo())
    assert phone.post(url, form).status_code == 302
    row.refresh_from_db()
    ticket = Ticket.objects.get()
    assert (row.state, row.opened_ticket_id) == ("done", ticket.pk)
    assert (ticket.is_proactive, ticket.building_id, ticket.resolved_level) == (True, world.building.pk, "grid")
    assert ticket.state in ("resolved", "closed")
    assert Attachment.objects.get(ticket=ticket).purpose == "evidence"
    page = phone.get(url).content.decode()
    assert ticket.title in page
    assert "查到问题了" not in page


def test_what_is_found_and_not_solved_goes_on_as_a_matter_of_the_place(world: World) -> None:
    row, phone = task(world), world.sign_in(Client(), "worker")
    url = reverse("worker:task", args=[row.pk])
    empty = phone.post(url, said(world, "report", content=" "))
    assert empty.status_code == 422
    assert "请写查到了什么" in empty.content.decode()
    outside = phone.post(url, said(world, "report", place=f"building-{world.buildings[2].pk}"))
    assert "这里不在您的网格里" in outside.content.decode()
    form = said(world, "report", place=f"grid-{world.grid.pk}", photos=photo())
    for _again in range(2):
        form["photos"].seek(0)
        assert phone.post(url, form).status_code == 302
    ticket = Ticket.objects.get()
    row.refresh_from_db()
    assert (row.state, row.opened_ticket_id) == ("done", ticket.pk)
    assert (ticket.state, ticket.grid_id, ticket.is_proactive) == ("handling", world.grid.pk, True)
    assert Attachment.objects.get(ticket=ticket).purpose == "report"


def test_the_tickets_it_came_from_are_those_one_may_open(world: World) -> None:
    mine, hidden = report(world), report(world, building_id=world.buildings[2].pk)
    row = task(world, source="hotspot")
    for ticket in (mine, hidden):
        row.origins.create(ticket=ticket)
    page = world.sign_in(Client(), "worker").get(reverse("worker:task", args=[row.pk]))
    assert page.context["origins"] == [mine]
    assert page.context["hidden"] == 1
    assert hidden.number not in page.content.decode()


def test_homes_with_a_tag_are_looked_at_first(world: World) -> None:
    """S3-31. G season template 供暖 (Nov); W 1 Nov; T tasks created per compound with elder tags."""
    rooms = with_rooms(world.building)
    elder = tag(world.admin, name="独居老人", mark="老", colour="rose")
    hidden = tag(
        world.admin, name="常看望", mark="望", colour="plum", is_sensitive=True, readers=["community_secretary"]
    )
    for room in rooms[:3]:
        tag_household(home(world.building, room, world.worker), elder, reason="独自居住", actor=world.worker)
    tag_household(home(world.building, rooms[3], world.worker), hidden, reason="要常去", actor=world.secretary)
    heating = SeasonTemplate.objects.get(name="供暖")
    with time_machine.travel("2026-11-01T02:00:00+08:00", tick=False):
        make_due_tasks()
    season = ProactiveTask.objects.get(template=heating, compound=world.compound)
    for who, surface, seen in (
        ("worker", "worker:task", {"独居老人": 3}), ("secretary", "desk:proactive_task", {"独居老人": 3, "常看望": 1}),
        ("dispatcher", "desk:proactive_task", {}), ("center", "desk:proactive_task", {}),
    ):  # fmt: skip
        client = world.sign_in(Client(), who)
        page = client.get(reverse(surface, args=[season.pk]))
        assert {row.name: row.homes for row in page.context["homes"]} == seen, who
        assert ("先看这些户" in page.content.decode()) is bool(seen)
        for row in page.context["homes"]:
            assert len(client.get(row.url).context["rows"]) == row.homes
    elsewhere = ProactiveTask.objects.filter(template=heating).exclude(compound=world.compound).first()
    assert elsewhere is not None
    page = world.sign_in(Client(), "center").get(reverse("desk:proactive_task", args=[elsewhere.pk]))
    assert page.context["homes"] == []
