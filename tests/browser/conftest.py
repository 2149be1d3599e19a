"""A real browser against a real server. Deselected where Chromium is not installed; CI installs it.

``BROWSER_LATENCY=300`` delays every answer by so many milliseconds and keeps nothing in the browser's cache: what a
test reads or taps too early shows then.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from playwright.sync_api import Browser, BrowserContext, Keyboard, Locator, Page, expect, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"width": 390, "height": 844}
TABLET = {"width": 820, "height": 1180}
DESK = {"width": 1440, "height": 900}
LATENCY = int(os.environ.get("BROWSER_LATENCY", "0"))

# Two cores draw the pages of two tests at once; whatever does not come at all still fails.
PATIENCE = 30_000
expect.set_options(timeout=PATIENCE)
# What waited in vain is tried once more, and the run says so (RERUN); what is wrong fails at once (ADR 59).
_ASKED_TWICE = pytest.mark.flaky(reruns=1, only_rerun=[r"Timeout \d+ms exceeded", r"with timeout \d+ms"])


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    ours = [item for item in items if here in item.path.parents]
    for item in ours:
        item.add_marker(pytest.mark.browser)
        item.add_marker(_ASKED_TWICE)
    if CHROMIUM is None and ours:
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    # Playwright's own loop runs in this thread: Django must not take it for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                # A camera and a microphone that are not there; a page still needs the permission.
                "--use-fake-device-for-media-stream",
            ],
        )
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE", None)


# A keyboard does not name its page.
_PAGES: WeakKeyDictionary[Keyboard, Page] = WeakKeyDictionary()
# What a person does by hand.
_ACTS = ("check", "click", "fill", "press", "select_option", "set_input_files", "tap", "uncheck")


@pytest.fixture(scope="session", autouse=True)
def hands_wait_for_scripts() -> Iterator[None]:
    """Nobody taps in the milliseconds between a page's first words and its scripts; without this a test does.

    A page works without its scripts, only otherwise: the link that opens a dialog is followed. Scripts have run once
    the document says DOMContentLoaded.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in _ACTS:
            patch.setattr(Locator, name, _once_it_stands(getattr(Locator, name), lambda locator: locator.page))
        for name in ("press", "type"):
            patch.setattr(Keyboard, name, _once_it_stands(getattr(Keyboard, name), lambda keys: _PAGES[keys]))
        yield


def _once_it_stands(act: Callable[..., None], page_of: Callable[[Any], Page]) -> Callable[..., None]:
    @wraps(act)
    def waiting(target: Any, *said: Any, **options: Any) -> None:
        page_of(target).wait_for_load_state("domcontentloaded")
        act(target, *said, **options)

    return waiting


def page_in(context: BrowserContext, *, is_cut_off: bool = False) -> Page:
    """A new page of this context, or the one that it began with. One that loses its network has no latency besides."""
    page = context.pages[0] if context.pages else context.new_page()
    _PAGES[page.keyboard] = page
    if LATENCY and not is_cut_off:
        _slow_down(page)
    return page


def _slow_down(page: Page) -> None:
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    everything = {"latency": LATENCY, "downloadThroughput": -1, "uploadThroughput": -1, "offline": False}
    network.send("Network.emulateNetworkConditions", everything)


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page of a device of its own; a script error or a refused resource fails the test."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def open_(viewport: dict[str, int] = PHONE, **options: object) -> Page:
        context = chromium.new_context(viewport=viewport, locale="zh-CN", **options)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = page_in(context)
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda said: problems.append(said.text) if said.type == "error" else None)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert not problems
