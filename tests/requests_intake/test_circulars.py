"""通报 in issues (SLA D.4): published for many at once, each line with its sentence, withdrawn with a reason."""

from __future__ import annotations

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.kernel.errors import DomainError, NotAllowed
from requests_intake.actions.circulars import Line, publish_circular, withdraw_circular, withdraw_line
from requests_intake.actions.press import decide_circular
from requests_intake.models import Circular, Note, Supervision, Ticket, TicketTransition
from tests.cases import ticket_in
from tests.world import World

pytestmark = pytest.mark.django_db


def draft_of(ticket: Ticket) -> Supervision:
    return Supervision.objects.get(ticket=ticket, kind="circular")


def drafts(world: World, number: int) -> list[Supervision]:
    return [draft_of(ticket_in(world, "drafted")) for _time in range(number)]


def lines(rows: list[Supervision], note: str = "超期未办结") -> list[Line]:
    return [Line(row.pk, note) for row in rows]


def test_an_issue_holds_its_lines_with_their_sentences_and_tells_who_handles(world: World) -> None:
    first, second = drafts(world, 2)
    done = publish_circular([Line(first.pk, "超期六天"), Line(second.pk, "没有回复督办")], actor=world.supervisor)
    assert done.skipped == []
    assert done.circular is not None
    assert str(done.circular).endswith("年第 1 期")
    assert set(Supervision.objects.filter(circular=done.circular).values_list("state", flat=True)) == {"published"}
    notes = Note.objects.filter(transition__move="publish_circular").order_by("pk").values_list("text", flat=True)
    assert list(notes) == ["超期六天", "没有回复督办"]
    moves = TicketTransition.objects.filter(move="publish_circular")
    assert {row.payload["organization"] for row in moves} == {world.water.pk}


def test_numbers_of_a_year_have_no_gap_whichever_way_it_is_published(world: World) -> None:
    rows = drafts(world, 3)
    publish_circular(lines(rows[:1]), actor=world.center)
    decide_circular(rows[1], publish=True, note="单独通报", actor=world.official)
    publish_circular(lines(rows[2:]), actor=world.supervisor)
    assert list(Circular.objects.order_by("pk").values_list("number", flat=True)) == [1, 2, 3]


def test_a_draft_decided_meanwhile_is_named_and_stops_no_other(world: World) -> None:
    rows = drafts(world, 2)
    decide_circular(rows[0], publish=False, note="已经答复", actor=world.center)
    done = publish_circular(lines(rows), actor=world.supervisor)
    assert [row.pk for row in done.lines] == [rows[1].pk]
    assert [(number, error.code) for number, error in done.skipped] == [(rows[0].ticket.number, "decided")]
    assert draft_of(rows[0].ticket).state == "dropped"


def test_a_matter_in_another_state_than_it_was_looked_at_is_skipped(world: World) -> None:
    (row,) = drafts(world, 1)
    done = publish_circular([Line(row.pk, "超期", seen="resolved")], actor=world.supervisor)
    assert done.circular is None
    assert [error.code for _number, error in done.skipped] == ["changed"]
    assert draft_of(row.ticket).state == "draft"
    assert not Circular.objects.exists()


def test_a_restricted_matter_goes_into_no_issue(world: World) -> None:
    rows = drafts(world, 2)
    Ticket.objects.filter(pk=rows[0].ticket_id).update(is_restricted=True)
    done = publish_circular(lines(rows), actor=world.supervisor)
    assert [error.code for _number, error in done.skipped] == ["restricted"]
    assert [row.pk for row in done.lines] == [rows[1].pk]


def test_who_does_not_cover_the_district_publishes_and_withdraws_nothing(world: World) -> None:
    rows = drafts(world, 1)
    done = publish_circular(lines(rows), actor=world.dispatcher)
    assert [error.code for _number, error in done.skipped] == ["not_allowed"]
    published = publish_circular(lines(rows), actor=world.center).circular
    assert published is not None
    with pytest.raises(NotAllowed):
        withdraw_circular(published, note="发错了", actor=world.street_leader)


def test_nothing_chosen_and_too_many_are_refused(world: World) -> None:
    for chosen in ([], [Line(number, "超期") for number in range(101)]):
        with pytest.raises(DomainError) as refused:
            publish_circular(chosen, actor=world.center)
        assert refused.value.code in ("no_lines", "too_many")


def test_withdrawing_adds_the_reason_and_rewrites_nothing(world: World) -> None:
    circular = publish_circular(lines(drafts(world, 2)), actor=world.center).circular
    assert circular is not None
    before = list(TicketTransition.objects.order_by("pk").values())
    withdraw_circular(circular, note="数字核错了", actor=world.supervisor)
    after = list(TicketTransition.objects.order_by("pk").values())
    assert after[: len(before)] == before
    assert [row["move"] for row in after[len(before) :]] == ["withdraw_circular"] * 2
    assert set(Supervision.objects.filter(circular=circular).values_list("state", flat=True)) == {"withdrawn"}
    assert Note.objects.filter(transition__move="withdraw_circular", text="数字核错了").count() == 2
    with pytest.raises(DomainError) as refused:
        withdraw_circular(circular, note="再撤一次", actor=world.supervisor)
    assert refused.value.code == "withdrawn"


def test_one_line_is_withdrawn_and_the_others_stand(world: World) -> None:
    rows = drafts(world, 2)
    publish_circular(lines(rows), actor=world.center)
    with pytest.raises(DomainError) as refused:
        withdraw_line(rows[0], note=" ", actor=world.center)
    assert refused.value.code == "note_needed"
    withdraw_line(rows[0], note="已经办结", actor=world.center)
    assert [draft_of(row.ticket).state for row in rows] == ["withdrawn", "published"]


def test_an_issue_cannot_be_rewritten_by_the_application(world: World) -> None:
    publish_circular(lines(drafts(world, 1)), actor=world.center)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Circular.objects.update(number=7)


def test_more_lines_take_no_more_statements(world: World) -> None:
    def statements(rows: list[Supervision]) -> int:
        with CaptureQueriesContext(connection) as found:
            publish_circular(lines(rows), actor=world.center)
        return len(found)

    assert statements(drafts(world, 4)) <= statements(drafts(world, 1))
