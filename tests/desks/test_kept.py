"""Views of the inbox and sentences that a desk keeps: whose they are, who changes them, what they find."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.models import AuditEvent
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.desks.actions import keep
from requests_intake.desks.actions.keep import PhraseSaid, ViewSaid, drop_kept, save_phrase, save_view
from requests_intake.desks.models import SavedPhrase, SavedView
from requests_intake.desks.placeholders import PLACEHOLDERS, fill, unknown_in
from requests_intake.desks.policies import default_of, find, readable
from requests_intake.desks.queries import conditions_of, offered, opening_view, view_counts, views_of
from requests_intake.queries import TicketFilter, count_of
from tests.cases import ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db


def view(actor: Actor, name: str = "排水", row: SavedView | None = None, **more: Any) -> SavedView:
    return save_view(row, ViewSaid(**{"name": name, "query": {"queue": "open"}, **more}), actor=actor)


def phrase(actor: Actor, text: str = "已到{地点}修好", row: SavedPhrase | None = None, **more: Any) -> SavedPhrase:
    return save_phrase(row, PhraseSaid(**{"move": "resolve", "text": text, **more}), actor=actor)


# ---------------------------------------------------------------- whose they are
def test_ones_own_is_seen_by_nobody_else_and_a_shared_one_by_everybody_of_the_organization(world: World) -> None:
    own = view(world.handler)
    shared = view(world.handler, "全科的", organization_id=world.water.pk)
    assert views_of(world.handler) == [shared, own] or views_of(world.handler) == [own, shared]
    assert views_of(world.handler_leader) == [shared]
    assert views_of(world.urban_handler) == []
    with pytest.raises(NotFound):
        find(SavedView, own.pk, actor=world.handler_leader)


def test_sharing_is_for_where_one_serves(world: World) -> None:
    with pytest.raises(NotAllowed):
        view(world.handler, organization_id=world.urban.pk)
    assert not SavedView.objects.exists()


def test_what_is_shared_is_changed_by_who_put_it_there_and_by_who_leads(world: World) -> None:
    by_leader = phrase(world.handler_leader, organization_id=world.water.pk)
    with pytest.raises(NotAllowed):
        phrase(world.handler, "别的话", by_leader, organization_id=world.water.pk)
    with pytest.raises(NotAllowed):
        drop_kept(by_leader, actor=world.handler)
    by_handler = phrase(world.handler, "我放的", organization_id=world.water.pk)
    assert phrase(world.handler_leader, "负责人改的", by_handler, organization_id=world.water.pk).text == "负责人改的"
    drop_kept(by_handler, actor=world.handler)
    assert list(SavedPhrase.objects.all()) == [by_leader]
    # What a whole office works with is written down; one's own is nobody's business.
    phrase(world.handler, "自己的")
    said = AuditEvent.objects.filter(action__startswith="desk.").values_list("action", flat=True)
    assert sorted(said) == ["desk.keep_drop", *["desk.phrase_keep"] * 3]


def test_a_default_for_everybody_is_said_by_who_leads_and_ones_own_comes_first(world: World) -> None:
    with pytest.raises(NotAllowed):
        view(world.handler, organization_id=world.water.pk, is_default=True)
    shared = view(world.handler_leader, "先看这个", organization_id=world.water.pk, is_default=True)
    assert opening_view(world.handler) == shared
    own = view(world.handler, "我先看", is_default=True)
    assert opening_view(world.handler) == own
    assert opening_view(world.handler_leader) == shared
    later = view(world.handler, "后来的", is_default=True)
    assert opening_view(world.handler) == later
    assert SavedView.objects.filter(owner=world.members["handler"], is_default=True).count() == 1
    assert opening_view(world.urban_handler) is None


# ---------------------------------------------------------------- what is refused
@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"name": "  "}, "no_name"),
        ({"name": "名" * 21}, "long_name"),
        ({"query": {"q": "1234"}}, "phone_kept"),
        ({"name": "找13800001234"}, "phone_kept"),
    ],
)
def test_a_view_has_a_name_and_holds_no_number(world: World, said: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        view(world.handler, **said)
    assert (refused.value.code, [*refused.value.fields]) == (code, ["name"])


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"text": " "}, "text"),
        ({"text": "长" * 501}, "text"),
        ({"text": "请打13800001234"}, "text"),
        ({"text": "已到{地址}"}, "text"),
        ({"text": "已到{地点"}, "text"),
        ({"move": "rate"}, "move"),
        ({"move": "nothing"}, "move"),
    ],
)
def test_a_sentence_is_for_a_move_has_words_it_knows_and_no_number(
    world: World, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        phrase(world.handler, **said)
    assert [*refused.value.fields] == [field]


def test_names_and_sentences_are_there_once_and_not_without_end(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = view(world.handler)
    with pytest.raises(Invalid, match="同名"):
        view(world.handler)
    assert view(world.handler, row=first, query={"queue": "over"}).query == {"queue": "over"}
    view(world.urban_handler)  # another's
    phrase(world.handler)
    with pytest.raises(Invalid, match="已经有了"):
        phrase(world.handler)
    monkeypatch.setattr(keep, "MOST_VIEWS", 1)
    with pytest.raises(DomainError) as refused:
        view(world.handler, "再一个")
    assert refused.value.code == "too_many"
    assert view(world.handler, "改名", row=first).name == "改名"


def test_a_row_of_nobody_or_of_two_is_refused_by_the_database(world: World) -> None:
    row = view(world.handler)
    for change in ({"owner": None}, {"organization": world.water.pk}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SavedView.objects.filter(pk=row.pk).update(**change)


# ---------------------------------------------------------------- what they find
def test_the_number_beside_a_view_is_that_of_its_list_whatever_becomes_of_the_tickets(world: World) -> None:
    ticket = ticket_in(world, "dispatched")
    ticket_in(world, "signed")
    rows = [
        view(world.dispatcher, "全部"),
        view(world.dispatcher, "这一类", query={"queue": "open", "category": str(ticket.category_id)}),
        view(world.dispatcher, "本街道的", query={"queue": "doing", "area": str(world.street.pk)}),
        view(world.dispatcher, "有这个词", query={"q": "楼道灯", "queue": "new"}),
        view(world.dispatcher, "结束的", query={"queue": "finished"}),
    ]

    def agree() -> list[int | None]:
        counts = view_counts(world.dispatcher, rows)
        lists = [count_of(world.dispatcher, TicketFilter.from_query(row.query)) for row in rows[:4]]
        assert [counts.get(row.pk) for row in rows[:4]] == lists
        return [counts.get(row.pk) for row in rows]

    assert agree() == [2, 2, 1, 1, None]
    escalate_ticket(ticket, actor=world.worker, note="办不了")
    assert agree() == [2, 2, 1, 1, None]


def test_all_views_are_counted_in_one_statement(world: World, django_assert_num_queries: Any) -> None:
    rows = [view(world.dispatcher, f"视图{n}", query={"queue": name}) for n, name in enumerate(("over", "soon", "new"))]
    view_counts(world.dispatcher, rows)
    with django_assert_num_queries(1):
        view_counts(world.dispatcher, rows)


def test_a_view_outlives_what_it_asked_for_and_says_what_is_gone(world: World) -> None:
    row = view(world.dispatcher, query={"queue": "open", "area": str(world.street.pk)})
    SavedView.objects.filter(pk=row.pk).update(query={"queue": "old_state", "area": "999999", "urgency": "urgent"})
    row.refresh_from_db()
    found = conditions_of(row)
    assert found.words == ["全部在办", "紧急"]
    assert found.lost == ["列表“old_state”", "一个已撤销的地方"]
    assert view_counts(world.dispatcher, [row]) == {row.pk: 0}


# ---------------------------------------------------------------- placeholders
def test_placeholders_are_filled_and_what_is_not_known_becomes_a_blank() -> None:
    assert fill("{地点}、｛ 编号 ｝、{期限}", {"地点": "3 号楼", "编号": "1"}) == "3 号楼、1、____"
    assert unknown_in("{地点}{姓名} }") == ["{姓名}", "}"]
    assert unknown_in("".join(f"{{{word}}}" for word in PLACEHOLDERS)) == []


def test_ones_own_sentences_stand_first_then_the_organizations_then_the_districts(world: World) -> None:
    ticket = ticket_in(world, "taken")
    shared = phrase(world.handler_leader, "{单位}已办好", organization_id=world.water.pk, is_default=True)
    own = phrase(world.handler, "{编号}：{地点}，{承办人}{今天}去过")
    phrase(world.handler, "别的一步", move="contact")
    found, first = offered("resolve", ticket, world.handler)
    assert [row.key for row in found[:2]] == [str(own.pk), str(shared.pk)]
    assert [row.key for row in found[2:]] == ["u0", "u1", "u2"]
    assert found[0].text.startswith(ticket.number)
    assert "11月18日去过" in found[0].text
    assert "{" not in "".join(row.text for row in found)
    assert first == found[1].text
    assert default_of(readable(SavedPhrase, world.handler).filter(move="contact")) is None
