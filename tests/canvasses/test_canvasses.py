"""A canvass of the register (S4-09): whom it asks, what it asks, until when, and who may do what."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from grids.actions.areas import own_of
from grids.canvasses.actions.canvasses import (
    FieldDetails,
    add_field,
    add_slot,
    change_canvass,
    discard_canvass,
    draft_canvass,
    end_canvass,
    remove_field,
    remove_slot,
    start_canvass,
)
from grids.canvasses.audience import audience, listed
from grids.canvasses.figures import figures
from grids.canvasses.models import Canvass, CanvassField, CanvassPlace
from grids.canvasses.policies import (
    CanvassPolicy,
    figure_grids_of,
    find_asked,
    find_canvass,
    find_own,
    kept_grids_of,
)
from grids.households.actions.persons import PersonDetails, add_person
from grids.households.actions.tags import tag_household
from grids.territory.actions.decide import approve_change
from grids.territory.actions.propose import propose_merge, propose_split
from tests.canvasses.helpers import WANTED, answer, details, draft, fields, running
from tests.households.homes import home, tag, with_rooms
from tests.visits.helpers import homes
from tests.world import World

pytestmark = pytest.mark.django_db


def asked(canvass: Canvass, grids: list[int]) -> set[int]:
    return set(audience(canvass, grids).values_list("pk", flat=True))


# ---------------------------------------------------------------- setting it up
def test_answers_stay_ninety_days_after_the_end_at_most(world: World) -> None:
    """Standards B.8: data of a campaign is kept 90 days or less."""
    row = draft(world, keep_days=90)
    assert row.erase_after == row.ends_on + timedelta(days=90)
    for days in (0, 91, 365):
        with pytest.raises(Invalid) as refused:
            draft(world, keep_days=days)
        assert "keep_days" in refused.value.fields


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"title": " "}, "title"), ({"title": "字" * 31}, "title"), ({"title": "精神病人摸排"}, "title"),
        ({"purpose": ""}, "purpose"),
        ({"ends_on": 400}, "ends_on"), ({"begins_on": 20, "ends_on": 10}, "ends_on"),
        ({"begins_on": 100, "ends_on": 110}, "begins_on"), ({"ends_on": -1}, "ends_on"),
        ({"born_from": 62}, "born_from"), ({"born_from": 1961, "born_until": 1950}, "born_until"),
        ({"quota": 0}, "quota"), ({"tags": [999_999]}, "tags"), ({"grids": [999_999]}, "grids"),
        ({"buildings": [999_999]}, "buildings"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(world: World, changed: dict, field: str) -> None:
    days = {name: clock.today() + timedelta(days=value) for name, value in changed.items() if name.endswith("s_on")}
    with pytest.raises(Invalid) as refused:
        draft(world, **{**changed, **days})
    assert field in refused.value.fields


def test_a_community_sets_up_its_own_and_a_street_its_own(world: World) -> None:
    assert draft(world, actor=world.staff).area_id == world.community.pk
    assert draft(world, actor=world.dispatcher, area=world.street.pk).area_id == world.street.pk
    for actor, area in (
        (world.secretary, world.street.pk), (world.secretary, world.community2.pk),
        (world.dispatcher, world.other_street.pk),
    ):  # fmt: skip
        with pytest.raises(Invalid, match="自己的"):
            draft(world, actor=actor, area=area)
    for actor in (world.worker, world.leader, world.visitor, world.handler, world.official):
        with pytest.raises(NotAllowed):
            draft(world, actor=actor)


def test_a_sensitive_tag_chooses_nobody_because_the_list_would_tell_it(world: World) -> None:
    secret = tag(world.admin, "帮教户", "帮", "plum", is_sensitive=True, readers=["community_secretary"])
    with pytest.raises(Invalid) as refused:
        draft(world, tags=[secret.pk])
    assert "tags" in refused.value.fields


def test_at_most_eight_questions_and_none_of_what_is_nobodys_business(world: World) -> None:
    row = draft(world)
    for label in ("身份证号", "有没有病史", "每月工资多少", "信什么宗教", ""):
        with pytest.raises(Invalid) as refused:
            add_field(row, FieldDetails(label, "words"), actor=world.secretary)
        assert "label" in refused.value.fields
    with pytest.raises(Invalid) as refused:
        add_field(row, FieldDetails("住处", "words"), actor=world.secretary)  # a column of the list
    assert "label" in refused.value.fields
    for choices in ((), ("早上",), ("早上", "早上"), tuple("一二三四五六七八九")):
        with pytest.raises(Invalid) as refused:
            add_field(row, FieldDetails("什么时候方便", "choice", choices), actor=world.secretary)
        assert "choices" in refused.value.fields
    for number in range(8):
        add_field(row, FieldDetails(f"第{number}题", "yes_no"), actor=world.secretary)
    with pytest.raises(DomainError) as full:
        add_field(row, FieldDetails("再一题", "yes_no"), actor=world.secretary)
    assert full.value.code == "enough_fields"
    remove_field(fields(row)[0], actor=world.secretary)
    assert add_field(row, FieldDetails("再一题", "yes_no"), actor=world.secretary).position == 9


def test_what_people_were_told_holds_once_it_began(world: World) -> None:
    homes(world, 2)
    row = running(world)
    for act in (
        lambda: change_canvass(row, details(title="改了"), actor=world.secretary),
        lambda: add_field(row, FieldDetails("再一题", "yes_no"), actor=world.secretary),
        lambda: remove_field(fields(row)[0], actor=world.secretary),
        lambda: discard_canvass(row, actor=world.secretary),
        lambda: start_canvass(row, actor=world.secretary),
    ):
        with pytest.raises(DomainError) as refused:
            act()
        assert refused.value.code == "is_started"


def test_a_draft_is_changed_and_thrown_away(world: World) -> None:
    row = draft(world, grids=[world.grid.pk])
    add_field(row, WANTED, actor=world.secretary)
    row = change_canvass(row, details(title="改了名", buildings=[world.building.pk]), actor=world.secretary)
    assert row.title == "改了名"
    assert list(CanvassPlace.objects.values_list("grid", "building")) == [(None, world.building.pk)]
    discard_canvass(row, actor=world.secretary)
    assert not Canvass.objects.exists()
    assert not CanvassField.objects.exists()


def test_without_a_question_or_anybody_to_ask_it_does_not_begin(world: World) -> None:
    row = draft(world)
    with pytest.raises(DomainError) as refused:
        start_canvass(row, actor=world.secretary)
    assert refused.value.code == "no_fields"
    add_field(row, WANTED, actor=world.secretary)
    with pytest.raises(DomainError) as refused:
        start_canvass(row, actor=world.secretary)
    assert refused.value.code == "nobody_asked"
    homes(world, 1)
    assert start_canvass(row, actor=world.secretary).started_at is not None


# ---------------------------------------------------------------- whom it asks
def test_the_audience_is_asked_of_the_register_by_tag_year_of_birth_and_place(world: World) -> None:
    rooms = with_rooms(world.building)
    old, young = home(world.building, rooms[0], world.worker), home(world.building, rooms[1], world.worker)
    add_person(old, PersonDetails("老人", "", 1950, "parent"), actor=world.worker)
    far = homes(world, 1, building=2)[0]
    both = [world.grid.pk, world.grid2.pk]
    assert asked(running(world), both) == {old.pk, young.pk, far.pk}
    assert asked(running(world, born_until=1961), both) == {old.pk}
    assert asked(running(world, born_from=1960, born_until=1980), both) == {old.pk, young.pk}
    assert asked(running(world, grids=[world.grid2.pk]), both) == {far.pk}
    assert asked(running(world, buildings=[world.building.pk]), both) == {old.pk, young.pk}
    lives_alone = tag(world.admin, "独居户", "独", "apricot")
    by_tag = draft(world, tags=[lives_alone.pk])
    assert asked(by_tag, both) == set()
    tag_household(young, lives_alone, reason="本人说的", actor=world.worker)
    assert asked(by_tag, both) == {young.pk}


def test_who_answered_stays_on_the_list_when_the_tag_comes_off(world: World) -> None:
    first, second = homes(world, 2)
    lives_alone = tag(world.admin, "独居户", "独", "apricot")
    tagging = tag_household(first, lives_alone, reason="本人说的", actor=world.worker)
    tag_household(second, lives_alone, reason="本人说的", actor=world.worker)
    row = running(world, tags=[lives_alone.pk])
    answer(row, first, world.worker)
    tagging.delete()
    assert set(listed(row, [world.grid.pk])) == {first, second}
    progress = figures(row, [world.grid.pk]).grids[world.grid.pk]
    assert (progress.asked_of, progress.answered, progress.left) == (2, 1, 1)


# ---------------------------------------------------------------- who sees what
def test_a_draft_is_seen_by_its_own_office_alone(world: World) -> None:
    homes(world, 1)
    row = draft(world)
    assert find_canvass(world.staff, row.pk) == row
    for actor in (world.worker, world.dispatcher, world.other_secretary):
        with pytest.raises(NotFound):
            find_canvass(actor, row.pk)


def test_a_started_one_is_seen_above_and_below_and_not_beside(world: World) -> None:
    homes(world, 1)
    own, streets = running(world), running(world, actor=world.dispatcher, area=world.street.pk)
    for actor in (world.worker, world.leader, world.staff, world.dispatcher, world.street_leader):
        assert set(CanvassPolicy.visible(actor)) == {own, streets}
    for actor in (world.other_worker, world.other_secretary, world.other_dispatcher):
        with pytest.raises(NotFound):
            find_canvass(actor, own.pk)
    for actor in (world.handler, world.visitor, world.official, world.admin):
        with pytest.raises(NotAllowed):
            find_canvass(actor, own.pk)
    with pytest.raises(NotAllowed, match="别的单位"):
        find_own(world.secretary, streets.pk)
    with pytest.raises(NotAllowed, match="别的单位"):
        find_own(world.dispatcher, own.pk)


def test_a_street_reads_numbers_and_no_household(world: World) -> None:
    one = homes(world, 1)[0]
    row = running(world, actor=world.dispatcher, area=world.street.pk)
    assert kept_grids_of(world.dispatcher, row) == []
    assert len(figure_grids_of(world.dispatcher, row)) == 4
    assert [grid.id for grid in figure_grids_of(world.worker, row)] == [world.grid.pk]
    assert {grid.id for grid in figure_grids_of(world.staff, row)} == {world.grid.pk, world.grid2.pk}
    with pytest.raises(NotAllowed):
        find_asked(world.dispatcher, row, one.pk)
    assert find_asked(world.worker, row, one.pk) == one


# ---------------------------------------------------------------- times, the end
def test_a_time_nobody_booked_can_go(world: World) -> None:
    one = homes(world, 1)[0]
    row = running(world)
    at = clock.now() + timedelta(days=3)
    slot = add_slot(row, at, "卫生服务站", 5, actor=world.secretary)
    with pytest.raises(DomainError) as refused:
        add_slot(row, at, "卫生服务站", 5, actor=world.secretary)
    assert refused.value.code == "slot_known"
    for when, field in ((clock.now() - timedelta(hours=1), "starts_at"), (at + timedelta(days=200), "starts_at")):
        with pytest.raises(Invalid) as wrong:
            add_slot(row, when, "卫生服务站", 5, actor=world.secretary)
        assert field in wrong.value.fields
    booked = answer(row, one, world.worker, True, seats=1, slot=slot.pk)
    with pytest.raises(DomainError) as refused:
        remove_slot(slot, actor=world.secretary)
    assert refused.value.code == "slot_booked"
    answer(row, one, world.worker, True)
    booked.refresh_from_db()
    assert (booked.seats, booked.slot_id) == (0, None)
    remove_slot(slot, actor=world.secretary)


def test_an_early_end_brings_the_erasure_forward(world: World) -> None:
    one = homes(world, 1)[0]
    row = running(world, keep_days=30)
    row = end_canvass(row, actor=world.secretary)
    assert (row.ends_on, row.erase_after) == (clock.today(), clock.today() + timedelta(days=30))
    with pytest.raises(DomainError) as refused:
        answer(row, one, world.worker)
    assert refused.value.code == "not_running"
    with pytest.raises(DomainError) as refused:
        end_canvass(row, actor=world.secretary)
    assert refused.value.code == "is_over"
    with pytest.raises(NotAllowed):
        end_canvass(row, actor=world.worker)


# ---------------------------------------------------------------- grids change
def test_a_split_changes_nobody_who_is_asked_and_answers_go_with_their_building(world: World) -> None:
    here, gone = homes(world, 1, building=0)[0], homes(world, 1, building=1)[0]
    row = running(world, grids=[world.grid.pk])
    kept, moved = answer(row, here, world.worker), answer(row, gone, world.worker)
    names = ["春晓社区第一网格", "春晓社区第三网格"]
    choice = {world.buildings[0].pk: 0, world.buildings[1].pk: 1}
    approve_change(
        propose_split(world.grid, names=names, choice=choice, reason="户数太多，跑不过来", actor=world.secretary),
        actor=world.dispatcher,
    )
    kept.refresh_from_db(), moved.refresh_from_db()
    gone.refresh_from_db()
    assert kept.grid_id == here.building.grid_id
    assert moved.grid_id == type(gone.building).objects.get(pk=gone.building_id).grid_id
    assert moved.grid_id != kept.grid_id
    assert asked(row, [kept.grid_id, moved.grid_id]) == {here.pk, gone.pk}


def test_a_merge_does_not_ask_the_heirs_own_households(world: World) -> None:
    one, beside = homes(world, 1)[0], homes(world, 1, building=2)[0]
    row = running(world, grids=[world.grid.pk])
    said = answer(row, one, world.worker)
    approve_change(
        propose_merge(world.grid, into=world.grid2, reason="户数太少，并到一起", actor=world.secretary),
        actor=world.dispatcher,
    )
    said.refresh_from_db()
    assert said.grid_id == world.grid2.pk
    assert asked(row, [world.grid2.pk]) == {one.pk}
    assert beside.pk not in asked(row, [world.grid2.pk])
    assert own_of(world.grid) is None


def test_a_draft_of_the_own_area_needs_it_in_the_answer(world: World) -> None:
    """Nobody sets one up for a grid: a grid's team has no such place."""
    with pytest.raises(Invalid):
        draft_canvass(world.grid.pk, details(), actor=world.secretary)
