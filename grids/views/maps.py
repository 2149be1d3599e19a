"""What every page with a map has in common: where its data is, the tiles if there are any, and the policy for them."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from grids.coordinates import WGS84
from grids.reference import territory


def map_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Lets the page show tiles from the host of ``MAP_TILES``, and nothing else from elsewhere."""

    @wraps(view)
    def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        tiles = settings.MAP_TILES
        if tiles is not None and tiles.origin:
            response._csp_update = {"img-src": [tiles.origin]}  # type: ignore[attr-defined]
        return response

    return opened


def datum() -> str:
    """In which the page's map is drawn: that of its tiles."""
    return settings.MAP_TILES.datum if settings.MAP_TILES is not None else WGS84


def map_context(within: int, **more: Any) -> dict[str, Any]:
    """``map`` of ``components/map.html``. ``more``: ``tickets`` and ``go`` addresses, ``queue``, ``label`` …"""
    tiles, area = settings.MAP_TILES, territory().areas.get(within)
    around = area.parent_id if area is not None and area.level == "grid" else within
    return {
        "within": within,
        "name": territory().area_name(around),
        "areas": reverse("api:map-areas"),
        "places": reverse("api:map-places"),
        "datum": datum(),
        "tiles": tiles,
        **more,
    }
