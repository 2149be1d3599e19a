"""Sheets of apps above: they bring their columns, and what a row of theirs means; this package never knows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import models

from governance.kernel.actors import Actor
from grids.importing.register import Register
from grids.importing.sheets import BY_KIND, BY_TITLE, ORDER, SHEETS, TITLES, Sheet
from grids.importing.writing import JOURNALED, Writer


class RowPlanner(Protocol):
    """Plans rows of one kind, one after another; keeps what it saw."""

    def plan(self, given: dict[str, Any]) -> tuple[bool, bool]:
        """Whether the row is something new, and whether it changes something known. Raises ``RowError``."""


@dataclass(frozen=True)
class Extension:
    """``label_keys`` name a row in reports, never a person. ``models`` are what the planner makes, parents first.

    ``planner(register, writer, actor, shared)``: ``shared`` is one dict for all extensions of a run.
    """

    sheet: Sheet
    label_keys: tuple[str, ...]
    planner: Callable[[Register, Writer, Actor, dict[str, Any]], RowPlanner]
    models: tuple[type[models.Model], ...]


EXTENSIONS: dict[str, Extension] = {}


def extend(extension: Extension) -> None:
    """Called once when an app is ready. Its sheet comes after those there are."""
    sheet = extension.sheet
    if sheet.kind in EXTENSIONS:
        return
    EXTENSIONS[sheet.kind] = extension
    SHEETS.append(sheet)
    ORDER.append(sheet.kind)
    BY_KIND[sheet.kind] = BY_TITLE[sheet.title] = sheet
    TITLES[sheet.kind] = sheet.title
    JOURNALED.extend(model for model in extension.models if model not in JOURNALED)
