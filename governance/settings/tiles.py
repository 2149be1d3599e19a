"""An optional source of background tiles for maps. Without one every map is drawn from the district's own borders."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from governance.settings import env

_DATUMS = ("wgs84", "gcj02")


@dataclass(frozen=True)
class Tiles:
    """``origin`` is the one host the content policy opens for pictures, on pages with a map only.

    ``datum``: in which the tiles are drawn. What is laid over them is shifted there, what is drawn on them is shifted
    back: inside everything stays WGS-84.
    """

    url: str
    origin: str
    attribution: str
    datum: str
    max_zoom: int


def tiles() -> Tiles | None:
    """``MAP_TILES``: ``https://host/{z}/{x}/{y}.png`` or a path of our own; None where it is not set."""
    url = env.text("MAP_TILES", "")
    if not url:
        return None
    if not all(part in url for part in ("{z}", "{x}", "{y}")):
        raise ImproperlyConfigured("MAP_TILES needs {z}, {x} and {y}, as in https://host/{z}/{x}/{y}.png.")
    parts = urlsplit(url)
    is_own = not parts.netloc and url.startswith("/")
    if not is_own and (parts.scheme != "https" or "{" in parts.netloc or "*" in parts.netloc or ";" in url):
        raise ImproperlyConfigured(
            "MAP_TILES must be a path or one https host without {s}: the content policy names it."
        )
    datum = env.text("MAP_TILES_DATUM", "wgs84").lower()
    if datum not in _DATUMS:
        raise ImproperlyConfigured(f"MAP_TILES_DATUM={datum!r} is none of {', '.join(_DATUMS)}.")
    origin = "" if is_own else f"https://{parts.netloc}"
    max_zoom = env.integer("MAP_TILES_MAX_ZOOM", 18, minimum=1)
    return Tiles(url, origin, env.text("MAP_TILES_ATTRIBUTION", ""), datum, max_zoom)
