"""The administrator's home: only theirs, and its lines follow what is stored."""

from __future__ import annotations

from typing import Any

from django.test import Client

from analytics.manage.checklist import checklist
from governance.kernel.reference import bump_reference
from grids.models import Area, AreaBorder
from tests.world import SINCE, World


def _line(title: str) -> Any:
    return next(item for item in checklist() if item.title == title)


def test_the_administrator_lands_on_it_and_nobody_else_may(world: World) -> None:
    admin = world.sign_in(Client(), "admin")
    assert admin.get("/home/")["Location"] == "/manage/"
    page = admin.get("/manage/")
    assert page.status_code == 200
    assert "开办清单" in page.content.decode()
    assert world.sign_in(Client(), "official").get("/manage/").status_code == 403


def test_borders_are_counted_afresh(world: World) -> None:
    assert _line("边界").done
    AreaBorder.objects.filter(area=world.grid).delete()
    assert (_line("边界").done, _line("边界").found) == (False, "1 个区域没有边界")


def test_an_area_without_its_own_organization_is_found(world: World) -> None:
    assert _line("承办单位").done
    made = Area.objects.create(
        level="street", code="x", name="新街道", parent=world.district_area, path="x", valid_from=SINCE
    )
    Area.objects.filter(pk=made.pk).update(street_id=made.pk)
    bump_reference()
    assert _line("承办单位").found == "1 个区域没有自己的单位"
    assert _line("街道").found == "3 个"


def test_posts_nobody_holds_are_counted(world: World) -> None:
    # Everything outside the standing cast is empty.
    assert not _line("岗位").done
    assert _line("岗位").found.endswith("个单位缺岗")


def test_every_line_of_people_and_rules_leads_to_its_page(world: World) -> None:
    page = world.sign_in(Client(), "admin").get("/manage/")
    urls = {row["item"].title: row["url"] for row in page.context["items"]}
    for title in ("承办单位", "岗位", "工作人员", "登录", "事项分类", "办理时限", "工作日历"):
        assert world.sign_in(Client(), "admin").get(urls[title]).status_code == 200, title
