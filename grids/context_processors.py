"""What every page's frame shows: where we are, who is signed in, and the ways on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from governance.kernel import clock, handbook
from governance.kernel.actors import ADVISERS, HEADS
from grids.heads import held
from grids.middleware import actor_of
from grids.reference import territory

_WEEKDAYS = "一二三四五六日"
_DESK = {
    "grid_leader", "community_secretary", "community_staff", "street_dispatcher", "street_leader",
    "department_handler", "department_leader", "district_dispatcher", "return_visitor", "supervisor",
    "network_liaison", "report_officer",
}  # fmt: skip

_KEEPERS = frozenset({"grid_leader", "community_secretary", "community_staff"})

# Label, name of the address, kinds of post that see it.
NAVIGATION: tuple[tuple[str, str, frozenset[str]], ...] = (
    (gettext_noop("今日"), "board:home", frozenset({"district_official", "supervisor", "district_dispatcher"})),
    (gettext_noop("调度台"), "desk:inbox", frozenset(_DESK)),
    (gettext_noop("地图"), "desk:map", frozenset({*_DESK, "district_official"})),
    (gettext_noop("代为登记"), "desk:new", frozenset(_DESK - {"return_visitor", "supervisor", "report_officer"})),
    (gettext_noop("台账"), "desk:ledgers", frozenset({*_DESK, "district_official", "mediator"})),
    (gettext_noop("住户"), "households_desk:index", _KEEPERS),
    (gettext_noop("走访"), "visits_desk:index", _KEEPERS),
    (gettext_noop("摸排"), "canvasses_desk:index", _KEEPERS | {"street_dispatcher", "street_leader"}),
    (gettext_noop("调解"), "desk:mediation", frozenset({"mediator"})),
    (gettext_noop("力量"), "posts_desk:forces", ADVISERS),
    (gettext_noop("知识库"), "desk:answers", frozenset(_DESK)),
    (gettext_noop("公告"), "services_desk:compose", frozenset({*_DESK, "district_admin"})),
    (gettext_noop("消息"), "desk:notices", frozenset({*_DESK, "mediator"})),
    (gettext_noop("网格"), "worker:home", frozenset({"grid_worker"})),
    (gettext_noop("我的楼"), "worker:building", HEADS),
    (gettext_noop("区管理"), "manage:home", frozenset({"district_admin"})),
    (gettext_noop("个人信息"), "manage:people_data", frozenset({"security_admin"})),
    (gettext_noop("账号安全"), "manage:security", frozenset({"security_admin"})),
    (gettext_noop("审计记录"), "manage:audit", frozenset({"audit_admin"})),
    (gettext_noop("合规台账"), "manage:registers", frozenset({"security_admin"})),
    (gettext_noop("查看记录"), "manage:disclosures", frozenset({"audit_admin"})),
)

# Homes whose address other apps' pages lie below as well (/desk/posts/…): they mark their own app's pages only.
_HOMES = ("desk:inbox", "worker:home")

# Address of a list -> the entry of the menu it is reached by, where its address does not lie below that entry's.
_REACHED_BY: dict[str, str] = {}


def reached_by(entry: str, name: str) -> None:
    """Have the pages at and below the address ``name`` mark ``entry`` of ``NAVIGATION``; called where an app starts."""
    _REACHED_BY[name] = entry


def shell(request: HttpRequest) -> dict[str, Any]:
    """``shell`` as the frames in ``templates/shells`` describe it; built only where a template asks for it."""
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def _shell(request: HttpRequest) -> dict[str, Any]:
    district = getattr(request, "district", None)
    found: dict[str, Any] = {"place": district.name if district else "", "home_url": "/"}
    # Not by who is signed in: this frame is also that of the error page when the database is away.
    match = getattr(request, "resolver_match", None)
    found["help_url"] = handbook.help_url(is_platform=bool(match and match.namespace == "setup"))
    membership = getattr(request, "membership", None)
    if district is None:
        return found
    found["home_url"] = reverse("resident:home")
    if membership is None:
        return found
    actor, places = actor_of(request), territory()
    # Their own posts name them, also on days a deputy stands in.
    holders = [holder for holder in places.held_by(membership.pk) if holder.membership_id == membership.pk]
    holders += held(membership.pk)
    first = holders[0] if holders else None
    organization = places.organization_name(first.organization_id) if first else ""
    now = clock.local(clock.now())
    nav: list[dict[str, Any]] = [
        {"label": _(label), "name": name, "url": url}
        for label, name, kinds in NAVIGATION
        if kinds & actor.role_kinds and (url := _address(name))
    ]
    marked = entry_of(request.path, match.namespace if match else "", {item.pop("name"): item["url"] for item in nav})
    for item in nav:
        item["current"] = item["url"] == marked
    found.update(
        place=f"{district.name}·{organization}" if organization else district.name,
        nav=nav,
        home_url=nav[0]["url"] if nav else "/",
        person=first.name if first else request.user.get_username(),
        post=first.post_name if first else "",
        heading=organization,
        note=_("{name}·{day}").format(name=first.name if first else "", day=f"{now.month}月{now.day}日"),
        when=f"{now.month}月{now.day}日 周{_WEEKDAYS[now.weekday()]} {now:%H:%M}",
        logout_url=_address("accounts:sign_out"),
        help_url=handbook.help_url(role.kind for role in actor.roles),
    )
    return found


def entry_of(path: str, namespace: str, nav: dict[str, str]) -> str:
    """The entry's address a page belongs to; empty where it belongs to none, as what the account menu leads to."""
    below = {name: url for name, url in nav.items() if path == url or (url != "/" and path.startswith(url))}
    # Of nested addresses only the longest is where we are.
    own = max((url for name, url in below.items() if name not in _HOMES), key=len, default="")
    if own:
        return own
    lists = [name for name in _REACHED_BY if (url := _address(name)) and path.startswith(url)]
    if entries := [nav[_REACHED_BY[name]] for name in lists if _REACHED_BY[name] in nav]:
        return entries[0]
    return next((url for name, url in below.items() if name.partition(":")[0] == namespace), "")


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
