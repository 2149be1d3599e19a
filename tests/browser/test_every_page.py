"""Every page of the product, in a browser: axe-core, the keyboard alone, nothing cut or covered, no foreign word.

The pages are those of the table of permissions (``tests.browser.walk``). ``WALK_THOROUGH=1`` looks at every page in
every mode at both widths; without it the second width is looked at for what is cut and covered, and the modes for their
colours.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from governance.kernel.tenancy.context import district_transaction
from tests.browser.conftest import DESK, PHONE, TABLET
from tests.browser.walk import ONLY, SURFACES, THOROUGH, Stop, Walker, filled, stops
from tests.test_permission_matrix import with_others
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

# Kinds of files, names of products and standards that a reader of Chinese knows by these letters.
KNOWN = {
    "api", "app", "pdf", "csv", "xlsx", "excel", "geojson", "polygon", "multipolygon", "wgs", "gcj", "bd", "wecom",
    "sms", "mb", "kb", "cookie", "microsoft", "authenticator", "freeotp", "id", "qr", "sec", "km", "url",
}  # fmt: skip

# Words a page shows on purpose, each for a reason.
ON_PURPOSE = {
    "desk:committee_member_new": "the handle of a colleague of the tests",
    "desk:paper": "the address of this platform, to be typed",
    "desk:recorded": "a code that opens the matter",
    "desk:slip": "the address of this platform, to be typed",
    "households_phone:things": "the number of a manhole, JG-1",
    "households_desk:things": "the number of a manhole, JG-1",
    "help:chapter": "gljt, a word typed by its initials",
    "resident:answers": "gljt, a word typed by its initials",
    "manage:notifications": "addresses of services",
    "manage:robot_new": "the address of a service",
    "manage:certificate": "a checksum",
    "manage:imports": "properties.code, a field of GeoJSON, and the name of a file",
    "manage:import": "the name of a file",
    "manage:import_undo": "the name of a file",
    "accounts:invitation": "the account one is invited to",
    "accounts:second_factor_setup": "a secret to be typed",
    "setup:new": "the code of a district",
    "setup:district": "addresses and accounts",
}


@pytest.fixture
def cast(world: World) -> World:
    with district_transaction(world.district):
        return with_others(world)


@pytest.mark.parametrize("surface", SURFACES)
def test_every_page_can_be_used_by_everybody(
    surface: str, live_server: Any, cast: World, chromium: Browser, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    values = filled(cast, tmp_path)
    walker = Walker(chromium, live_server.url, cast, values["number"])
    widths = (PHONE, DESK) if surface in ("resident", "worker") else (DESK, PHONE)
    seen = [stop for stop in stops(surface, values) if look_at(walker, stop, *widths)]
    walker.close()
    assert ONLY or len({stop.name for stop in seen}) >= LEAST[surface], "the walk lost its way"
    assert walker.findings == [], "\n".join(["", *walker.findings])


LEAST = {"resident": 28, "worker": 38, "desk": 95, "manage": 110}
"""How many pages there are at least; files and pictures do not count."""


def look_at(walker: Walker, stop: Stop, first: dict[str, int], second: dict[str, int]) -> bool:
    """Everything that is asked of one page; false where the address is no page."""
    page = walker.open(stop, first)
    if page is None:
        return False
    width = str(first["width"])
    walker.axe(stop, page, width)
    walker.tab_through(stop, page, width)
    walker.say(stop, width, [f"foreign word: {word}" for word in foreign(walker, stop, page)])
    uncut(walker, stop, page, width)
    modes = page.evaluate("window.pageChecks.modes()")
    page.set_viewport_size(second)  # type: ignore[arg-type]
    width = str(second["width"])
    uncut(walker, stop, page, width)
    if THOROUGH:
        walker.axe(stop, page, width)
    if first == DESK:
        # What is used at a desk is also opened on a tablet, held upright or not.
        page.set_viewport_size(TABLET)  # type: ignore[arg-type]
        uncut(walker, stop, page, str(TABLET["width"]))
        page.set_viewport_size(second)  # type: ignore[arg-type]
    for mode in set(modes) & {"theme", "sun"}:
        # The page's own switches change this attribute; only colours depend on it.
        page.evaluate("name => document.documentElement.toggleAttribute(name)", f"data-{mode}")
        if mode == "theme":
            page.evaluate("document.documentElement.dataset.theme = 'dark'")
        walker.axe(stop, page, f"{width} {mode}", only=("color-contrast",))
    if "elder" in modes and walker.has_large_letters(stop):
        for size, viewport in (("22", PHONE), ("30", PHONE), ("22", DESK)) if THOROUGH else (("22", PHONE),):
            look_large(walker, stop, size, viewport)
    return True


def uncut(walker: Walker, stop: Stop, page: Page, width: str) -> None:
    walker.say(stop, width, page.evaluate("window.pageChecks.cut()"))
    walker.say(stop, width, page.evaluate("window.pageChecks.covered()"))


def look_large(walker: Walker, stop: Stop, size: str, viewport: dict[str, int]) -> None:
    """长辈版: letters of at least 18 px, targets of at least 60 px (standards.md B.8), and all that holds elsewhere."""
    page = walker.open(stop, viewport, elder=size)
    assert page is not None
    how = f"{viewport['width']} elder {size}"
    walker.axe(stop, page, how)
    walker.say(stop, how, page.evaluate("window.pageChecks.elder()"))
    uncut(walker, stop, page, how)


def foreign(walker: Walker, stop: Stop, page: Page) -> list[str]:
    """Latin words in what the page says, to the eye and to the ear: a key left raw, a sentence left in English."""
    if stop.name in ON_PURPOSE:
        return []
    handles = {part for user in walker.world.users.values() for part in user.handle.lower().split("-")}
    # The demo cast's own accounts, and the one that objects_of invites.
    known = KNOWN | handles | {"new", "mediator", walker.world.district.code}
    found = page.evaluate("window.pageChecks.latin()")
    words = {part for word in found for part in word.lower().replace("_", "-").split("-")} if found else set()
    return sorted(word for word in words if word not in known and word.removeprefix("register.") not in known)
