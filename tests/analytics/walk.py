"""The pages of every role of a lived district: which of them have nothing to show."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client
from django.urls import clear_script_prefix, reverse

from governance.kernel.tenancy.context import no_district
from tests.world import World

ROLES = ("worker", "leader", "staff", "secretary", "dispatcher", "street_leader", "handler", "urban_handler", "center",
         "visitor", "supervisor", "admin", "official")  # fmt: skip
# What the weeks fill. Pages with another source (knowledge, notices, a calendar of one's own) are proved beside it.
LIVED = (
    "board:home", "board:trend", "board:rows", "board:events", "desk:inbox", "desk:notices", "worker:home",
    "worker:tickets", "worker:notices", "manage:home", "manage:organizations", "manage:people", "manage:vacancies",
    "manage:feedback", "manage:registers", "manage:imports", "manage:categories", "manage:phrases", "manage:texts",
)  # fmt: skip
# An administrator is told of faults, and a team's leader of what the team lets stand: the weeks may have none.
MAY_BE_QUIET = {("admin", "desk:notices"), ("leader", "desk:notices")}
EMPTY = '<div class="nothing">'


def empty_pages(world: World) -> list[str]:
    """Role, page and what it says instead of showing something."""
    found = []
    with no_district():
        for role in ROLES:
            client = world.sign_in(Client(), role)
            for name in LIVED:
                clear_script_prefix()
                page = client.get(f"/d/{world.district.code}{reverse(name)}")
                if page.status_code != 200:
                    continue
                said = page.content.decode()
                if EMPTY in said and (role, name) not in MAY_BE_QUIET:
                    words = re.findall(r"<p class=\"b\">(.*?)</p>", said.split(EMPTY, 1)[1])
                    found.append(f"{role} {name}: {words[:1]}")
    return found


def trend_of(world: World) -> dict[str, Any]:
    with no_district():
        page = world.sign_in(Client(), "official").get(f"/d/{world.district.code}/board/trend/")
    return dict(page.context)
