"""What a worker did in a month, by the three parts of the post (S3-23), from records that are there anyway.

Nobody reports figures about themselves, and nobody reads another person's. The app that holds the records registers
how its rows are found when it is loaded; the page of the month counts whatever is registered.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from governance.kernel.actors import Actor

PARTS = {"collect": _("信息收集"), "mediate": _("矛盾调解"), "coordinate": _("工作协调")}
"""The three parts, in their order."""


@dataclass(frozen=True)
class Line:
    """A row behind a number. ``url``: a path of the phone without its prefix, empty where it opens nowhere."""

    title: str
    note: str
    at: datetime
    url: str = ""


@dataclass(frozen=True)
class Duty:
    """``rows(actor, begin, end)``: the actor's own records from ``begin`` up to ``end``, newest first.

    ``lines`` words a page of them, in as many statements whatever their number.
    """

    code: str
    part: str
    title: Any
    rows: Callable[[Actor, datetime, datetime], QuerySet[Any]]
    lines: Callable[[Sequence[Any]], list[Line]]


_REGISTERED: dict[str, Duty] = {}


def register(duty: Duty) -> Duty:
    """Called once when an app is loaded."""
    if duty.part not in PARTS:
        raise ValueError(f"{duty.code}: no such part of the post")
    _REGISTERED[duty.code] = duty
    return duty


def duties() -> tuple[Duty, ...]:
    """Everything registered, by part."""
    order = list(PARTS)
    return tuple(sorted(_REGISTERED.values(), key=lambda duty: order.index(duty.part)))
