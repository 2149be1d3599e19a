"""What is printed: each card on one sheet of its size, whoever stands on it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from governance.kernel import clock
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import district_transaction
from grids.actions.compounds import update_compound
from grids.actions.heads import appoint_head
from grids.models import Building, Organization
from tests.browser.conftest import DESK
from tests.browser.test_main_job import sign_in
from tests.posts.cast import appoint
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

A6 = (105, 148)  # mm
POINT = 25.4 / 72  # mm

HEADS = (None, 1, 2, 3, 4, 5, 6)
PEOPLE = ("handler", "handler_leader", "urban_handler", "center", "visitor", "supervisor", "official")


def sheets(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of every page in whole millimetres."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", pdf)
    return [(round(float(width) * POINT), round(float(height) * POINT)) for width, height in boxes]


def crowd(world: World) -> None:
    """A building with everybody a card can name: heads of six entrances, police, a company with a long name."""
    Building.objects.filter(pk=world.building.pk).update(unit_count=6)
    world.building.refresh_from_db()
    for unit, name in zip(HEADS, PEOPLE, strict=True):
        appoint_head(world.building, unit=unit, membership=world.members[name], since=clock.today(), actor=world.admin)
    appoint(world, world.community, "community_police", "visitor")
    company = Organization.objects.create(
        name="春晓花园物业服务有限责任公司",
        kind="property_company",
        level="street",
        area=world.street,
        phone="03743350003",
    )
    bump_reference()
    update_compound(
        world.compound, name=world.compound.name, management="professional", property_company=company, actor=world.admin
    )


def test_every_neighbour_card_is_one_sheet_of_a6(
    live_server: Any, world: World, open_page: Callable[..., Page]
) -> None:
    with district_transaction(world.district):
        crowd(world)
    page = open_page(DESK)
    sign_in(page, live_server.url, world, "worker")
    page.goto(f"{live_server.url}/desk/cards/")
    cards = page.locator(".pa6").count()
    assert cards == 2
    assert "褚楼栋长、" in page.locator(".pa6").first.inner_text()
    assert sheets(page.pdf(prefer_css_page_size=True)) == [A6] * cards
