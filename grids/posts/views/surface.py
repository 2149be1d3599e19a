"""Phone and desk show the same lists of forces, in the frames of the register."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from governance.accounts.guards import staff_required
from grids.households.views.surface import Surface
from grids.posts.policies import FORCE_READERS

PHONE = Surface("posts_phone", "worker", parts="posts")
DESK = Surface("posts_desk", "desk", parts="posts")


def readers_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """For pages of the lists: never kept by the browser, nothing posted in error reports."""
    guarded: Callable[..., HttpResponse] = staff_required(kinds=FORCE_READERS)(
        never_cache(sensitive_post_parameters()(view))
    )
    return guarded
