"""Take pictures from a running demo: those of the handbook (``make handbook``, into ``docs/screens/help``), and every
main page at the width of a phone and of a desk (``make screens``, into ``docs/screens/pages``).

    python docs/handbook_screens.py [--pages] [http://127.0.0.1:8000] [name …]

A browser signs in with the demo's accounts as each role and photographs the page at the width of a phone or of a desk;
with names only those are taken again. Pictures are small on purpose: few colours, at most 60 kB each, so that they can
live in the repository and open over a village's mobile network.
"""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from main_pages import FIRST, MAIN_PAGES, MainPage
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent / "screens" / "help"
DISTRICT, PASSWORD = "s0", "yanshi-2026"  # the demo's, printed by its launcher
PHONE, DESK = {"width": 390, "height": 760}, {"width": 1280, "height": 800}
MOST_BYTES = 60_000
PAGES_FOLDER = FOLDER.parent / "pages"
WIDTHS = {"phone": {"width": 390, "height": 844}, "desk": {"width": 1440, "height": 900}}
TALLEST = 2  # heights of the screen that a long page is shown of
COLOURS = (96, 64, 48, 32)
# The lamps and the main button: few points of a picture, and what it is about. They keep their place in the palette.
KEPT = ("#6B7783", "#2272AC", "#F0B323", "#C9281E", "#17807F", "#2F7D54", "#6D61A8", "#7A4F00", "#A81C14", "#14548A")


@dataclass(frozen=True)
class Picture:
    """``person``: role of the demo account, empty for a resident; ``path``: below the district; ``act``: done first;
    ``part``: selector of the one element that is shown, instead of the whole page."""

    name: str
    person: str
    path: str
    size: dict[str, int]
    act: Callable[[Page], None] | None = None
    part: str = ""


def _report(page: Page) -> None:
    """A report as a resident writes it: the page that follows is the requester's."""
    page.locator("#id_content").fill(WORDS)
    page.locator("summary", has_text="只选社区").click()
    page.locator("#id_community").select_option(index=1)
    page.locator("#id_phone").fill("13800001234")
    page.locator("form.form button.pri[type=submit]").click()
    page.locator(".sbm a.pri").click()
    page.wait_for_load_state("networkidle")


def _write(page: Page) -> None:
    page.locator("#id_content").fill(WORDS)
    page.wait_for_timeout(1500)  # the suggestions come by themselves
    page.evaluate("window.scrollTo(0, 0)")


WORDS = "3 号楼二单元门口的路灯不亮了，晚上看不清台阶。"
FINDS = ("楼道里堆了纸箱，挡住安全门。", "小区东门外的井盖松动，踩上去响。")


def _find(page: Page) -> None:
    """Finds of one's own grid where nothing waits: the worker's first page, not an empty one, is the picture."""
    today = page.url
    if not page.locator("a.tc").count():
        for words in FINDS:
            page.goto(f"{today}report/")
            page.locator("textarea[name=content]").fill(words)
            page.wait_for_timeout(1200)  # the category is guessed from the words
            page.locator("input[name=category]").first.check(force=True)
            page.locator(".sub-bar button.pri").click()
            page.wait_for_load_state("networkidle")
        page.goto(today, wait_until="networkidle")


def _first_case(page: Page) -> None:
    page.locator(".tbl td a").first.click()
    page.wait_for_load_state("networkidle")


def _first_card(page: Page) -> None:
    page.locator("a.tc").first.click()
    page.wait_for_load_state("networkidle")


def _first_row(page: Page) -> None:
    page.locator(".items a").first.click()
    page.wait_for_load_state("networkidle")


def _reveal(page: Page) -> None:
    _first_row(page)
    page.get_by_text("显示号码").first.click()
    page.wait_for_timeout(600)


PICTURES = (
    Picture("resident-report", "", "/report/", PHONE, _write),
    Picture("resident-ticket", "", "/report/", PHONE, _report),
    Picture("resident-answers", "", "/answers/", PHONE),
    Picture("worker-home", "grid", "/m/", PHONE, _find),
    Picture("worker-ticket", "grid", "/m/", PHONE, _first_card),
    Picture("worker-report", "grid", "/m/report/", PHONE),
    Picture("desk-inbox", "street", "/desk/?queue=open", DESK, _first_row),
    Picture("desk-new", "community", "/desk/new/", DESK, _write),
    Picture("desk-reveal", "visitor", "/desk/?queue=to_visit", DESK, _reveal, part="dialog[open]"),
    Picture("desk-announce", "community", "/desk/announcements/", DESK),
    Picture("desk-answers", "community", "/desk/answers/", DESK),
    Picture("mediation-case", "mediator", "/desk/mediation/?show=abnormal", DESK, _first_case),
    Picture("board-home", "district", "/board/", DESK),
    Picture("manage-home", "admin", "/manage/", DESK),
    Picture("manage-areas", "admin", "/manage/areas/?open=2", DESK),
)


