"""推选楼栋长 (S3-17): one vote a household, the second replaces the first, the secretary confirms."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.accounts.models import Invitation
from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.models import AuditEvent
from grids.heads import serving
from grids.households.models import Household
from grids.models import PostAssignment
from grids.posts.actions.erase import due_nominations, erase_nominations
from grids.posts.actions.nominations import (
    Nominee,
    call_off_nomination,
    cast_vote,
    confirm_nomination,
    open_nomination,
    record_vote,
)
from grids.posts.models import Candidate, HouseholdVote
from grids.posts.nominations import find_round, open_rounds_for, tally, voters_of
from tests.households.homes import PHONE, home, many, with_rooms


@pytest.fixture
def homes(world):
    """24 households."""
    return many(world.building, with_rooms(world.building, units=2, floors=6, doors=2), world.worker)


def opened(world, unit=None, **said):
    nominees = [Nominee("王楼长", "13811110000", "退休教师"), Nominee("李热心", membership=world.members["visitor"])]
    until = said.pop("confirm_by", clock.today() + timedelta(days=7))
    return open_nomination(world.building, nominees, unit=unit, confirm_by=until, actor=world.worker)


def candidates(row):
    return list(Candidate.objects.filter(round=row).order_by("pk"))


def test_of_24_households_each_has_one_vote_and_a_second_replaces_the_first(world, homes):
    row = opened(world)
    wang, li = candidates(row)
    assert voters_of(row).count() == 24
    for each in homes[:3]:
        record_vote(row, each, wang.pk, actor=world.worker)
    record_vote(row, homes[0], li.pk, actor=world.worker)
    found = tally(row)
    assert [(each.name, count) for each, count in found.support] == [("王楼长", 2), ("李热心", 1)]
    assert (found.voted, found.voters) == (3, 24)
    kept = HouseholdVote.objects.filter(household=homes[0]).order_by("pk")
    assert [(vote.candidate_id, vote.replaced_at is None) for vote in kept] == [(wang.pk, False), (li.pk, True)]
    events = AuditEvent.objects.filter(action="nomination.vote", object_id=row.pk)
    assert events.count() == 4


def test_the_same_vote_again_is_no_second_one(world, homes):
    row = opened(world)
    first = record_vote(row, homes[0], candidates(row)[0].pk, actor=world.worker)
    assert record_vote(row, homes[0], candidates(row)[0].pk, actor=world.worker) == first
    assert HouseholdVote.objects.count() == 1


def test_a_resident_votes_for_the_household_the_register_knows_the_number_in(world, homes):
    row = opened(world)
    mine = home(world.building, homes[0].room, world.worker, code="甲")
    cast_vote(row, candidates(row)[0].pk, phone=PHONE)
    vote = HouseholdVote.objects.get()
    assert (vote.household_id, vote.recorded_by_id) == (mine.pk, None)
    assert [each.pk for each in open_rounds_for(PHONE)] == [row.pk]
    with pytest.raises(NotAllowed) as refused:
        cast_vote(row, candidates(row)[0].pk, phone="13900009999")
    assert refused.value.code == "no_household"
    with pytest.raises(NotAllowed):
        cast_vote(row, candidates(row)[0].pk, phone=PHONE, household_id=homes[1].pk)
    assert open_rounds_for("13900009999") == []


def test_a_shop_another_building_and_another_unit_have_no_vote(world, homes):
    row = opened(world, unit=1)
    wang = candidates(row)[0].pk
    assert voters_of(row).count() == 12
    Household.objects.filter(pk=homes[0].pk).update(kind="business")
    other = many(world.buildings[1], with_rooms(world.buildings[1], units=1, floors=1, doors=1), world.worker)[0]
    for each in (homes[0], homes[12], other):
        with pytest.raises(DomainError) as refused:
            record_vote(row, each, wang, actor=world.worker)
        assert refused.value.code == "no_voter"


def test_votes_end_with_the_last_day(world, homes):
    row = opened(world, confirm_by=clock.today())
    type(row).objects.filter(pk=row.pk).update(confirm_by=clock.today() - timedelta(days=1))
    with pytest.raises(DomainError) as refused:
        record_vote(row, homes[0], candidates(row)[0].pk, actor=world.worker)
    assert refused.value.code == "not_voting"


def over(row):
    type(row).objects.filter(pk=row.pk).update(confirm_by=clock.today() - timedelta(days=1))
    row.refresh_from_db()


def test_confirmation_makes_the_post_assignment_and_invites_who_has_no_account(world, homes):
    row = opened(world)
    wang, _li = candidates(row)
    record_vote(row, homes[0], wang.pk, actor=world.worker)
    with pytest.raises(DomainError) as refused:
        confirm_nomination(row, wang.pk, actor=world.secretary, handle="t1-u90001")
    assert refused.value.code == "still_voting"
    over(row)
    held, token = confirm_nomination(row, wang.pk, actor=world.secretary, handle="t1-u90001")
    assert token
    assert Invitation.objects.filter(membership=held.membership).exists()
    assert [head.name for head in serving([world.building.pk])] == ["王楼长"]
    row.refresh_from_db()
    assert (row.state, row.assignment_id) == ("confirmed", held.pk)
    with pytest.raises(DomainError) as again:
        confirm_nomination(row, wang.pk, actor=world.secretary, handle="t1-u90002")
    assert again.value.code == "round_closed"


def test_who_has_an_account_gets_the_post_without_an_invitation_once_all_have_spoken(world, homes):
    row = opened(world, unit=2)
    _wang, li = candidates(row)
    for each in homes[12:]:
        record_vote(row, each, li.pk, actor=world.worker)
    held, token = confirm_nomination(row, li.pk, actor=world.secretary)
    assert (token, held.membership_id, held.post.unit) == ("", world.members["visitor"].pk, 2)


def test_only_the_secretary_confirms_and_only_who_leads(world, homes):
    row = opened(world)
    wang, li = candidates(row)
    record_vote(row, homes[0], wang.pk, actor=world.worker)
    over(row)
    for actor in (world.worker, world.staff, world.leader):
        with pytest.raises(NotAllowed):
            confirm_nomination(row, wang.pk, actor=actor)
    with pytest.raises(NotFound):
        confirm_nomination(row, wang.pk, actor=world.other_secretary)
    with pytest.raises(DomainError) as refused:
        confirm_nomination(row, li.pk, actor=world.secretary)
    assert refused.value.code == "not_leading"
    assert not PostAssignment.objects.filter(post__building=world.building).exists()


def test_where_somebody_heads_the_building_already_they_leave_first(world, homes):
    first, second = opened(world), None
    record_vote(first, homes[0], candidates(first)[1].pk, actor=world.worker)
    over(first)
    confirm_nomination(first, candidates(first)[1].pk, actor=world.secretary)
    second = opened(world)
    record_vote(second, homes[0], candidates(second)[0].pk, actor=world.worker)
    over(second)
    with pytest.raises(DomainError) as refused:
        confirm_nomination(second, candidates(second)[0].pk, actor=world.secretary, handle="t1-u90003")
    assert refused.value.code == "head_there"
    second.refresh_from_db()
    assert second.state == "open"


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"nominees": []}, "nominees"),
        ({"nominees": [Nominee("王"), Nominee("王")]}, "nominees"),
        ({"nominees": [Nominee("王", "打楼下电话")]}, "nominees"),
        ({"nominees": [Nominee("王*长")]}, "nominees"),
        ({"unit": 9}, "unit"),
        ({"days": -1}, "confirm_by"),
        ({"days": 61}, "confirm_by"),
    ],
)
def test_what_cannot_be_right_is_said_at_its_field(world, said, field):
    with pytest.raises(Invalid) as refused:
        open_nomination(
            world.building, said.get("nominees", [Nominee("王")]), unit=said.get("unit"),
            confirm_by=clock.today() + timedelta(days=said.get("days", 3)), actor=world.worker,
        )  # fmt: skip
    assert field in refused.value.fields


def test_one_round_at_a_time_and_only_for_who_keeps_the_building(world):
    row = opened(world)
    with pytest.raises(DomainError) as refused:
        opened(world)
    assert refused.value.code == "round_open"
    with pytest.raises(NotFound):
        find_round(world.other_worker, row.pk)
    with pytest.raises(NotAllowed):
        find_round(world.official, row.pk)
    call_off_nomination(row, actor=world.secretary)
    assert opened(world).pk != row.pk


def test_candidates_lose_their_names_after_the_term(world):
    row = opened(world)
    later = clock.now() + timedelta(days=2)
    assert due_nominations(later) == []
    call_off_nomination(row, actor=world.secretary)
    assert due_nominations(later) == [row.pk]
    assert erase_nominations([row.pk]) == (1, {"candidates": 2})
    assert {each.name for each in candidates(row)} == {""}
    assert due_nominations(later) == []
