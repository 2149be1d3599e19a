"""Categories, their questions and the sentences to tap: each changes what people see and where a matter goes."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from governance.kernel.models import AuditEvent
from requests_intake.models import Category, ReplyPhrase
from requests_intake.reference import rules
from tests.cases import report, ticket_in
from tests.world import World


@pytest.fixture
def admin(world: World) -> Client:
    return world.sign_in(Client(), "admin")


def _edit(client: Client, path: str, **changes: Any) -> Any:
    form = client.get(path).context["form"]
    said = {field.html_name: field.value() for field in form if field.value() not in (None, False)}
    return client.post(path, {**said, "idempotency_key": str(uuid4()), **changes})


def _new(client: Client, **changes: Any) -> Any:
    parent = Category.objects.filter(parent=None).order_by("code")[0]
    said = {
        "parent": parent.pk,
        "name": "共享菜园",
        "keywords": "共享菜园、菜地认领",
        "questions": "哪一块地？\n多大？",
    }
    return _edit(client, "/manage/categories/new/", **{**said, **changes})


def test_a_new_category_is_suggested_with_its_questions(world: World, admin: Client) -> None:
    assert _new(admin, start_level="street", department="urban_management").status_code == 302
    world.district.refresh_from_db()
    made = Category.objects.get(name="共享菜园")
    assert made.code == f"{made.parent.code}{int(made.code[2:]):02d}"
    hints = Client().post("/d/t1/report/hints/", {"content": "想认领共享菜园，菜地认领在哪里报名"}).content.decode()
    assert "共享菜园" in hints
    assert "哪一块地？" in hints
    ticket = report(world, content="想认领共享菜园，菜地认领在哪里报名")
    assert (ticket.category_id, ticket.level) == (made.pk, "street")
    assert AuditEvent.objects.filter(action="settings.category_add").count() == 1


def test_a_category_out_of_use_keeps_its_name_and_is_not_suggested(world: World, admin: Client) -> None:
    _new(admin)
    made = Category.objects.get(name="共享菜园")
    page = _edit(admin, f"/manage/categories/{made.pk}/", is_active="")
    assert page.status_code == 302
    world.district.refresh_from_db()
    assert made.code not in rules().by_code
    assert rules().category_name(made.pk) == "共享菜园"
    assert "停用" in admin.get("/manage/categories/?q=菜园").content.decode()


def test_urgency_of_a_category_reaches_the_ticket(world: World, admin: Client) -> None:
    _new(admin, urgency="urgent")
    world.district.refresh_from_db()
    assert report(world, content="想认领共享菜园，菜地认领在哪里报名").urgency == "urgent"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("keywords", "灯"),
        ("questions", "\n".join(f"第{n}句？" for n in range(6))),
        ("department", "no_such"),
        ("urgency", "now"),
        ("parent", "0"),
    ],
)
def test_a_wrong_category_is_refused_at_its_field(world: World, admin: Client, field: str, value: str) -> None:
    page = _new(admin, **{field: value})
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [field]
    assert not Category.objects.filter(name="共享菜园").exists()


def test_two_categories_of_one_name_are_refused(world: World, admin: Client) -> None:
    _new(admin)
    assert list(_new(admin).context["form"].errors) == ["name"]


def test_a_form_sent_twice_makes_one_category(world: World, admin: Client) -> None:
    key = str(uuid4())
    assert _new(admin, idempotency_key=key).status_code == 302
    assert _new(admin, idempotency_key=key).status_code == 302
    assert Category.objects.filter(name="共享菜园").count() == 1


def test_the_workers_form_offers_the_districts_own_sentences(world: World, admin: Client) -> None:
    ticket = ticket_in(world, "signed")
    worker = world.sign_in(Client(), "worker")
    address = f"/m/t/{ticket.number}/resolve/"
    assert "已办妥" in worker.get(address).content.decode()
    assert _edit(admin, "/manage/phrases/", resolve="灯已换新\n已回电话").status_code == 302
    page = worker.get(address).content.decode()
    assert "灯已换新" in page
    assert "已办妥" not in page
    # What is said as usual is not stored.
    assert set(ReplyPhrase.objects.values_list("move", flat=True)) == {"resolve"}
    _edit(admin, "/manage/phrases/", resolve="")
    assert "已办妥" in worker.get(address).content.decode()


def test_a_sentence_twice_is_refused(world: World, admin: Client) -> None:
    page = _edit(admin, "/manage/phrases/", resolve="好了\n好了")
    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["resolve"]
