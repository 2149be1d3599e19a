"""Photos on their way from the phone: made small before they are sent, and gone on with where the network broke."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from governance.kernel.tenancy.context import district_transaction
from requests_intake.models import Attachment
from tests.browser.conftest import PATIENCE, PHONE, page_in
from tests.browser.test_main_job import sign_in
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)

EDGE = 1600  # px, static/src/js/lib/photos.js
PIECE = 128 * 1024  # bytes, static/src/js/lib/outbox/send.js
CAMERA = "Kamera-XY-9"


def picture(width: int, height: int) -> dict[str, Any]:
    """As a camera makes it: noise, which does not shrink by itself, and the name of the camera in it."""
    exif = Image.Exif()
    exif[0x010F] = CAMERA
    buffer = io.BytesIO()
    coarse = Image.frombytes("RGB", (width // 4, height // 4), os.urandom(width // 4 * (height // 4) * 3))
    coarse.resize((width, height)).save(buffer, "JPEG", quality=95, exif=exif.tobytes())
    return {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


CHOSEN = """async () => {
    const file = document.querySelector('[data-photos] input[type=file]').files[0];
    const bitmap = await createImageBitmap(file);
    return { width: bitmap.width, height: bitmap.height, size: file.size, words: await file.text() };
}"""


@pytest.mark.parametrize("who", ["", "worker"])
def test_a_photo_is_made_small_on_the_phone_and_forgets_the_camera(
    live_server: Any, world: World, open_page: Callable[..., Page], who: str
) -> None:
    page = open_page(PHONE)
    if who:
        sign_in(page, live_server.url, world, who)
        page.goto(f"{live_server.url}/m/report/")
    else:
        page.goto(f"{live_server.url}/d/{world.district.code}/report/")
    taken = picture(3200, 2400)
    assert CAMERA.encode() in taken["buffer"]
    page.locator("[data-photos] input[type=file]").first.set_input_files([taken])
    expect(page.locator("[data-photos-list] li")).to_have_count(1)
    chosen = page.evaluate(CHOSEN)
    assert (chosen["width"], chosen["height"]) == (EDGE, EDGE * 3 // 4)
    assert chosen["size"] < len(taken["buffer"]) / 2
    assert CAMERA not in chosen["words"]


def test_a_photo_goes_on_where_the_network_broke(
    live_server: Any, world: World, chromium: Browser, tmp_path: Any, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    # Not open_page: the break is an error in the browser's console, and wanted here.
    context = chromium.new_context(viewport=PHONE, locale="zh-CN")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE)
    page = page_in(context)
    sign_in(page, live_server.url, world, "worker")
    sent: list[int] = []

    def watch(route: Route) -> None:
        if route.request.method != "PUT":
            route.continue_()
            return
        sent.append(int(route.request.url.rpartition("offset=")[2]))
        if len(sent) == 2:
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/api/v1/uploads/**", watch)
    page.goto(f"{live_server.url}/m/report/")
    page.locator("[data-photos] input[type=file]").first.set_input_files([picture(1600, 1200)])
    expect(page.locator("[data-photos-list] li")).to_have_count(1)
    page.locator("textarea[name=content]").fill("楼道堆物")
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/m/")
    page.goto(f"{live_server.url}/m/outbox/")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("[data-sync]").first).to_have_attribute("data-sync", "sent", timeout=60_000)
    # The first piece went once; the second, which broke, is where it went on. Of the rest none is left out and none
    # comes before its turn; the one in flight when the page is left may go a second time.
    assert sent[:3] == [0, PIECE, PIECE]
    assert sent == sorted(sent)
    assert sorted(set(sent)) == [PIECE * number for number in range(len(set(sent)))]
    assert len(sent) - len(set(sent)) <= 2
    context.close()
    with district_transaction(world.district):
        assert Attachment.objects.count() == 1
