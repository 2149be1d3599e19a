"""Process caches of a district's reference data, exact by version.

``District.reference_version`` is read with the district at the start of every request and task. Whoever changes
reference data calls ``bump_reference()`` in the same transaction, so the next request reads afresh, in every process,
without a message and without a time-out.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from django.db.models import F

from governance.kernel.tenancy.context import current_district

T = TypeVar("T")

_KEPT = 256
_cache: OrderedDict[tuple[str, int, int], Any] = OrderedDict()
_lock = Lock()


def per_district(load: Callable[[], T]) -> Callable[[], T]:
    """Cache the result of ``load()`` for the district in scope until its reference version changes."""
    name = f"{load.__module__}.{load.__qualname__}"

    def cached() -> T:
        district = current_district()
        key = (name, district.pk, district.reference_version)
        with _lock:
            if key in _cache:
                _cache.move_to_end(key)
                found: T = _cache[key]
                return found
        value = load()
        with _lock:
            _cache[key] = value
            while len(_cache) > _KEPT:
                _cache.popitem(last=False)
        return value

    cached.__name__, cached.__doc__, cached.__module__ = load.__name__, load.__doc__, load.__module__
    return cached


def bump_reference() -> None:
    """Reference data of the district in scope has changed: later scopes, and this one, read it afresh."""
    from governance.kernel.models import District

    district = current_district()
    District.objects.filter(pk=district.pk).update(reference_version=F("reference_version") + 1)
    district.reference_version = District.objects.values_list("reference_version", flat=True).get(pk=district.pk)


def forget_everything() -> None:
    """Empty the caches (tests roll transactions back, which a version cannot see)."""
    with _lock:
        _cache.clear()
