"""The five model districts: their numbers, borders, organizations and people; loading twice changes nothing."""

from __future__ import annotations

from collections import Counter
from io import StringIO

import pytest
import shapely
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Sum
from pytest_django import Settings
from shapely.geometry import shape

from analytics.demo import PASSWORD, demo_accounts, set_demo_passwords
from governance.accounts.models import Membership, User
from governance.kernel.errors import NotAllowed
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_transaction
from grids.bands import Band, bands
from grids.generation import CODES, DistrictSpec, load_district, load_rooms, read_spec
from grids.generation.staffing import HEAD_ROLES, MEDIATOR_ROLES, ROLES, handle_of
from grids.heads import held
from grids.models import Area, AreaBorder, Building, Compound, Organization, Post, PostAssignment, Room, Unit
from grids.queries import actor_for, locate
from grids.reference import territory
from requests_intake.actions.reference import load_reference_data
from requests_intake.models import Category, LimitPolicy

# As issue 2 names them: streets, communities, grids, compounds by management where the account says.
NUMBERS = {
    "s0": {"street": 10, "community": 86, "grid": 600},
    "s1": {"community": 1, "grid": 10},
    "s2": {"community": 1},
    "s3": {"community": 36},
    "s4": {"community": 33, "grid": 213},
}


@pytest.fixture(params=CODES)
def spec(request: pytest.FixtureRequest, db: None) -> DistrictSpec:
    spec = read_spec(request.param)
    assert load_district(spec)
    return spec


@pytest.fixture
def small(db: None) -> DistrictSpec:
    spec = read_spec("s1")
    assert load_district(spec)
    return spec


def test_counts_names_and_codes(spec: DistrictSpec) -> None:
    with district_transaction(spec.id) as district:
        found = dict(Area.objects.values_list("level").annotate(Count("id")))
        assert {level: found[level] for level in NUMBERS[spec.code]} == NUMBERS[spec.code]
        assert (district.code, district.pk) == (spec.code, CODES.index(spec.code) + 1)
        assert "演示" in district.name
        assert bands()["basic"] == Band(*spec.households_per_grid)
        assert all("演示" in area.name for area in territory().at_level("street"))
        assert district.area_code == f"9901{district.pk:02d}"
        lengths = {(area.level, len(area.code)) for area in territory().areas.values()}
        assert lengths == {("district", 6), ("street", 9), ("community", 12), ("grid", 15)}
        assert all(area.code.startswith(district.area_code) for area in territory().areas.values())
        stated = set(spec.community_names)
        assert (
            set(Area.objects.filter(is_generated=False).exclude(level="district").values_list("name", flat=True))
            == stated
        )


def test_borders_tile_without_gap_or_overlap(spec: DistrictSpec) -> None:
    with district_transaction(spec.id):
        rows = AreaBorder.objects.values_list("area__level", "area_id", "area__parent_id", "geometry")
        shapes = {pk: (level, parent, shape(geometry)) for level, pk, parent, geometry in rows}
    assert all(border.is_valid and border.geom_type == "Polygon" for _, _, border in shapes.values())
    district = next(border for level, _, border in shapes.values() if level == "district")
    for level in ("street", "community", "grid"):
        borders = [border for at, _, border in shapes.values() if at == level]
        union = shapely.union_all(borders)
        assert union.equals(district)
        assert sum(border.area for border in borders) == pytest.approx(union.area, rel=1e-9)
        assert shapely.coverage_is_valid(borders)
    for _, parent, border in shapes.values():
        assert parent is None or shapes[parent][2].covers(border)


def test_households_of_buildings_add_up_to_their_grid_and_upwards(spec: DistrictSpec) -> None:
    with district_transaction(spec.id):
        grids = dict(Area.objects.filter(level="grid").values_list("id", "household_count"))
        low, high = spec.households_per_grid
        assert min(grids.values()) >= low
        assert max(grids.values()) <= high
        summed = dict(Building.objects.values_list("grid").annotate(Sum("household_count")))
        assert summed == grids
        top = Area.objects.get(level="district")
        for level in ("street", "community", "grid"):
            sums = Area.objects.filter(level=level).aggregate(h=Sum("household_count"), r=Sum("resident_count"))
            assert sums == {"h": top.household_count, "r": top.resident_count}


def _compounds() -> Counter[tuple[str, str]]:
    return Counter(Compound.objects.values_list("kind", "management"))


