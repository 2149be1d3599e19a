"""Places and things of a grid (S3-20)."""

from __future__ import annotations

import pytest

from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from grids.households.actions.elements import ElementDetails, add_element, edit_element, end_element, find_element
from grids.households.models import GridElement


def test_a_thing_and_a_place_are_told_apart_by_their_kind(world):
    lid = add_element(world.grid.pk, ElementDetails("manhole", "路口井盖", "JG-001"), actor=world.worker)
    school = add_element(world.grid.pk, ElementDetails("school", "春晓小学"), actor=world.leader)
    assert (lid.sort, school.sort) == ("thing", "place")


def test_only_the_own_grid_and_only_who_keeps_it(world):
    with pytest.raises(NotFound):
        add_element(world.other_grid.pk, ElementDetails("shop", "小卖部"), actor=world.worker)
    with pytest.raises(NotAllowed):
        add_element(world.grid.pk, ElementDetails("shop", "小卖部"), actor=world.official)
    row = add_element(world.grid.pk, ElementDetails("shop", "小卖部"), actor=world.worker)
    with pytest.raises(NotFound):
        find_element(world.other_worker, row.pk)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "castle"}, "kind"),
        ({"name": " "}, "name"),
        ({"code": "JG-001"}, "code"),
        ({"lng": 113.0}, "lng"),
        ({"lng": 413.0, "lat": 34.0}, "lng"),
    ],
)
def test_what_cannot_be_right_is_said_at_its_field(world, said, field):
    add_element(world.grid.pk, ElementDetails("manhole", "路口井盖", "JG-001"), actor=world.worker)
    with pytest.raises(Invalid) as refused:
        add_element(world.grid.pk, ElementDetails(**{"kind": "manhole", "name": "另一个", **said}), actor=world.worker)
    assert field in refused.value.fields


def test_what_is_gone_stays_on_record_and_frees_its_number(world):
    row = add_element(world.grid.pk, ElementDetails("manhole", "路口井盖", "JG-001"), actor=world.worker)
    edit_element(row, ElementDetails("manhole", "东门井盖", "JG-001"), actor=world.worker)
    end_element(row, actor=world.worker)
    with pytest.raises(DomainError):
        edit_element(row, ElementDetails("manhole", "东门井盖"), actor=world.worker)
    assert GridElement.objects.get().name == "东门井盖"
    assert add_element(world.grid.pk, ElementDetails("manhole", "新井盖", "JG-001"), actor=world.worker).pk != row.pk
