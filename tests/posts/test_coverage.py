"""一长一员 (S0-07) and 一社区一警一法律顾问一司法总顾问 (S3-03): one seat each, and who is missing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from grids.actions.posts import assign_post, create_post, end_assignment
from grids.models import Area, Post, PostKind
from grids.posts.actions.seats import open_seats
from grids.posts.coverage import coverage, grid_rows, narrowed
from grids.posts.policies import COVERAGE_READERS, places_below
from grids.reference import territory
from tests.posts.cast import appoint


def refs(*areas):
    return [territory().areas[area.pk] for area in areas]


def test_a_grid_without_a_party_instructor_shows_a_vacancy(world):
    (row,) = grid_rows(refs(world.grid))
    assert [seat.kind for seat in row.vacant] == ["party_instructor"]
    appoint(world, world.grid, "party_instructor", "supervisor")
    (row,) = grid_rows(refs(world.grid))
    assert row.vacant == []
    assert {seat.kind: seat.holders[0].name for seat in row.seats} == {
        "grid_leader": "吴网格长", "party_instructor": "杨督查",
    }  # fmt: skip


def test_a_seat_that_was_left_is_vacant_from_the_next_day(world):
    held = appoint(world, world.grid, "party_instructor", "supervisor")
    end_assignment(held, until=clock.today(), actor=world.admin)
    assert grid_rows(refs(world.grid))[0].vacant == []
    tomorrow = clock.today() + timedelta(days=1)
    assert [seat.kind for seat in grid_rows(refs(world.grid), tomorrow)[0].vacant] == ["party_instructor"]


def test_exactly_one_holds_a_seat_at_a_time(world):
    held = appoint(world, world.grid, "party_instructor", "supervisor")
    with pytest.raises(DomainError) as refused:
        assign_post(held.post, membership=world.members["visitor"], since=clock.today(), actor=world.admin)
    assert refused.value.code == "seat_overlaps"
    end_assignment(held, until=clock.today() - timedelta(days=1), actor=world.admin)
    assign_post(held.post, membership=world.members["visitor"], since=clock.today(), actor=world.admin)


@pytest.mark.parametrize("kind", ["party_instructor", "grid_leader"])
def test_an_office_has_one_seat_of_a_kind(world, kind):
    open_seats("party_instructor", actor=world.admin)
    with pytest.raises(DomainError) as refused:
        create_post(world.grid_team, kind=kind, name="另一个", is_leader=False, actor=world.admin)
    assert refused.value.code == "post_kind_taken"


def test_the_database_keeps_one_seat_of_an_adviser(world):
    open_seats("legal_adviser", actor=world.admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(organization=world.committee, kind="legal_adviser", name="第二个法律顾问")


def test_a_grid_of_341_households_is_flagged_in_a_district_of_200_to_300(world):
    from grids.actions.bands import set_household_bands
    from grids.bands import Band, bands

    set_household_bands({**bands(), "basic": Band(200, 300)}, actor=world.admin)
    Area.objects.filter(pk=world.grid.pk).update(household_count=341)
    rows = grid_rows(refs(world.grid, world.grid2))
    assert [row.area.id for row in narrowed(rows, "large")] == [world.grid.pk]
    assert (rows[0].households, rows[0].band.maximum, rows[0].is_large) == (341, 300, True)
    assert len(narrowed(rows, "")) == 2


def test_the_filter_for_vacancies_leaves_full_grids_out(world):
    appoint(world, world.grid, "party_instructor", "supervisor")
    rows = grid_rows(refs(world.grid, world.grid2))
    assert [row.area.id for row in narrowed(rows, "vacant")] == [world.grid2.pk]


def test_communities_without_an_adviser_are_counted_and_named(world):
    """Of four communities two have a legal adviser: 2/4, and the two without are named (S3-03: 34/36)."""
    appoint(world, world.communities[0], "legal_adviser", "visitor")
    appoint(world, world.communities[2], "legal_adviser", "supervisor")
    found = coverage(refs(*world.communities))
    by_kind = {row.kind: row for row in found.posts}
    legal = by_kind["legal_adviser"]
    assert (legal.filled, legal.places) == (2, 4)
    assert [area.name for area in legal.missing] == ["夏荷社区", "冬青社区"]
    assert (by_kind["community_police"].filled, by_kind["community_police"].places) == (0, 4)
    assert [area.level for area in by_kind["chief_justice_adviser"].missing] == ["district"]


def test_coverage_costs_no_statement_once_the_territory_is_known(world):
    areas = refs(*world.communities)
    with CaptureQueriesContext(connection) as few:
        coverage(areas)
    with CaptureQueriesContext(connection) as grids:
        grid_rows(refs(*world.grids))
    assert (len(few), len(grids)) == (0, 2)


def test_seats_are_opened_once_for_every_place_that_lacks_one(world):
    assert open_seats("community_police", actor=world.admin) == 4
    assert open_seats("community_police", actor=world.admin) == 0
    assert open_seats("chief_justice_adviser", actor=world.admin) == 1
    assert Post.objects.filter(kind=PostKind.COMMUNITY_POLICE).count() == 4


def test_only_the_administrator_opens_seats_and_only_of_advisers(world):
    with pytest.raises(NotAllowed):
        open_seats("community_police", actor=world.secretary)
    with pytest.raises(Invalid):
        open_seats("grid_worker", actor=world.admin)


def test_an_adviser_is_handed_nothing_and_reads_no_matter(world):
    """The seat of a police officer does not make the community's desk occupied."""
    before = territory().handler(world.organizations[world.community2.pk].pk)
    appoint(world, world.community2, "community_police", "supervisor", since=date(2019, 1, 1))
    assert before is None
    assert territory().handler(world.organizations[world.community2.pk].pk) is None


def test_each_reads_the_grids_of_the_own_place_and_below(world):
    def names(actor):
        return [area.name for area in places_below(actor, COVERAGE_READERS, "grid")]

    assert names(world.secretary) == ["春晓社区第一网格", "春晓社区第二网格"]
    assert len(names(world.dispatcher)) == 4
    assert len(names(world.official)) == 8
    assert names(world.worker) == []
