"""A template that names what the page does not give writes nothing, silently: a heading without its names.

Every page of the walk is asked once with a mark in the place of such a name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.template import engines
from django.test import Client

from governance.kernel.tenancy.context import district_transaction
from tests.browser.walk import SURFACES, client_of, filled, stops
from tests.test_permission_matrix import with_others
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

# Parameters a part of a page may do without, and what the frame has only for somebody who belongs to a district.
OPTIONAL = {
    "action", "extra", "id", "label", "lat", "lng", "name", "map.go", "map.queue", "map.ticket", "map.tickets",
    "shell.help_url", "shell.home_url",
}  # fmt: skip
LEAST = 250


@pytest.fixture
def marked() -> Iterator[None]:
    engine = engines["django"].engine  # type: ignore[attr-defined]
    engine.string_if_invalid = "UNKNOWN((%s))"
    yield
    engine.string_if_invalid = ""


def test_no_template_names_what_its_page_does_not_give(
    world: World, settings: Any, tmp_path: Path, marked: None
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with district_transaction(world.district):
        with_others(world)
    values, clients, asked = filled(world, tmp_path), dict[str, Client](), 0
    found: dict[str, set[str]] = {}
    for surface in SURFACES:
        for stop in stops(surface, values):
            if stop.person not in clients:
                clients[stop.person] = client_of(stop.person, world, values["number"])
            answer = clients[stop.person].get(f"/d/{world.district.code}{stop.path}")
            if answer.status_code != 200 or "html" not in answer["Content-Type"]:
                continue
            asked += 1
            for name in re.findall(r"UNKNOWN\(\((.*?)\)\)", answer.content.decode()):
                if name not in OPTIONAL:
                    found.setdefault(name, set()).add(stop.name)
    assert asked > LEAST, asked
    assert found == {}
