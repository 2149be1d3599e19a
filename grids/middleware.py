from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from governance.kernel.actors import Actor
from grids.queries import actor_for
from grids.reference import territory


def actor_of(request: HttpRequest) -> Actor:
    """Who makes this request; looked up once, when first asked."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return Actor.public()
    cached: Actor | None = getattr(request, "_actor", None)
    if cached is None or cached.membership_id != membership.pk:
        cached = actor_for(membership)
        request._actor = cached  # type: ignore[attr-defined]
    return cached


def post_kinds_of(request: HttpRequest) -> frozenset[str]:
    """Kinds of the posts held today; out of the cached territory, for what is asked on every request."""
    membership = getattr(request, "membership", None)
    if membership is None:
        return frozenset()
    return frozenset(holder.kind for holder in territory().held_by(membership.pk))


class ActorMiddleware:
    """Sets ``request.actor`` (the member with today's posts, or the public) and ``request.post_kinds``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.actor = SimpleLazyObject(lambda: actor_of(request))  # type: ignore[attr-defined]
        request.post_kinds = SimpleLazyObject(lambda: post_kinds_of(request))  # type: ignore[attr-defined]
        return self.get_response(request)
