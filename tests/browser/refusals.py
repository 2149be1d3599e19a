"""Forms that come back with errors: which there are, found without a browser and without changing anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import Resolver404, resolve
from django.urls.base import clear_script_prefix

from governance.kernel.tenancy.context import no_district
from tests.browser.walk import ONLY, Stop, Walker, stops

EMPTY, LONG = "", "很" * 6001
"""Nothing at all; more words than any field takes."""
WORDS = ("text", "search", "tel", "email", "url", "password", "textarea", "")
NUMBERS = ("number", "date", "datetime-local", "time")


@dataclass
class Form:
    """A form of a page: where it goes, what it sends of itself, what a person fills in (name and kind)."""

    place: int
    action: str
    sends: dict[str, str] = field(default_factory=dict)
    asks: list[tuple[str, str]] = field(default_factory=list)
    button: tuple[bool, dict[str, str]] | None = None
    """The button that is pressed: the main one (``pri``), else the first; and what it says."""

    def body(self, words: str) -> dict[str, str]:
        """What a browser sends where every field says ``words`` or nothing."""
        said = {name: words for name, kind in self.asks if kind in WORDS}
        return {
            **{name: "" for name, kind in self.asks if kind in ("number", "date", "datetime-local", "time")},
            **said,
            **self.sends,
            **(self.button[1] if self.button else {}),
        }


class Forms(HTMLParser):
    """The forms of a page that post, with their place among all its forms."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.posts: list[Form] = []
        self.count = 0
        self.open: Form | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.open = Form(self.count, given.get("action", ""))
            self.count += 1
            if given.get("method", "").lower() == "post" and "hidden" not in given:
                self.posts.append(self.open)
        elif self.open is not None:
            self._field(self.open, tag, given)

    def _field(self, form: Form, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text" if tag == "input" else tag).lower()
        if kind == "submit" or (tag == "button" and "type" not in given):
            is_main = "pri" in given.get("class", "").split()
            if form.button is None or (is_main and not form.button[0]):
                form.button = (is_main, {name: given.get("value", "")} if name else {})
        elif not name:
            return
        elif kind == "hidden":
            form.sends[name] = given.get("value", "")
        elif tag in ("input", "select", "textarea"):
            form.asks.append((name, kind))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None


@dataclass(frozen=True)
class Refusal:
    """A form that comes back when it is sent with ``words`` in its fields. ``kind``: what the form does."""

    kind: str
    stop: Stop
    place: int
    words: str


def refusals(walker: Walker, surface: str, values: dict[str, Any]) -> Iterator[Refusal]:
    """One of each kind of form of a surface that is refused when it says nothing, else when it says too much.

    Forms that ask for nothing cannot be refused for what they say. Everything is posted inside a transaction that is
    rolled back, so that the pages stand as they were.
    """
    district = walker.world.district.code
    seen: set[str] = set()
    for stop in stops(surface, values):
        client = walker.client(stop.person)
        here = f"/d/{district}{stop.path}"
        answer = client.get(here)
        if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        for form in Forms(answer.content.decode()).posts:
            kind = kind_of(form.action or stop.path, district)
            if kind in seen or not form.asks or not kind.startswith(ONLY):
                continue
            words = next(
                (each for each in (EMPTY, LONG) if comes_back(client, form.action or here, form.body(each))), None
            )
            if words is not None:
                seen.add(kind)
                yield Refusal(kind, stop, form.place, words)


def kind_of(address: str, district: str) -> str:
    """What an address does, whatever it does it to: desk:move resolve."""
    clear_script_prefix()
    try:
        match = resolve(address.split("?")[0].removeprefix(f"/d/{district}"))
    except Resolver404:
        return address
    said = [str(value) for value in match.kwargs.values() if re.fullmatch(r"[a-z_]+", str(value))]
    return " ".join([match.view_name, *said])


def comes_back(client: Client, address: str, body: dict[str, str]) -> bool:
    """Whether the form stands there again with what is wrong."""
    with no_district(), transaction.atomic():
        answer = client.post(address, body)
        transaction.set_rollback(True)
    if answer.status_code not in (200, 400, 409, 422) or "text/html" not in answer.headers.get("Content-Type", ""):
        return False
    return bool(re.search(r'class="(err|form-err)\b|aria-invalid="true"', answer.content.decode()))
