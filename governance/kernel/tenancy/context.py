"""Which district this request, task or command works for.

One ``ContextVar`` holds the scope. The database wrapper sends it to PostgreSQL at the first statement of every
transaction, managers filter by it, and ``governance.kernel.clock`` reads the demo's time shift from it. Without a
scope, district tables cannot be read or written at all: that is an error, never an empty list.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction
from django.utils import timezone

if TYPE_CHECKING:
    from governance.kernel.models import District


class NoDistrict(RuntimeError):
    """A district table was touched outside any district's scope."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The district in force and how far its clock is shifted (zero in production)."""

    district: District
    shift: timedelta = timedelta(0)


_scope: ContextVar[Scope | None] = ContextVar("district_scope", default=None)


def current_scope() -> Scope | None:
    return _scope.get()


def current_district() -> District:
    """The district in force; raises ``NoDistrict`` where there is none."""
    scope = _scope.get()
    if scope is None:
        raise NoDistrict("no district in scope: open one with district_scope() or district_transaction()")
    return scope.district


def current_district_id() -> int:
    """Primary key of the district in force; the default of every ``district`` column."""
    return current_district().pk


def optional_district_id() -> int | None:
    scope = _scope.get()
    return None if scope is None else scope.district.pk


@contextmanager
def district_scope(district: District | int) -> Iterator[District]:
    """Work for one district. An id is looked up (one statement); ``District.DoesNotExist`` if it is unknown."""
    from governance.kernel.models import District

    if not isinstance(district, District):
        district = District.objects.with_shift().get(pk=district)
    token = _scope.set(Scope(district, district.clock_shift))
    try:
        yield district
    finally:
        _scope.reset(token)


@contextmanager
def scope_at(district: District, moment: datetime) -> Iterator[District]:
    """One district's scope whose clock stands at another moment: for the demo's past. Refused in production."""
    if not settings.CLOCK_SHIFT_ALLOWED:
        raise RuntimeError("the clock of this installation cannot be shifted")
    token = _scope.set(Scope(district, moment - timezone.now()))
    try:
        yield district
    finally:
        _scope.reset(token)


@contextmanager
def no_district() -> Iterator[None]:
    """Leave the scope, for the few steps that belong to the platform and not to a district."""
    token = _scope.set(None)
    try:
        yield
    finally:
        _scope.reset(token)


@contextmanager
def district_transaction(district: District | int) -> Iterator[District]:
    """One district's scope and one transaction, which row security needs."""
    with district_scope(district) as found, transaction.atomic():
        yield found
