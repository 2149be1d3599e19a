"""Visits on phone and desk: the frame of the register, with parts of their own."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from grids.households.views import surface as register
from grids.households.views.surface import Surface

# On the phone 返回 stays within what it keeps.
PHONE = Surface("visits_phone", "worker", parts="visits", home="worker:home", register=register.PHONE)
DESK = Surface("visits_desk", "desk", parts="visits", register=register.DESK)

_TABS = (
    ("index", _("走访")),
    ("must", _("必到必访")),
    ("care", _("关爱台账")),
    ("members", _("联系党员")),
    ("sponsors", _("包保楼栋")),
)


def tabs(surface: Surface, current: str) -> dict[str, Any]:
    """The parts of this app as a row of links."""
    items = [
        {"label": label, "url": surface.url(name), "current": name == current, "count": None} for name, label in _TABS
    ]
    return {"visit_tabs": items, "register_home": (surface.register or surface).url("index")}
