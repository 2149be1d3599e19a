"""法治楼栋 (S2-13): eight of eight give the title, one that fails again takes it to 待整改."""

from __future__ import annotations

import pytest

from governance.kernel.errors import Invalid, NotAllowed, NotFound
from grids.posts.actions.law import check_law_building
from grids.posts.law import checklist
from grids.posts.models import LawBuilding, LawCheck

ALL = list(checklist())


def test_the_checklist_has_eight_items():
    assert len(ALL) == 8


def test_the_title_follows_from_the_checks_alone(world):
    row = check_law_building(world.building, ALL[:7], actor=world.worker)
    assert row.state == "trying"
    assert check_law_building(world.building, ALL, actor=world.secretary).state == "held"
    mend = check_law_building(world.building, ALL[1:], actor=world.secretary)
    assert mend.state == "to_mend"
    assert check_law_building(world.building, ALL[2:], actor=world.secretary).state == "to_mend"
    assert check_law_building(world.building, ALL, actor=world.secretary).state == "held"
    assert LawBuilding.objects.count() == 1
    assert [(check.failed, check.state) for check in LawCheck.objects.order_by("pk")[2:3]] == [([ALL[0]], "to_mend")]
    assert LawCheck.objects.count() == 5


def test_only_who_keeps_the_building_checks_it(world):
    with pytest.raises(NotFound):
        check_law_building(world.building, ALL, actor=world.other_worker)
    with pytest.raises(NotAllowed):
        check_law_building(world.building, ALL, actor=world.official)
    with pytest.raises(Invalid):
        check_law_building(world.building, ["castle"], actor=world.worker)
    assert not LawBuilding.objects.exists()
