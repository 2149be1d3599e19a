"""Words of visits leave after their term, and on request."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.kernel import clock
from governance.privacy.holders import KINDS
from governance.privacy.models import LegalHold
from grids.visits.actions.erase import due_visits
from grids.visits.models import Visit
from grids.visits.privacy import _erase, _export, _preview
from tests.households.homes import PHONE, home, with_rooms
from tests.visits.helpers import visit

LATER = timedelta(days=1)


@pytest.fixture
def made(world):
    row = home(world.building, with_rooms(world.building)[0], world.worker)
    visit(row, world.worker)
    return visit(row, world.worker, findings="儿子在外地")


def test_after_the_term_the_words_go_and_the_visit_stays(world, made):
    assert due_visits(clock.now() - LATER) == []
    assert due_visits(clock.now() + LATER) == [made.pk]
    assert KINDS["visit"].scrub([made.pk])[0] == 1
    assert Visit.objects.get(pk=made.pk).findings == ""
    assert Visit.objects.count() == 2
    assert due_visits(clock.now() + LATER) == []


def test_what_is_on_hold_stays(world, made):
    LegalHold.objects.create(
        object_kind="visit", object_id=made.pk, reason="复议", placed_at=clock.now(),
        placed_by_id=world.security.membership_id,
    )  # fmt: skip
    assert due_visits(clock.now() + LATER) == []
    assert _erase(PHONE).objects == 0
    assert Visit.objects.get(pk=made.pk).findings == "儿子在外地"


def test_a_copy_has_every_visit_and_an_erasure_takes_the_words(world, made):
    (section,) = _export(PHONE)
    assert [row["记的话"] for row in section.rows] == ["", "儿子在外地"]
    assert _preview(PHONE).objects == 1
    assert _erase(PHONE).removed["visit_words"] == 1
    assert _export(PHONE)[0].rows[1]["记的话"] == ""
    assert _export("13899999999") == []
