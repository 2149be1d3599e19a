"""Levels and organizations (SLA D.3, read_first 4)."""

import pytest

from requests_intake.categories import default_categories
from requests_intake.routing import (
    LEVELS,
    Assignee,
    OrganizationRef,
    Place,
    Reason,
    RoutingError,
    Staffing,
    check_path,
    choose_assignee,
    choose_organization,
    first_level,
    next_level,
    suggest_departments,
)

FULL = ("grid", "community", "street", "district")
SKIPPING = ("grid", "street", "district")  # what a grid cannot solve goes straight to the street
BY_CODE = {category.code: category for category in default_categories()}

DISTRICT_AREA, STREET, OTHER_STREET, COMMUNITY, GRID = 1, 10, 11, 100, 1000
CENTRE = OrganizationRef(1, "district", "district_center", DISTRICT_AREA)
OFFICE = OrganizationRef(2, "street", "street_office", STREET)
COMMITTEE = OrganizationRef(3, "community", "residents_committee", COMMUNITY)
TEAM = OrganizationRef(4, "grid", "grid_team", GRID)
WATER = OrganizationRef(5, "department", "department", DISTRICT_AREA, "water")
WATER_OF_STREET = OrganizationRef(6, "department", "department", STREET, "water")
WATER_ELSEWHERE = OrganizationRef(7, "department", "department", OTHER_STREET, "water")
PROPERTY = OrganizationRef(8, "community", "property_company", COMMUNITY)
PARTNER = OrganizationRef(9, "community", "partner_unit", COMMUNITY)
EVERYBODY = [PARTNER, PROPERTY, WATER_ELSEWHERE, WATER, WATER_OF_STREET, TEAM, COMMITTEE, OFFICE, CENTRE]
HERE = Place(GRID, COMMUNITY, STREET)


@pytest.mark.parametrize(
    ("path", "known", "start", "level"),
    [
        (FULL, set(FULL), "grid", "grid"),
        (FULL, {"community", "street", "district"}, "grid", "community"),
        (FULL, {"district"}, "grid", "district"),
        (FULL, set(), "grid", "district"),
        (FULL, set(FULL), "street", "street"),
        (FULL, set(FULL), "department", "district"),
        (SKIPPING, set(FULL), "community", "street"),
        (SKIPPING, {"community", "street", "district"}, "grid", "street"),
        ((*FULL[:3], "department", "district"), {*FULL, "department"}, "department", "department"),
    ],
)
def test_first_level(path, known, start, level):
    assert first_level(path, known, start) == level


@pytest.mark.parametrize(
    ("path", "current", "above"),
    [
        (FULL, "grid", "community"),
        (FULL, "community", "street"),
        (FULL, "street", "district"),
        (FULL, "district", None),
        (SKIPPING, "grid", "street"),
        (SKIPPING, "community", "street"),
        (FULL, "department", "district"),
    ],
)
def test_next_level(path, current, above):
    assert next_level(path, current) == above


@pytest.mark.parametrize(
    "path",
    [(), ("grid", "street"), ("street", "grid", "district"), ("grid", "grid", "district"), ("village", "district")],
)
def test_a_path_without_sense_is_refused(path):
    with pytest.raises(RoutingError):
        check_path(path)


def test_every_way_up_ends_at_the_district():
    for path in (FULL, SKIPPING, LEVELS):
        level, steps = path[0], 0
        while (above := next_level(path, level)) is not None:
            level, steps = above, steps + 1
        assert (level, steps) == ("district", len(path) - 1)


@pytest.mark.parametrize(
    ("level", "place", "owner"),
    [
        ("grid", HERE, TEAM),
        ("community", HERE, COMMITTEE),
        ("street", HERE, OFFICE),
        ("district", HERE, CENTRE),
        ("department", HERE, CENTRE),
        ("grid", Place(None, COMMUNITY, STREET), COMMITTEE),
        ("grid", Place(9999, COMMUNITY, STREET), COMMITTEE),
        ("grid", Place(None, None, STREET), OFFICE),
        ("grid", Place(), CENTRE),
        ("street", Place(GRID, COMMUNITY, 77), CENTRE),
    ],
)
def test_the_owner_of_the_place_or_the_next_above(level, place, owner):
    assert choose_organization(level, place, EVERYBODY) is owner


def test_neither_property_company_nor_partner_owns_a_place():
    assert choose_organization("community", HERE, [PROPERTY, PARTNER, CENTRE]) is CENTRE


def test_a_district_without_a_centre_is_an_error():
    with pytest.raises(RoutingError, match="no centre"):
        choose_organization("grid", Place(), [OFFICE])


def test_the_nearest_department_of_the_trade_comes_first():
    suggested = suggest_departments(BY_CODE["0604"], EVERYBODY, STREET, COMMUNITY)
    assert [(entry.organization, entry.reasons) for entry in suggested] == [
        (WATER_OF_STREET, (Reason.MAIN_KIND, Reason.OWN_STREET)),
        (WATER, (Reason.MAIN_KIND, Reason.WHOLE_DISTRICT)),
        (PROPERTY, (Reason.OTHER_KIND, Reason.OWN_COMMUNITY)),
        (OFFICE, (Reason.COORDINATES, Reason.OWN_STREET)),
        (CENTRE, (Reason.COORDINATES, Reason.WHOLE_DISTRICT)),
    ]


def test_the_whole_district_may_also_be_no_area_at_all():
    centre, water = (OrganizationRef(it.id, it.level, it.kind, None, it.department_kind) for it in (CENTRE, WATER))
    suggested = suggest_departments(BY_CODE["0604"], [centre, water, WATER_ELSEWHERE], STREET)
    assert [entry.organization for entry in suggested] == [water, centre]
    assert choose_organization("grid", Place(), [centre, water]) is centre


def test_without_a_street_only_the_district_is_suggested():
    suggested = [entry.organization for entry in suggest_departments(BY_CODE["0604"], EVERYBODY, None)]
    assert suggested == [WATER, CENTRE]


def test_where_no_trade_fits_the_coordinators_are_left():
    suggested = [entry.organization for entry in suggest_departments(BY_CODE["9901"], EVERYBODY, STREET)]
    assert suggested == [OFFICE, CENTRE]


NOBODY = Staffing(3)


@pytest.mark.parametrize(
    ("own", "parent", "centre", "assignee"),
    [
        (Staffing(3, holders=(31, 32), leaders=(39,)), None, Staffing(1), Assignee(31, vacant=False)),
        (Staffing(3, leaders=(39,)), Staffing(2, on_duty=(21,)), Staffing(1), Assignee(39, vacant=True)),
        (NOBODY, Staffing(2, holders=(22,), on_duty=(21,)), Staffing(1, on_duty=(11,)), Assignee(21, vacant=True)),
        (NOBODY, Staffing(2, holders=(22,)), Staffing(1, on_duty=(11,)), Assignee(11, vacant=True)),
        (NOBODY, None, Staffing(1, leaders=(12,)), Assignee(12, vacant=True)),
        (NOBODY, None, Staffing(1), Assignee(None, vacant=True)),
    ],
)
def test_a_vacant_post_passes_the_word_up(own, parent, centre, assignee):
    assert choose_assignee(own, parent, centre) == assignee
