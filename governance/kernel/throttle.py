"""How often one caller may do one thing: the same limits for pages and for the API (ADR 23).

Counted in Redis, in spans of fixed length. While Redis is away, limits of ``settings.THROTTLE_KEPT`` (what writes, or
could be guessed) are counted in the district's own table; the others let everybody through, for a page that can be
read is worth more than a count of its readers.

A caller is the member who is signed in, else the network address: a street office behind one address shares no limit
among its staff. Addresses are kept as keyed hashes alone.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from governance.kernel.crypto import keyed_hash
from governance.kernel.errors import DomainError
from governance.kernel.models import ThrottleCount
from governance.kernel.tenancy.context import optional_district_id
from governance.settings.proxy import client_address

log = structlog.get_logger(__name__)

RETRY_REDIS_AFTER = 10.0
"""Seconds for which a process leaves a Redis alone that did not answer: waiting for it would be an outage too."""

COUNT = """
INSERT INTO kernel_throttlecount (district_id, "limit", caller, "window", count, ends_at)
VALUES (%s, %s, %s, %s, 1, %s)
ON CONFLICT (district_id, "limit", caller, "window") DO UPDATE SET count = kernel_throttlecount.count + 1
RETURNING count
"""


@dataclass
class _Redis:
    """What this process knows of it: until when (monotonic seconds) it is not asked."""

    away_until: float = 0.0


redis = _Redis()


@dataclass(frozen=True)
class Verdict:
    """One limit after one act of one caller: ``quota`` acts in ``seconds``, ``used`` so far, ``wait`` seconds left."""

    limit: str
    quota: int
    seconds: int
    used: int
    wait: int

    @property
    def allowed(self) -> bool:
        return self.used <= self.quota

    @property
    def headers(self) -> dict[str, str]:
        """The header fields of the IETF's draft (ratelimit-headers-10), and ``Retry-After`` where it was too much."""
        found = {
            "RateLimit-Policy": f'"{self.limit}";q={self.quota};w={self.seconds}',
            "RateLimit": f'"{self.limit}";r={max(self.quota - self.used, 0)};t={self.wait}',
        }
        return found if self.allowed else {**found, "Retry-After": str(self.wait)}


class TooMany(DomainError):
    """Refused for a while. The network is named, for it may have been somebody else behind the same address."""

    status = 429

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict
        minutes = math.ceil(verdict.wait / 60)
        super().__init__(
            "throttled",
            _("从您这个网络来的操作太多了，请过 {minutes} 分钟再试。").format(minutes=minutes),
        )


def take(request: HttpRequest, limit: str) -> None:
    """Count one act under a limit of ``settings.THROTTLES``. Raises ``TooMany``. No statement while Redis answers."""
    quota, seconds = settings.THROTTLES[limit]
    # Real time: the demo's clock may jump, Redis' own does not.
    moment = time.time()
    window = int(moment // seconds)
    wait = max(math.ceil((window + 1) * seconds - moment), 1)
    used = _count(limit, caller_of(request), window, seconds)
    if used is None:
        return
    verdict = Verdict(limit, quota, seconds, used, wait)
    request.throttle = verdict  # type: ignore[attr-defined]
    if not verdict.allowed:
        raise TooMany(verdict)


def caller_of(request: HttpRequest) -> str:
    membership: Any = getattr(request, "membership", None)
    if membership is not None:
        return f"member:{membership.district_id}:{membership.pk}"
    return f"address:{keyed_hash('throttle:' + _network(client_address(request)))[:32]}"


def _network(address: str) -> str:
    """The address; of IPv6 the /64 that one household or one phone has to itself."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:60]
    if isinstance(parsed, IPv6Address):
        return str(parsed.ipv4_mapped or ip_network((parsed, 64), strict=False))
    return str(parsed)


def _count(limit: str, caller: str, window: int, seconds: int) -> int | None:
    """How often, this time included; None where nobody can say."""
    if time.monotonic() >= redis.away_until:
        try:
            return _count_in_redis(f"throttle:{limit}:{caller}:{window}", seconds)
        except (RedisError, OSError) as error:
            redis.away_until = time.monotonic() + RETRY_REDIS_AFTER
            log.warning("throttle_without_redis", error=type(error).__name__)
    if limit in settings.THROTTLE_KEPT and optional_district_id() is not None:
        return _count_in_database(limit, caller, window, seconds)
    return None


def _count_in_redis(key: str, seconds: int) -> int:
    if cache.add(key, 1, timeout=seconds):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # it expired in between
        cache.add(key, 1, timeout=seconds)
        return 1


def _count_in_database(limit: str, caller: str, window: int, seconds: int) -> int:
    ends_at = datetime.fromtimestamp((window + 1) * seconds, UTC)
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [optional_district_id(), limit, caller, window, ends_at])
        return int(cursor.fetchone()[0])


def forget_old() -> int:
    """Delete the counts of the district in scope whose span has ended; how many they were."""
    return ThrottleCount.objects.filter(ends_at__lt=datetime.now(UTC)).delete()[0]


class ThrottleMiddleware:
    """Puts the header fields on every counted answer, and counts pages that show nothing worth keeping when refused.

    Forms count in their own views, where what was typed is at hand.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        verdict: Verdict | None = getattr(request, "throttle", None)
        if verdict is not None:
            for name, value in verdict.headers.items():
                response.headers[name] = value
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        from governance.kernel.views import error_page

        match = request.resolver_match
        limit = settings.THROTTLED_PAGES.get(f"{request.method} {match.view_name}") if match else None
        if limit is None:
            return None
        try:
            take(request, limit)
        except TooMany as error:
            return error_page(request, error.status, _("操作太频繁"), error.message)
        return None
