"""How large a grid should be: the band decides which grids stand on the list."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from governance.kernel.errors import DomainError, NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_scope
from grids.actions.bands import set_household_bands
from grids.bands import Band, bands, misfits
from grids.models import Area, HouseholdBand
from tests.world import World, make_district

ADDRESS = "/manage/grid-sizes/"
SIZES = (0, 100, 299, 300, 500, 501, 900, 400)  # of the eight grids, in order


@pytest.fixture
def grids(world: World) -> list[Area]:
    for grid, households in zip(world.grids, SIZES, strict=True):
        Area.objects.filter(pk=grid.pk).update(household_count=households)
    return world.grids


@pytest.fixture
def admin(world: World) -> Client:
    return world.sign_in(Client(), "admin")


def _said(**changes: Any) -> dict[str, Any]:
    said = {"basic_minimum": 300, "basic_maximum": 500, "micro_minimum": 30, "micro_maximum": 100}
    return {**said, "exclusive_minimum": 0, "exclusive_maximum": 0, "idempotency_key": str(uuid4()), **changes}


def _listed(client: Client, query: str = "") -> list[tuple[str, str]]:
    return [(row["name"], row["off"]) for row in client.get(ADDRESS + query).context["rows"]]


def test_grids_outside_the_shipped_band_stand_on_the_list_the_furthest_off_first(
    admin: Client, grids: list[Area]
) -> None:
    names = [area.name for area in grids]
    assert _listed(admin) == [
        (names[6], "多 400 户"), (names[1], "少 200 户"), (names[2], "少 1 户"), (names[5], "多 1 户"), (names[0], ""),
    ]  # fmt: skip
    assert [name for name, _off in _listed(admin, "?state=unknown")] == [names[0]]
    assert [name for name, _off in _listed(admin, "?state=large")] == [names[6], names[5]]
    assert _listed(admin, "?kind=micro") == []
    row = admin.get(ADDRESS).context["rows"][0]
    assert admin.get(row["url"]).status_code == 200


def test_another_band_changes_the_list_and_the_line_of_the_checklist(admin: Client, grids: list[Area]) -> None:
    def line() -> Any:
        items = admin.get("/manage/").context["items"]
        return next(row["item"] for row in items if row["item"].title == "网格大小")

    assert line().found.startswith("5 ")
    assert not line().done
    assert admin.post(ADDRESS, _said(basic_minimum=100, basic_maximum=900))["Location"] == ADDRESS
    assert [name for name, _off in _listed(admin)] == [grids[0].name]
    assert line().found.startswith("1 ")
    Area.objects.filter(pk=grids[0].pk).update(household_count=250)
    assert line().done
    assert AuditEvent.objects.get(action="settings.bands").detail["after"] == {"basic": [100, 900]}


def test_each_kind_has_its_own_band_and_zero_means_not_judged(admin: Client, grids: list[Area]) -> None:
    Area.objects.filter(pk=grids[1].pk).update(grid_kind="micro")
    Area.objects.filter(pk=grids[6].pk).update(grid_kind="exclusive")
    assert [name for name, _off in _listed(admin)] == [grids[2].name, grids[5].name, grids[0].name]
    admin.post(ADDRESS, _said(micro_maximum=50, exclusive_minimum=10, exclusive_maximum=600))
    assert _listed(admin, "?kind=micro") == [(grids[1].name, "多 50 户")]
    assert _listed(admin, "?kind=exclusive") == [(grids[6].name, "多 300 户")]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"basic_minimum": 600}, "basic_maximum"),
        ({"basic_minimum": 10, "basic_maximum": 0}, "basic_maximum"),
        ({"basic_maximum": -1}, "basic_maximum"),
        ({"micro_minimum": ""}, "micro_minimum"),
        ({"micro_maximum": "很多"}, "micro_maximum"),
        ({"basic_maximum": 1_000_000}, "basic_maximum"),
    ],
)
def test_a_band_that_cannot_be_is_refused_at_its_place_and_the_input_kept(
    admin: Client, changes: dict[str, Any], place: str
) -> None:
    page = admin.post(ADDRESS, _said(**changes))
    assert page.status_code == 422
    assert list(page.context["form"].errors) == [place]
    for name, value in changes.items():
        assert page.context["form"][name].value() == str(value)
    assert not HouseholdBand.objects.exists()


def test_the_list_is_paged(world: World, admin: Client) -> None:
    first = world.grids[0]
    Area.objects.bulk_create(
        Area(
            level="grid", code=f"{first.code}9{number:02d}", name=f"第{number}微格", parent=first.parent,
            path=f"{first.path}9{number:02d}", street_id=first.street_id, community_id=first.community_id,
            household_count=1000 + number, valid_from=first.valid_from,
        )
        for number in range(60)
    )  # fmt: skip
    assert len(_listed(admin)) == 50
    assert _listed(admin)[0][0] == "第59微格"
    assert len(_listed(admin, "?page=2")) == 60 + len(world.grids) - 50


def test_only_the_administrator_sets_bands_of_the_own_district_and_not_twice(world: World) -> None:
    with pytest.raises(NotAllowed):
        set_household_bands({"basic": Band(1, 2)}, actor=world.center)
    set_household_bands({"basic": Band(1, 2)}, actor=world.admin)
    with pytest.raises(DomainError) as refused:
        set_household_bands({"basic": Band(1, 2)}, actor=world.admin)
    assert refused.value.code == "unchanged"
    assert misfits(bands()).count() == len(world.grids)
    other = make_district("t2", 2)
    with district_scope(other.district):
        assert bands()["basic"] == Band(300, 500)
