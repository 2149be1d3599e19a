"""Every (state, move, role) of a whistle is allowed by the table or refused with a sentence: tried out, not read."""

from __future__ import annotations

from itertools import product

import pytest

from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, NotAllowed
from requests_intake import whistle_workflow as workflow
from requests_intake.models import Whistle, WhistleTarget
from requests_intake.whistle_mover import Called, WhistleMover
from requests_intake.whistle_policies import WhistlePolicy
from requests_intake.whistle_workflow import (
    ALLOWED,
    ASKER,
    CALLER,
    DISTRICT,
    MOVES,
    RESPONDER,
    TargetState,
    WhistleState,
    derive,
)
from tests.whistles import blown, target
from tests.world import World

PEOPLE = {
    "worker": ("grid_worker", set()),
    "leader": ("grid_leader", set()),
    "staff": ("community_staff", {ASKER}),
    "secretary": ("community_secretary", {ASKER}),
    "dispatcher": ("street_dispatcher", {CALLER}),
    "street_leader": ("street_leader", {CALLER}),
    "handler": ("department_handler", {RESPONDER}),
    "handler_leader": ("department_leader", {RESPONDER}),
    "urban_handler": ("department_handler", set()),
    "center": ("district_dispatcher", {DISTRICT}),
    "visitor": ("return_visitor", {DISTRICT}),
    "supervisor": ("supervisor", {DISTRICT}),
    "official": ("district_official", {DISTRICT}),
    "admin": ("district_admin", {DISTRICT}),
    "other_secretary": ("community_secretary", set()),
    "other_dispatcher": ("street_dispatcher", set()),
}


@pytest.fixture
def asked(world: World) -> tuple[Whistle, WhistleTarget]:
    """A whistle of the first street for its first community; the part of water in it."""
    whistle = blown(world)
    Whistle.objects.filter(pk=whistle.pk).update(asker=world.committee)
    whistle.refresh_from_db()
    return whistle, target(whistle, world.water)


@pytest.mark.django_db
def test_every_role_has_the_moves_of_the_table_and_is_told_why_it_has_no_others(
    world: World, asked: tuple[Whistle, WhistleTarget]
) -> None:
    whistle, water = asked
    for name, (person, (kind, relations)) in product(MOVES, PEOPLE.items()):
        part = water if MOVES[name].of_target else None
        expected = any((kind, relation) in ALLOWED[name] for relation in relations)
        actor = world.actor(person)
        assert WhistlePolicy.allows(actor, name, whistle, part) is expected, (name, person)
        if not expected:
            with pytest.raises(NotAllowed, match="您的岗位不能"):
                WhistlePolicy.require(actor, name, whistle, part)


def test_every_move_is_given_to_somebody_and_every_state_can_be_reached() -> None:
    assert set(ALLOWED) == set(MOVES)
    assert all(ALLOWED.values())
    goals = {move.goal for move in MOVES.values()} | set(workflow.FOLLOWING)
    assert {state for state in WhistleState if state in goals} == set(WhistleState)
    assert {move.target_goal for move in MOVES.values() if move.target_goal} | {TargetState.CALLED} == set(TargetState)


@pytest.mark.django_db
def test_every_state_the_table_does_not_name_is_refused_with_a_sentence(
    world: World, asked: tuple[Whistle, WhistleTarget]
) -> None:
    whistle, water = asked
    tried = refused = 0
    for name, state, part in product(MOVES, WhistleState, TargetState):
        move = MOVES[name]
        whistle.state, water.state = state.value, part.value
        mover = WhistleMover(Actor.system("test"))
        lawful = state in move.sources and (not move.of_target or part in move.target_sources)
        tried += 1
        if lawful:
            mover.move(name, Called(whistle, [water]), water if move.of_target else None)
            if move.target_goal is not None:
                assert water.state == move.target_goal
            if move.goal in workflow.FOLLOWING or (move.goal is None and state in workflow.FOLLOWING):
                assert whistle.state == derive([water.state])
            else:
                assert whistle.state == (move.goal or state)
        else:
            refused += 1
            with pytest.raises(DomainError, match="。") as caught:
                mover.move(name, Called(whistle, [water]), water if move.of_target else None)
            assert caught.value.code == "wrong_state"
            assert (whistle.state, water.state) == (state.value, part.value)
    assert tried == len(MOVES) * len(WhistleState) * len(TargetState)
    assert 0 < refused < tried


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        (["called", "called"], "blown"),
        (["accepted", "called"], "accepted"),
        (["accepted", "refused"], "accepted"),
        (["arrived", "refused"], "arrived"),
        (["handled", "called"], "arrived"),
        (["handled", "handled"], "handled"),
        (["handled", "released"], "handled"),
        (["evaluated", "handled"], "handled"),
        (["evaluated", "released"], "evaluated"),
        (["evaluated", "called"], "arrived"),
        (["released", "released"], "blown"),
    ],
)
def test_the_whistle_follows_from_its_targets(states: list[str], expected: str) -> None:
    assert derive(states) == expected
    assert derive(reversed(states)) == expected
