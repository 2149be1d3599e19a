"""Base figures: declared beside registered, and the buildings that make the difference (S2-29)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.kernel import clock
from governance.kernel.errors import Invalid, NotAllowed, NotFound
from grids.households.actions.figures import Declared, close_month, declare_figure
from grids.households.actions.households import end_household
from grids.households.figures import buildings_of, by_building, compared
from grids.households.models import BaseFigure, BuildingGap, Household
from grids.models import Building
from tests.households.homes import many, with_rooms

DAY = date(2020, 6, 30)


def declared(world, households: int, people: int | None = None, **said):
    figure = Declared(**{"on": DAY, "source": "统计年报", "households": households, "people": people, **said})
    return declare_figure(world.community.pk, figure, actor=world.secretary)


@pytest.fixture
def short(world):
    """A community that declares 150 households; its register holds 101, and one building lacks 49."""
    Building.objects.update(household_count=0)
    first, second = world.buildings[0], world.buildings[1]
    rooms = with_rooms(first, units=2, floors=25, doors=2)
    many(first, rooms[:51], world.worker)
    many(second, with_rooms(second, units=1, floors=25, doors=2), world.worker)
    declared(world, 150, 310)
    return first


def test_the_gap_is_said_with_its_sign_and_listed_by_building(world, short):
    (found,) = compared([world.community.pk]).values()
    assert (found.declared.households, found.register.households, found.gap) == (150, 101, -49)
    assert (found.register.people, found.people_gap) == (202, -108)
    rows = by_building(buildings_of(world.community.pk)).exclude(gap=0)
    assert [(row.pk, row.household_count, row.registered, row.gap) for row in rows] == [(short.pk, 100, 51, -49)]


def test_a_shop_and_an_ended_household_do_not_count(world, short):
    shop, gone = Household.objects.order_by("pk")[:2]
    Household.objects.filter(pk=shop.pk).update(kind="business")
    end_household(gone, reason="moved_out", on=clock.today(), actor=world.worker)
    assert compared([world.community.pk])[world.community.pk].gap == -51


def test_the_close_of_a_month_keeps_what_was_there_once(world, short):
    assert close_month(date(2026, 3, 1)) == 1
    kept = BaseFigure.objects.get(origin="register")
    assert (kept.on, kept.households, kept.people) == (date(2026, 2, 28), 101, 202)
    gap = BuildingGap.objects.get(figure=kept)
    assert (gap.building, gap.declared, gap.registered) == (short, 100, 51)
    assert close_month(date(2026, 3, 9)) == 0
    assert close_month(date(2026, 4, 1)) == 1


def test_the_close_needs_no_more_statements_for_more_communities(world, short):
    with CaptureQueriesContext(connection) as one:
        close_month(date(2026, 3, 1))
    for area in world.communities[1:]:
        BaseFigure.objects.create(
            community=area, on=DAY, origin="declared", source="统计年报", households=9, recorded_at=clock.now()
        )
    with CaptureQueriesContext(connection) as four:
        assert close_month(date(2026, 4, 1)) == 4
    assert len(one) == len(four)


def test_of_one_day_the_last_declared_figure_counts_and_the_first_stays(world):
    declared(world, 100)
    declared(world, 120)
    declared(world, 90, on=DAY - timedelta(days=400))
    assert compared([world.community.pk])[world.community.pk].declared.households == 120
    assert BaseFigure.objects.count() == 3


def test_nothing_declared_no_gap(world):
    assert compared([world.community.pk])[world.community.pk].gap is None


def test_the_community_declares_its_own_figures_and_others_read_or_do_not_know_it(world):
    figure = Declared(DAY, "统计年报", 10)
    with pytest.raises(NotAllowed):
        declare_figure(world.community.pk, figure, actor=world.street_leader)
    for name in ("worker", "other_secretary", "handler"):
        with pytest.raises(NotFound):
            declare_figure(world.community.pk, figure, actor=getattr(world, name))
    assert declare_figure(world.community.pk, figure, actor=world.staff).pk


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"source": ""}, "source"),
        ({"on": date(2999, 1, 1)}, "on"),
        ({"households": -1}, "households"),
        ({"people": 9_000_000}, "people"),
    ],
)
def test_a_figure_without_source_or_from_tomorrow_is_refused(world, said, field):
    with pytest.raises(Invalid) as refused:
        declare_figure(
            world.community.pk,
            Declared(**{"on": DAY, "source": "年报", "households": 1, **said}),
            actor=world.secretary,
        )
    assert field in refused.value.fields
