"""通报 on pages: put together, looked at, sent out once, read by who is named, withdrawn with a reason."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from requests_intake.actions.circulars import Line, publish_circular
from requests_intake.actions.press import decide_circular
from requests_intake.models import Circular, Note, Supervision, Ticket
from tests.cases import CONTENT, ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db
PREVIEW, PUBLISH = "/desk/circulars/preview/", "/desk/circulars/publish/"


def drafts(world: World, number: int = 2) -> list[Supervision]:
    tickets = [ticket_in(world, "drafted") for _time in range(number)]
    return [Supervision.objects.get(ticket=ticket, kind="circular") for ticket in tickets]


def said(rows: list[Supervision], *, ticked: list[Supervision] | None = None, **notes: str) -> dict[str, Any]:
    """What the page sends: every listed row with its sentence, and the ticks."""
    found: dict[str, Any] = {"idempotency_key": str(uuid4()), "for_all": "", "line": []}
    for row in rows:
        found[f"seen-{row.pk}"] = "handling"
        found[f"note-{row.pk}"] = notes.get(f"note_{row.pk}", "超期未办结")
    found["line"] = [str(row.pk) for row in (rows if ticked is None else ticked)]
    return found


@pytest.fixture
def supervisor(world: World, client: Client) -> Client:
    signed: Client = world.sign_in(client, "supervisor")
    return signed


def test_the_drafts_stand_ticked_with_why_and_a_sentence(world: World, supervisor: Client) -> None:
    rows = drafts(world)
    page = supervisor.get(reverse("desk:circulars"))
    assert [row["ticked"] for row in page.context["rows"]] == [True, True]
    assert {row["why"] for row in page.context["rows"]} == {"督办没有按时回复"}
    assert all("书面" in row["field"].value() for row in page.context["rows"])
    assert {row["number"] for row in page.context["rows"]} == {row.ticket.number for row in rows}


def test_one_sentence_for_all_reaches_the_ticked_rows_only(world: World, supervisor: Client) -> None:
    rows = drafts(world)
    sent = {**said(rows, ticked=rows[:1]), "for_all": "本周内办结", "step": "apply"}
    page = supervisor.post(PREVIEW, sent)
    assert {row["pk"]: row["field"].value() for row in page.context["rows"]} == {
        rows[0].pk: "本周内办结", rows[1].pk: "超期未办结",
    }  # fmt: skip
    assert {row["pk"]: row["ticked"] for row in page.context["rows"]} == {rows[0].pk: True, rows[1].pk: False}


def test_the_text_is_shown_without_a_word_of_the_resident_and_nothing_is_sent(world: World, supervisor: Client) -> None:
    rows = drafts(world)
    page = supervisor.post(PREVIEW, {**said(rows, ticked=rows[:1]), "step": "look"})
    text = page.content.decode()
    assert page.status_code == 200
    assert "超期未办结" in text
    assert rows[0].ticket.number in text
    assert rows[1].ticket.number not in text
    assert rows[0].ticket.title not in text
    assert CONTENT not in text
    assert not Circular.objects.exists()
    back = supervisor.post(PREVIEW, {**said(rows, ticked=rows[:1]), "step": "edit"})
    assert [row["ticked"] for row in back.context["rows"]] == [True, False]


def test_sent_twice_it_goes_out_once(world: World, supervisor: Client) -> None:
    sent = said(drafts(world))
    first, second = supervisor.post(PUBLISH, sent), supervisor.post(PUBLISH, sent)
    issue = Circular.objects.get()
    assert first["Location"] == second["Location"] == reverse("desk:circular", args=[issue.pk])
    assert issue.lines.count() == 2


def test_what_changed_since_the_look_is_named_and_the_others_go_out(world: World, supervisor: Client) -> None:
    rows = drafts(world, 3)
    sent = said(rows)
    decide_circular(rows[0], publish=False, note="已经答复", actor=world.center)
    Ticket.objects.filter(pk=rows[1].ticket_id).update(state="resolved")
    page = supervisor.post(PUBLISH, sent, follow=True).content.decode()
    assert list(Circular.objects.get().lines.values_list("pk", flat=True)) == [rows[2].pk]
    assert f"没有放进去 {rows[0].ticket.number}：这一条已经定过了" in page
    assert f"没有放进去 {rows[1].ticket.number}：这件已经是" in page


def test_a_row_without_a_sentence_and_an_issue_without_rows_are_refused(world: World, supervisor: Client) -> None:
    rows = drafts(world)
    sent = said(rows, **{f"note_{rows[0].pk}": " ", f"note_{rows[1].pk}": "我写的这一句"})
    page = supervisor.post(PREVIEW, {**sent, "step": "look"})
    assert page.status_code == 422
    assert "请写一句通报意见" in page.content.decode()
    assert "我写的这一句" in page.content.decode()
    assert supervisor.post(PUBLISH, said(rows, ticked=[])).status_code == 422
    assert not Circular.objects.exists()


def test_restricted_drafts_are_named_apart_and_cannot_be_ticked(world: World, client: Client) -> None:
    rows = drafts(world)
    Ticket.objects.filter(pk=rows[0].ticket_id).update(is_restricted=True)
    page = world.sign_in(client, "center").get(reverse("desk:circulars"))
    assert [row["pk"] for row in page.context["rows"]] == [rows[1].pk]


def test_who_is_named_reads_the_issue_and_who_is_not_finds_none(world: World, client: Client) -> None:
    rows = drafts(world)
    issue = publish_circular([Line(row.pk, "限期办结") for row in rows], actor=world.center).circular
    assert issue is not None
    address = reverse("desk:circular", args=[issue.pk])
    page = world.sign_in(client, "handler").get(address).content.decode()
    assert "限期办结" in page
    assert "撤回</a>" not in page
    assert f'href="{address}"' in client.get(reverse("desk:supervisions"), {"view": "circular"}).content.decode()
    assert world.sign_in(Client(), "urban_handler").get(address).status_code == 404
    assert world.sign_in(Client(), "other_dispatcher").get(address).status_code == 404


def test_an_issue_is_withdrawn_with_its_reason_and_stays_readable(world: World, supervisor: Client) -> None:
    issue = publish_circular([Line(row.pk, "限期办结") for row in drafts(world)], actor=world.center).circular
    assert issue is not None
    address = reverse("desk:circular_withdraw", args=[issue.pk])
    assert supervisor.post(address, {"note": "", "idempotency_key": str(uuid4())}).status_code == 422
    sent = {"note": "期限算错了", "idempotency_key": str(uuid4())}
    assert supervisor.post(address, sent)["Location"] == reverse("desk:circular", args=[issue.pk])
    supervisor.post(address, sent)
    assert Note.objects.filter(text="期限算错了").count() == 2
    page = supervisor.get(reverse("desk:circular", args=[issue.pk])).content.decode()
    assert "限期办结" in page
    assert "期限算错了" in page
    assert "已全部撤回" in page
    assert "全部撤回" in supervisor.get(reverse("desk:circulars"), {"view": "issues"}).content.decode()


@pytest.mark.parametrize("name", ["dispatcher", "handler", "secretary"])
def test_who_does_not_decide_gets_403_everywhere(world: World, client: Client, name: str) -> None:
    person = world.sign_in(client, name)
    assert person.get(reverse("desk:circulars")).status_code == 403
    assert person.post(PREVIEW, {}).status_code == 403
    assert person.post(PUBLISH, said(drafts(world))).status_code == 403
    assert not Circular.objects.exists()
