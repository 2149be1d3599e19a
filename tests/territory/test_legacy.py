"""Older systems' grids mapped to ours by the register's importer (S3-19)."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from governance.kernel.models import AuditEvent
from grids.actions.register_imports import undo_import
from grids.territory.legacy import conflicts
from grids.territory.models import LegacyGridRef
from tests.manage.test_register_import import checked, imported, outcomes, reason, workbook
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def rows(world: World) -> bytes:
    return workbook(
        legacy_grids=[
            {"旧系统": "城管", "旧网格代码": "CG-07", "旧网格名称": "第七责任区", "网格代码": world.grid.code},
            {"旧系统": "城管", "旧网格代码": "cg-07", "网格代码": world.grid2.code},
            {"旧系统": "综治", "旧网格代码": "CG-07", "网格代码": world.grid.code},
        ]
    )


def test_one_old_grid_in_two_of_ours_is_carried_by_both_and_listed_as_a_conflict(world: World, client: Client) -> None:
    job = imported(world, rows(world))
    assert outcomes(job) == ["new"] * 3
    carried = LegacyGridRef.objects.filter(system="城管", code="CG-07").values_list("grid_id", flat=True)
    assert set(carried) == {world.grid.pk, world.grid2.pk}
    (found,) = conflicts()
    assert (found.system, found.code, found.name) == ("城管", "CG-07", "第七责任区")
    assert found.grids == (world.grid.name, world.grid2.name)
    page = world.sign_in(client, "admin").get("/manage/legacy-grids/").content.decode()
    assert "一个旧网格跨几个网格：1 个" in page
    assert f"{world.grid.name}、{world.grid2.name}" in page


def test_the_same_file_again_makes_nothing_new_and_an_import_can_be_undone(world: World) -> None:
    job = imported(world, rows(world))
    assert outcomes(checked(world, rows(world))) == ["same"] * 3
    assert LegacyGridRef.objects.count() == 3
    undo_import(job, actor=world.admin)
    assert LegacyGridRef.objects.count() == 0


def test_a_row_for_no_grid_says_why(world: World) -> None:
    job = checked(
        world, workbook(legacy_grids=[{"旧系统": "城管", "旧网格代码": "1", "网格代码": world.community.code}])
    )
    assert outcomes(job) == ["bad"]
    assert f"没有代码为 {world.community.code} 的网格" in reason(job)


def test_a_wrong_reference_is_taken_away_and_that_is_audited(world: World, client: Client) -> None:
    imported(world, rows(world))
    wrong = LegacyGridRef.objects.get(system="城管", grid=world.grid2)
    world.sign_in(client, "admin")
    asked = client.get(f"/manage/legacy-grids/{wrong.pk}/remove/")
    key = asked.context["form"]["idempotency_key"].value()
    assert client.post(f"/manage/legacy-grids/{wrong.pk}/remove/", {"idempotency_key": key}).status_code == 302
    assert conflicts() == []
    assert AuditEvent.objects.filter(action="legacy_grid.remove", object_id=world.grid2.pk).exists()