def small(png: bytes) -> bytes:
    """The picture with as many colours as fit into ``MOST_BYTES``, at full size, else smaller."""
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    for scale in (1, 0.8, 0.65):
        found = whole.resize((round(whole.width * scale), round(whole.height * scale)), Image.Resampling.LANCZOS)
        for colours in COLOURS:
            buffer = io.BytesIO()
            drawn = found.quantize(palette=_palette(found, colours), dither=Image.Dither.NONE)
            drawn.save(buffer, "PNG", optimize=True)
            if buffer.tell() <= MOST_BYTES:
                return buffer.getvalue()
    raise SystemExit(f"a picture does not fit into {MOST_BYTES} bytes")


def _palette(picture: Image.Image, colours: int) -> Image.Image:
    """The palette of the picture with a broad patch of each kept colour below it."""
    patch = picture.width // len(KEPT)
    whole = Image.new("RGB", (picture.width, picture.height + patch), "white")
    whole.paste(picture)
    for place, colour in enumerate(KEPT):
        whole.paste(colour, (place * patch, picture.height, (place + 1) * patch, picture.height + patch))
    return whole.quantize(colours)


def sign_in(page: Page, root: str, person: str) -> None:
    page.goto(f"{root}/sign-in/")
    page.locator("input[name=handle], input[name=username]").first.fill(f"{DISTRICT}-{person}")
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("form.form button[type=submit]").click()
    page.wait_for_load_state("networkidle")


def webp(png: bytes) -> bytes:
    """As good as fits into ``MOST_BYTES``, at full size, else smaller."""
    whole = Image.open(io.BytesIO(png)).convert("RGB")
    for scale in (1, 0.8, 0.65):
        drawn = whole.resize((round(whole.width * scale), round(whole.height * scale)), Image.Resampling.LANCZOS)
        for quality in (50, 40, 30):
            buffer = io.BytesIO()
            drawn.save(buffer, "WEBP", quality=quality, method=6)
            if buffer.tell() <= MOST_BYTES:
                return buffer.getvalue()
    raise SystemExit(f"a picture does not fit into {MOST_BYTES} bytes")


def take_page(page: Page, root: str, found: MainPage) -> None:
    """The page at both widths, no taller than ``TALLEST`` screens. Says what does not fit into its width."""
    for device, size in WIDTHS.items():
        page.set_viewport_size(size)  # type: ignore[arg-type]
        answer = page.goto(root + found.path, wait_until="networkidle")
        if answer is None or answer.status != 200:
            raise SystemExit(f"{found.name}: {found.path} answers {answer and answer.status}")
        if found.act == FIRST:
            first = page.locator(".items a, a.tc, .hlist a, main .tbl td a").first
            first.click()
            page.wait_for_load_state("networkidle")
        height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST * size["height"])
        page.set_viewport_size({"width": size["width"], "height": height})
        data = webp(page.screenshot())
        (PAGES_FOLDER / f"{found.name}-{device}.webp").write_bytes(data)
        wide = page.evaluate("document.documentElement.scrollWidth") > size["width"]
        sys.stdout.write(f"{found.name:26} {device:6} {len(data):6} bytes{'  TOO WIDE' if wide else ''}\n")


def take_pages(browser: Browser, root: str, wanted: set[str]) -> None:
    """One visit of the sign-in page for each person."""
    PAGES_FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = [found for found in MAIN_PAGES if not wanted or found.name in wanted]
    for person in dict.fromkeys(found.person for found in chosen):
        context = browser.new_context(viewport=DESK, locale="zh-CN", reduced_motion="reduce")  # type: ignore[arg-type]
        page = context.new_page()
        if person:
            sign_in(page, root, person)
        for found in chosen:
            if found.person == person:
                take_page(page, root, found)
        context.close()


def take(browser: Browser, root: str, picture: Picture) -> None:
    context = browser.new_context(viewport=picture.size, locale="zh-CN", reduced_motion="reduce")  # type: ignore[arg-type]
    page = context.new_page()
    if picture.person:
        sign_in(page, root, picture.person)
    answer = page.goto(root + picture.path, wait_until="networkidle")
    if answer is None or answer.status != 200:
        raise SystemExit(f"{picture.name}: {picture.path} answers {answer and answer.status}")
    if picture.act:
        picture.act(page)
    data = small((page.locator(picture.part) if picture.part else page).screenshot())
    (FOLDER / f"{picture.name}.png").write_bytes(data)
    sys.stdout.write(f"{picture.name:20} {len(data):6} bytes\n")
    context.close()


def main() -> None:
    said = [word for word in sys.argv[1:] if word != "--pages"]
    address = said[0].rstrip("/") if said else "http://127.0.0.1:8000"
    wanted = set(said[1:])
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser"),
            args=[
                "--lang=zh-CN",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
            ],
        )
        if "--pages" in sys.argv:
            take_pages(browser, f"{address}/d/{DISTRICT}", wanted)
        for picture in () if "--pages" in sys.argv else PICTURES:
            if not wanted or picture.name in wanted:
                take(browser, f"{address}/d/{DISTRICT}", picture)
        browser.close()


if __name__ == "__main__":
    main()
