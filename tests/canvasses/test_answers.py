"""What a household answers, places that are given to whoever is first, results out of a spreadsheet."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection

from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotFound
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_transaction
from governance.kernel.workbooks import workbook
from governance.privacy.models import Disclosure
from grids.canvasses.actions.answers import AnswerDetails, record_answer, withdraw_answer
from grids.canvasses.actions.canvasses import FieldDetails, add_slot
from grids.canvasses.actions.importing import import_answers
from grids.canvasses.actions.reveal import reveal_words
from grids.canvasses.figures import figures
from grids.canvasses.models import Canvass, CanvassAnswer, CanvassSlot, CanvassValue
from grids.canvasses.sheet import WRITTEN, columns
from grids.households.actions.households import end_household
from tests.canvasses.helpers import WANTED, answer, fields, running
from tests.visits.helpers import homes
from tests.world import World, make_district

in_a_test = pytest.mark.django_db
ALL = (
    WANTED, FieldDetails("几个人打", "number", is_required=False),
    FieldDetails("哪里打方便", "choice", ("卫生站", "社区"), is_required=False),
    FieldDetails("哪天方便", "day", is_required=False), FieldDetails("要帮什么忙", "words", is_required=False),
)  # fmt: skip


# ---------------------------------------------------------------- answering
@in_a_test
def test_an_answer_is_kept_question_by_question_and_counted(world: World) -> None:
    first, second, third = homes(world, 3)
    row = running(world, *ALL)
    answer(row, first, world.worker, True, 2, 0, clock.today(), "腿脚不便，要人陪")
    answer(row, second, world.worker, False)
    answer(row, third, world.worker, met="away")
    found = figures(row, [world.grid.pk])
    progress = found.grids[world.grid.pk]
    assert (progress.answered, progress.away, progress.declined, progress.left) == (2, 1, 0, 1)
    wanted, people, where, day, words = (found.of_field(field.pk) for field in fields(row))
    assert wanted.options == {1: 1, 0: 1}
    assert (people.filled, people.sum) == (1, 2)
    assert where.options == {0: 1}
    assert (day.filled, words.filled) == (1, 1)
    assert AuditEvent.objects.filter(action="canvass.answer").count() == 3


@in_a_test
def test_words_lie_encrypted(world: World) -> None:
    row = running_with_home(world, *ALL)
    answer(row[0], row[1], world.worker, True, None, None, None, "腿脚不便")
    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM canvasses_canvassvalue WHERE words <> ''")
        (kept,) = [line[0] for line in cursor.fetchall()]
    assert "腿脚" not in str(kept)


def running_with_home(world: World, *asked: Any, **said: Any) -> tuple[Canvass, Any]:
    one = homes(world, 1)[0]
    return running(world, *asked, **said), one


@in_a_test
@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, None), (0, 5), (1, -1), (1, 20_000), (2, 2), (3, "明天"), (4, "字" * 61), (4, "410102195001011234"),
        (4, "卡 6222 0212 3456 7890 123"), (4, "138****1234"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_question(world: World, place: int, value: Any) -> None:
    row, one = running_with_home(world, *ALL)
    values: list[Any] = [True, None, None, None, None]
    values[place] = value
    with pytest.raises(Invalid) as refused:
        answer(row, one, world.worker, *values)
    assert f"field_{fields(row)[place].pk}" in refused.value.fields
    assert not CanvassAnswer.objects.exists()


@in_a_test
def test_whoever_wrote_in_between_is_not_overwritten_unseen(world: World) -> None:
    row, one = running_with_home(world)
    answer(row, one, world.worker, True, seen=None)
    with pytest.raises(DomainError) as refused:
        answer(row, one, world.leader, False, seen=None)  # written down where there was no network
    assert refused.value.code == "answered_meanwhile"
    assert refused.value.status == 409
    kept = CanvassAnswer.objects.get()
    assert kept.by_id == world.worker.membership_id
    answer(row, one, world.leader, False, seen=kept.changed_at)
    assert CanvassValue.objects.get().option == 0
    assert CanvassAnswer.objects.count() == 1


@in_a_test
def test_only_while_it_runs_and_what_a_phone_kept_a_week_longer(world: World) -> None:
    row, one = running_with_home(world)
    now = clock.now()
    early = running(world, begins_on=clock.today() + timedelta(days=2))
    with pytest.raises(DomainError, match="还没有开始"):
        answer(early, one, world.worker)
    with time_machine.travel(now + timedelta(days=16)):
        with pytest.raises(DomainError, match="已经结束"):
            answer(row, one, world.worker)
        answer(row, one, world.worker, at=now)
    with time_machine.travel(now + timedelta(days=30)), pytest.raises(DomainError, match="已经结束"):
        answer(row, one, world.worker, at=now)


@in_a_test
def test_a_household_elsewhere_or_gone_is_not_asked(world: World) -> None:
    row, one = running_with_home(world)
    other = homes(world, 1, building=8)[0]
    with pytest.raises(NotFound):
        answer(row, other, world.worker)
    with pytest.raises(NotFound):
        answer(row, other, world.other_worker)
    end_household(one, on=clock.today(), reason="moved_out", actor=world.worker)
    with pytest.raises(DomainError) as refused:
        answer(row, one, world.worker)
    assert refused.value.code == "household_ended"


@in_a_test
def test_a_slip_is_taken_back_and_its_places_are_free(world: World) -> None:
    row, one = running_with_home(world, quota=3)
    slot = add_slot(row, clock.now() + timedelta(days=1), "卫生站", 3, actor=world.secretary)
    kept = answer(row, one, world.worker, True, seats=2, slot=slot.pk)
    row.refresh_from_db(), slot.refresh_from_db()
    assert (row.taken, slot.taken) == (2, 2)
    withdraw_answer(kept, actor=world.worker)
    row.refresh_from_db(), slot.refresh_from_db()
    assert (row.taken, slot.taken) == (0, 0)
    assert not CanvassAnswer.objects.exists()
    assert not CanvassValue.objects.exists()


# ---------------------------------------------------------------- places
@in_a_test
def test_more_than_there_is_is_not_given(world: World) -> None:
    first, second = homes(world, 2)
    row = running(world, quota=3)
    small = add_slot(row, clock.now() + timedelta(days=1), "卫生站", 1, actor=world.secretary)
    for said, code in (
        ({"seats": 4}, "no_places_left"), ({"seats": 2, "slot": small.pk}, "slot_full"),
        ({"seats": 0, "slot": small.pk}, "answer_incomplete"), ({"seats": 21}, "answer_incomplete"),
        ({"seats": 1, "slot": 999_999}, "no_slot"), ({"met": "away", "seats": 1}, "answer_incomplete"),
    ):  # fmt: skip
        with pytest.raises(DomainError) as refused:
            answer(row, first, world.worker, True, **said)
        assert refused.value.code == code
    answer(row, first, world.worker, True, seats=3)
    with pytest.raises(DomainError) as refused:
        answer(row, second, world.worker, True, seats=1)
    assert refused.value.code == "no_places_left"
    answer(row, first, world.worker, True, seats=1, slot=small.pk)
    answer(row, second, world.worker, True, seats=2)
    assert Canvass.objects.get(pk=row.pk).taken == 3
    plain = running(world)
    with pytest.raises(Invalid) as none:
        answer(plain, first, world.worker, True, seats=1)
    assert "seats" in none.value.fields


@pytest.mark.django_db(transaction=True)
def test_the_last_place_has_exactly_one_winner() -> None:
    world = make_district()
    with district_transaction(world.district):
        rows = homes(world, 4)
        row = running(world, quota=1)
        slot = add_slot(row, clock.now() + timedelta(days=1), "卫生站", 1, actor=world.secretary)
        values = {fields(row)[0].pk: True}
    barrier, found = threading.Barrier(len(rows)), []

    def want(home: Any) -> None:
        try:
            barrier.wait(20)
            with district_transaction(world.district):
                record_answer(row, home, AnswerDetails(values=values, seats=1, slot=slot.pk), actor=world.worker)
            found.append("won")
        except DomainError as error:
            found.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=want, args=(home,)) for home in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(found) == ["no_places_left"] * 3 + ["won"]
    with district_transaction(world.district):
        assert CanvassSlot.objects.get().taken == Canvass.objects.get().taken == CanvassAnswer.objects.count() == 1


# ---------------------------------------------------------------- spreadsheets
def file_of(row: Canvass, *lines: list[Any], has_places: bool = False) -> bytes:
    return workbook("摸排名单", columns(fields(row), has_places=has_places), lines)


@in_a_test
def test_a_bad_row_never_stops_the_good_ones(world: World) -> None:
    first, second, third, fourth = homes(world, 4)
    row = running(world, *ALL)
    elsewhere = homes(world, 1, building=8)[0]
    tail = ["", "", "", ""]
    content = file_of(
        row,
        [first.pk, "", "甲", "答了", "是", 2, "卫生站", "2026-11-20", "要人陪"],
        [second.pk, "", "乙", "答了", "也许", *tail],
        [elsewhere.pk, "", "丙", "答了", "是", *tail],
        [third.pk, "", "丁", "没人在家", "", *tail],
        [first.pk, "", "甲", "答了", "否", *tail],
        ["", "", "戊", "答了", "是", *tail],
        [fourth.pk, "", "己", "", "", *tail],
    )
    done = import_answers(row, "名单.xlsx", content, actor=world.worker)
    assert (done.taken, done.same) == (2, 1)
    assert [line[0] for line in done.bad] == [3, 4, 6, 7]
    assert "也许" in done.bad[0][2]
    assert "两次" in done.bad[2][2]
    found = figures(row, [world.grid.pk])
    assert found.of_field(fields(row)[1].pk).sum == 2
    assert CanvassAnswer.objects.filter(is_imported=True).count() == 2
    event = AuditEvent.objects.get(action="canvass.import")
    assert event.detail == {"count": 2, "failed": 4}


@in_a_test
def test_an_exported_list_comes_back_without_changing_anything(world: World) -> None:
    first, second = homes(world, 2)
    row = running(world, *ALL)
    answer(row, first, world.worker, True, 1, None, None, "腿脚不便")
    line = [first.pk, "", "", "答了", "是", 1, "", "", WRITTEN]
    same = import_answers(row, "名单.xlsx", file_of(row, line), actor=world.worker)
    assert (same.taken, same.same, same.bad) == (0, 1, [])
    line[5] = 3
    csv = "户编号,要不要打流感疫苗,几个人打\n" + f"{first.pk},,3\n{second.pk},否,\n"
    changed = import_answers(row, "结果.csv", csv.encode("gb18030"), actor=world.worker)
    assert (changed.taken, changed.bad) == (2, [])
    values = {value.field_id: value for value in CanvassValue.objects.filter(answer__household=first)}
    wanted, people, _where, _day, words = (field.pk for field in fields(row))
    assert (values[wanted].option, values[people].number, values[words].words) == (1, 3, "腿脚不便")


@in_a_test
def test_a_file_that_is_none_is_refused_whole(world: World) -> None:
    row, _one = running_with_home(world)
    for name, content in (("名单.xlsx", b"no"), ("名单.pdf", b"%PDF"), ("名单.csv", "别的,列\n1,2\n".encode())):
        with pytest.raises(Invalid) as refused:
            import_answers(row, name, content, actor=world.worker)
        assert "file" in refused.value.fields


# ---------------------------------------------------------------- opening words
@in_a_test
def test_words_are_opened_with_a_reason_and_written_down(world: World) -> None:
    row, one = running_with_home(world, *ALL)
    kept = answer(row, one, world.worker, True, None, None, None, "腿脚不便")
    assert reveal_words(kept, reason="home_visit", actor=world.staff) == {"要帮什么忙": "腿脚不便"}
    assert Disclosure.objects.filter(object_kind="canvass_answer", object_id=kept.pk).count() == 1
    with pytest.raises(NotFound):
        reveal_words(kept, reason="home_visit", actor=world.other_worker)
    plain = answer(row, homes(world, 1, building=1)[0], world.worker, True)
    with pytest.raises(NotFound):
        reveal_words(plain, reason="home_visit", actor=world.staff)
