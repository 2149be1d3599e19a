"""Links of the register, which lead to the same page on the surface one is at."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from grids.households.views.surface import Surface

register = template.Library()


@register.simple_tag(takes_context=True)
def register_url(context: Mapping[str, Any], name: str, *args: Any) -> str:
    """The address ``name`` of the page's ``surface``."""
    surface: Surface = context["surface"]
    return surface.url(name, *args)