def test_s2_is_one_estate_with_its_households_residents_and_six_levels(db: None) -> None:
    spec = read_spec("s2")
    load_district(spec)
    with district_transaction(spec.id):
        community = Area.objects.get(level="community")
        assert (community.name, community.household_count, community.resident_count) == ("江欣苑社区", 6850, 23975)
        estate = Compound.objects.get()
        assert (estate.name, estate.is_generated) == ("江欣苑", False)
        assert Building.objects.filter(compound=estate).values("grid").distinct().count() == spec.grids
        assert load_rooms() == 6850
        assert Unit.objects.count() == Building.objects.aggregate(n=Sum("unit_count"))["n"]
        assert [level["anchor"] for level in spec.levels] == [
            "community", "grid", "building", "room", "building", "unit",
        ]  # fmt: skip


def test_s3_has_458_compounds_by_management_and_skips_the_community(db: None) -> None:
    spec = read_spec("s3")
    load_district(spec)
    with district_transaction(spec.id) as district:
        managed = Counter(Compound.objects.values_list("management", flat=True))
        assert managed == {"professional": 145, "self": 131, "none": 182}
        assert district.escalation_path == ["grid", "street", "district"]
        assert not Compound.objects.filter(management="professional", property_company=None).exists()
        assert not Compound.objects.exclude(management="professional").exclude(property_company=None).exists()


def test_s4_has_compounds_by_kind(db: None) -> None:
    spec = read_spec("s4")
    load_district(spec)
    with district_transaction(spec.id):
        kinds = Counter(Compound.objects.values_list("kind", flat=True))
    assert kinds == {"商品房小区": 110, "单位小区": 51, "无物业老旧小区": 89}


def test_compounds_and_grids_overlap(db: None) -> None:
    spec = read_spec("s0")
    load_district(spec)
    with district_transaction(spec.id):
        per_compound = Compound.objects.count() and Building.objects.values("compound").annotate(
            grids=Count("grid", distinct=True)
        )
        per_grid = Building.objects.values("grid").annotate(compounds=Count("compound", distinct=True))
        assert max(row["grids"] for row in per_compound) > 1
        assert max(row["compounds"] for row in per_grid) > 1
        assert not Building.objects.exclude(grid__community=F("compound__community")).exists()


def test_flats_are_as_many_as_households_in_every_building(small: DistrictSpec) -> None:
    with district_transaction(small.id):
        made = load_rooms()
        flats = dict(Room.objects.values_list("unit__building").annotate(Count("id")))
        assert flats == dict(Building.objects.values_list("id", "household_count"))
        assert made == sum(flats.values())
        assert not Room.objects.filter(floor__gt=F("unit__building__floor_count")).exists()
        assert load_rooms() == 0


def test_buildings_stand_in_their_grid(small: DistrictSpec) -> None:
    with district_transaction(small.id):
        for building in Building.objects.all():
            assert locate(point=(building.lng, building.lat)).grid_id == building.grid_id
            assert locate(address=building.address).building_id == building.pk


def test_second_load_changes_nothing(small: DistrictSpec) -> None:
    def state() -> list[object]:
        with district_transaction(small.id) as district:
            models = (Area, AreaBorder, Compound, Building, Organization, Post, PostAssignment, Membership)
            return [district.reference_version, *(list(model.objects.order_by("id").values()) for model in models)]

    before = state()
    assert not load_district(small)
    assert state() == before


def test_every_area_answers_for_itself_and_all_lead_to_the_centre(small: DistrictSpec) -> None:
    with district_transaction(small.id):
        found = territory()
        assert set(found.own) == set(found.areas)
        for organization in found.organizations.values():
            at, steps = organization, 0
            while at.parent_id is not None:
                at, steps = found.organizations[at.parent_id], steps + 1
                assert steps < 5
            assert at.id == found.center().id
        kinds = {row.department_kind for row in found.organizations.values()} - {""}
        assert {"water", "urban_management", "police", "property_company", "service_office"} <= kinds


def test_categories_find_a_department_in_every_district(small: DistrictSpec) -> None:
    with district_transaction(small.id):
        load_reference_data()
        kinds = {row.department_kind for row in territory().organizations.values()}
        wanted = {kind for row in Category.objects.all() for kind in row.departments}
        assert wanted
        assert wanted <= kinds


def test_some_posts_are_empty_but_not_the_connected_ones(db: None) -> None:
    spec = read_spec("s4")
    load_district(spec)
    with district_transaction(spec.id):
        posts, filled = Post.objects.count(), PostAssignment.objects.values("post").distinct().count()
        assert 0.02 < (posts - filled) / posts < 0.06
        assert User.objects.filter(handle__in=[handle_of(spec, role) for role in ROLES]).count() == len(ROLES)
        assert not [
            post for post in Post.objects.filter(organization__kind="district_center") if not post.assignments.exists()
        ]


