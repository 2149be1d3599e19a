"""The answers go on their day, on request, on somebody's word; totals stay (S4-09, standards B.8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, NotAllowed
from governance.kernel.models import AuditEvent
from governance.privacy.holders import KINDS
from governance.privacy.models import LegalHold
from grids.canvasses.actions.answers import AnswerDetails, record_answer
from grids.canvasses.actions.canvasses import FieldDetails, add_slot
from grids.canvasses.actions.erase import due_canvasses, erase_due, erase_early
from grids.canvasses.figures import figures
from grids.canvasses.models import Canvass, CanvassAnswer, CanvassTotal, CanvassValue
from grids.canvasses.privacy import _erase, _export, _preview
from grids.canvasses.tasks import erase_due_answers
from tests.canvasses.helpers import WANTED, answer, fields, running
from tests.households.homes import PHONE, home, with_rooms
from tests.visits.helpers import homes
from tests.world import World

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
ASKED = (
    WANTED,
    FieldDetails("几个人打", "number", is_required=False),
    FieldDetails("说明", "words", is_required=False),
)


def test_on_day_ninety_one_personal_answers_are_erased_and_totals_stay(world: World) -> None:
    """G campaign with retention 90 d; W day 91; T personal answers erased, totals stay."""
    first, second, third = homes(world, 3)
    far = homes(world, 1, building=2)[0]
    row = running(world, *ASKED, keep_days=90, quota=10)
    answer(row, first, world.worker, True, 2, "腿脚不便", seats=2)
    answer(row, second, world.worker, False)
    answer(row, third, world.worker, met="declined")
    answer(row, far, world.secretary, True, 1)
    grids = [world.grid.pk, world.grid2.pk]
    before = figures(row, grids)
    end = clock.now() + (row.ends_on - clock.today())
    with time_machine.travel(end + timedelta(days=90)):
        assert erase_due(actor=SYSTEM) == 0
        assert CanvassAnswer.objects.count() == 4
    with time_machine.travel(end + timedelta(days=91)):
        assert erase_due_answers.run() == 1
        assert erase_due_answers.run() == 0
    assert not CanvassAnswer.objects.exists()
    assert not CanvassValue.objects.exists()
    row.refresh_from_db()
    assert row.erased_at is not None
    after = figures(row, grids)
    assert after.grids == before.grids
    assert after.grids[world.grid.pk].asked_of == 3
    assert after.grids[world.grid.pk].seats == 2
    for field in fields(row):
        kept, was = after.of_field(field.pk), before.of_field(field.pk)
        assert (dict(kept.options), kept.filled, kept.sum) == (dict(was.options), was.filled, was.sum)
        assert after.said[world.grid.pk].get(field.pk) == before.said[world.grid.pk].get(field.pk)
    event = AuditEvent.objects.get(action="canvass.erase")
    assert (event.object_id, event.detail) == (row.pk, {"count": 4, "early": False})


def test_nothing_about_a_household_is_left_in_the_totals(world: World) -> None:
    named = {field.name for field in CanvassTotal._meta.fields}
    assert named == {"id", "district", "canvass", "grid", "field", "what", "option", "count"}


def test_early_erasure_ends_it_and_cannot_be_taken_back(world: World) -> None:
    one = homes(world, 1)[0]
    row = running(world)
    answer(row, one, world.worker)
    with pytest.raises(NotAllowed):
        erase_early(row, actor=world.worker)
    row = erase_early(row, actor=world.secretary)
    assert not CanvassAnswer.objects.exists()
    assert row.ended_at is not None
    with pytest.raises(DomainError) as refused:
        erase_early(row, actor=world.secretary)
    assert refused.value.code == "already_erased"
    with pytest.raises(DomainError) as refused:
        answer(row, one, world.worker)
    assert refused.value.code == "not_running"
    assert AuditEvent.objects.get(action="canvass.erase").detail["early"] is True


def test_what_is_on_hold_stays(world: World) -> None:
    one = homes(world, 1)[0]
    row = running(world, keep_days=1)
    answer(row, one, world.worker)
    LegalHold.objects.create(
        object_kind="canvass", object_id=row.pk, reason="复议", placed_at=clock.now(),
        placed_by_id=world.security.membership_id,
    )  # fmt: skip
    with pytest.raises(DomainError) as refused:
        erase_early(row, actor=world.secretary)
    assert refused.value.code == "held"
    with time_machine.travel(clock.now() + timedelta(days=60)):
        assert erase_due(actor=SYSTEM) == 0
        assert due_canvasses(clock.now()) == []
    assert CanvassAnswer.objects.count() == 1


def test_the_districts_own_term_may_be_shorter(world: World) -> None:
    one = homes(world, 1)[0]
    row = running(world, keep_days=90)
    answer(row, one, world.worker)
    with time_machine.travel(clock.now() + timedelta(days=50)):
        assert due_canvasses(clock.now() - timedelta(days=30)) == [row.pk]
        assert KINDS["canvass"].scrub([row.pk]) == (1, {"canvass_answers": 1})
    assert Canvass.objects.get(pk=row.pk).erased_at is not None


def test_a_person_gets_a_copy_and_an_erasure_that_frees_the_place(world: World) -> None:
    mine = home(world.building, with_rooms(world.building)[0], world.worker)
    row = running(world, *ASKED, quota=5)
    slot = add_slot(row, clock.now() + timedelta(days=1), "卫生站", 5, actor=world.secretary)
    values = dict(zip([field.pk for field in fields(row)], (True, 2, "腿脚不便"), strict=True))
    record_answer(row, mine, AnswerDetails(values=values, seats=2, slot=slot.pk), actor=world.worker)
    (section,) = _export(PHONE)
    assert "说明：腿脚不便" in section.rows[0]["回答"]
    assert "要不要打流感疫苗：是" in section.rows[0]["回答"]
    assert _preview(PHONE).objects == 1
    assert _erase(PHONE).removed["canvass_answers"] == 1
    row.refresh_from_db(), slot.refresh_from_db()
    assert (row.taken, slot.taken) == (0, 0)
    assert _export(PHONE) == []
    assert _export("13899999999") == []
