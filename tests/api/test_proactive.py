"""主动治理 for programs: the list and the moves of a task."""

from __future__ import annotations

import pytest

from requests_intake.actions.proactive import make_due_tasks
from requests_intake.models import ProactiveTask, Ticket
from tests.api.conftest import Client
from tests.cases import report
from tests.world import World

pytestmark = pytest.mark.django_db


def test_programs_read_the_list_and_make_the_moves(world: World, api: Client) -> None:
    for number in range(5):
        report(world, content="楼道里水管漏水，墙都湿了", phone=f"1390000{number:04}")
    make_due_tasks()
    task = ProactiveTask.objects.get(source="hotspot")
    secretary, path = api("secretary"), f"/api/v1/proactive/{task.pk}"
    rows = secretary.get("/api/v1/proactive/").json()["results"]
    row = next(row for row in rows if row["id"] == task.pk)
    assert (row["id"], row["state"], row["source"], len(row["tickets"])) == (task.pk, "open", "hotspot", 5)
    assert secretary.post(f"{path}/start/", {}).json()["state"] == "doing"
    assert secretary.post(f"{path}/start/", {}).status_code == 409
    opened = secretary.post(f"{path}/ticket/", {"content": "查到主管道老化"}).json()
    assert Ticket.objects.get(number=opened["opened_ticket"]).is_proactive
    assert secretary.post(f"{path}/drop/", {"reason": "because"}).status_code == 422
    assert secretary.post(f"{path}/drop/", {"reason": "solved"}).json()["state"] == "dropped"
    assert api("official").post(f"{path}/resume/", {}).status_code == 403
    assert api("other_secretary").post(f"{path}/resume/", {}).status_code == 404
    assert api("handler").get("/api/v1/proactive/").json()["results"] == []