def test_demo_posts_are_connected(small: DistrictSpec) -> None:
    with district_transaction(small.id):
        members = {row.user.handle: row for row in Membership.objects.select_related("user")}
        roles = {role: actor_for(members[handle_of(small, role)]).roles[0] for role in ROLES}
        areas = territory().areas
        grid = areas[roles["grid"].area_id]
        assert grid.level == "grid"
        assert (roles["leader"].area_id, roles["community"].area_id) == (grid.id, grid.community_id)
        assert roles["street"].area_id == grid.street_id
        assert territory().organizations[roles["water"].organization_id].department_kind == "water"
        for role in ("dispatch", "visitor", "district", "admin"):
            assert roles[role].organization_id == territory().center().id


def test_the_demos_heads_are_told_and_handle_nothing(small: DistrictSpec) -> None:
    with district_transaction(2):
        members = {row.user.handle: row for row in Membership.objects.select_related("user")}
        building, unit = (held(members[handle_of(small, role)].pk)[0] for role in HEAD_ROLES)
        assert (building.building_id, building.unit, unit.unit) == (unit.building_id, None, 1)
        grid = actor_for(members[handle_of(small, "grid")]).roles[0].area_id
        assert Building.objects.get(pk=building.building_id).grid_id == grid
        assert actor_for(members[handle_of(small, "building")]).role_kinds == {"building_head"}


def test_nobody_can_sign_in_unless_it_is_a_demo(small: DistrictSpec, settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(NotAllowed):
        set_demo_passwords()
    with pytest.raises(CommandError):
        call_command("demo_accounts", stdout=StringIO())
    assert not [user for user in User.objects.all() if user.has_usable_password()]


def test_demo_accounts_have_the_password_that_is_printed(small: DistrictSpec, settings: Settings) -> None:
    settings.DEMO = True
    assert set_demo_passwords() == len(ROLES) + len(HEAD_ROLES) + len(MEDIATOR_ROLES)
    assert set_demo_passwords() == 0
    printed = StringIO()
    call_command("demo_accounts", stdout=printed)
    for account in demo_accounts():
        assert account.handle in printed.getvalue()
        assert User.objects.get(handle=account.handle).check_password(PASSWORD)


def test_password_somebody_set_stays(small: DistrictSpec, settings: Settings) -> None:
    settings.DEMO = True
    user = User.objects.get(handle=handle_of(small, "grid"))
    user.set_password("their own password")
    user.save()
    assert set_demo_passwords() == len(ROLES) + len(HEAD_ROLES) + len(MEDIATOR_ROLES) - 1
    user.refresh_from_db()
    assert user.check_password("their own password")


def test_commands_load_and_repeat(db: None, settings: Settings) -> None:
    settings.DEMO = True
    call_command("load_districts", only=["s1"], without_rooms=True, stdout=StringIO())
    assert District.objects.values_list("code", flat=True).get() == "s1"
    with district_transaction(2):
        assert not Room.objects.exists()
        assert LimitPolicy.objects.get().version == 1
        assert Category.objects.exists()
    call_command("load_districts", only=["s1"], stdout=StringIO())
    with district_transaction(2):
        assert Room.objects.count() == Area.objects.get(level="district").household_count
    again = StringIO()
    call_command("load_districts", only=["s1"], stdout=again)
    assert "nothing to do" in again.getvalue()


def test_reference_data_is_completed_and_what_the_district_changed_stays(small: DistrictSpec) -> None:
    with district_transaction(small.id) as district:
        assert load_reference_data()
        before = district.reference_version
        assert not load_reference_data()
        assert district.reference_version == before
        kept, gone = Category.objects.exclude(parent=None).order_by("pk")[:2]
        Category.objects.filter(pk=kept.pk).update(
            keywords=["别的"], urgency="urgent", is_active=False, name="区里起的"
        )
        Category.objects.filter(pk=gone.pk).delete()
        LimitPolicy.objects.update(note="区里改过")
        assert load_reference_data()
        kept.refresh_from_db()
        assert (kept.keywords, kept.urgency, kept.is_active, kept.name) == (["别的"], "urgent", False, "区里起的")
        assert Category.objects.get(code=gone.code).name == gone.name
        assert LimitPolicy.objects.get().note == "区里改过"
        assert district.reference_version > before


def test_loading_the_model_districts_again_leaves_their_own_categories(db: None) -> None:
    call_command("load_districts", only=["s1"], without_rooms=True, stdout=StringIO())
    with district_transaction(2):
        row = Category.objects.exclude(parent=None).first()
        Category.objects.filter(pk=row.pk).update(name="区里起的")
    again = StringIO()
    call_command("load_districts", only=["s1"], without_rooms=True, stdout=again)
    assert "nothing to do" in again.getvalue()
    with district_transaction(2):
        assert Category.objects.get(pk=row.pk).name == "区里起的"
