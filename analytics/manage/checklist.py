"""What a district still needs before residents can rely on it, counted afresh on every visit."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Count, Q
from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.kernel import clock
from governance.kernel.calendar_store import work_calendar
from governance.kernel.tenancy.context import current_district
from grids.bands import STATES, bands, count_misfits
from grids.models import SEPARATED, AreaBorder, Building, Level, PostKind
from grids.reference import territory
from requests_intake.models import Category
from requests_intake.reference import rules


@dataclass(frozen=True)
class Item:
    """One line: whether it is in order, what was counted, and the name of the address of the page that mends it."""

    title: str
    done: bool
    found: str
    url_name: str


def checklist() -> list[Item]:
    """The lines for the district in scope, in the order in which a district is set up."""
    return [*_territory(), *_people(), *_rules()]


def _territory() -> list[Item]:
    places, path = territory(), current_district().escalation_path
    items = []
    for level in (Level.STREET, Level.COMMUNITY, Level.GRID):
        # A grid always lies in a community, and that in a street, whatever way tickets take.
        count = len(places.at_level(level))
        items.append(Item(str(level.label), count > 0, _("{n} 个").format(n=count), "manage:areas"))
    mapped = set(AreaBorder.objects.values_list("area_id", flat=True))
    without = sum(area.id not in mapped for area in places.areas.values())
    items.append(Item(_("边界"), not without, _missing(without, _("个区域没有边界")), "manage:areas"))
    grids = [area.id for area in places.at_level(Level.GRID)]
    built = set(Building.objects.filter(ended_on=None).values_list("grid_id", flat=True).distinct())
    empty = sum(grid not in built for grid in grids)
    missing = _missing(empty, _("个网格没有楼栋")) if grids else _("还没有网格")
    items.append(Item(_("楼栋"), bool(grids) and not empty, missing, "manage:buildings"))
    counts = count_misfits(bands())
    misfit = sum(counts[state] for state in STATES)
    found = _missing(misfit, _("个网格户数不合适或没登记")) if grids else _("还没有网格")
    items.append(Item(_("网格大小"), bool(grids) and not misfit, found, "manage:bands"))
    lacking = sum(area.level in path and area.id not in places.own for area in places.areas.values())
    items.append(Item(_("承办单位"), not lacking, _missing(lacking, _("个区域没有自己的单位")), "manage:organizations"))
    return items


def _people() -> list[Item]:
    places = territory()
    vacant = sum(places.handler(organization) is None for organization in places.organizations)
    staff = Membership.objects.filter(kind=Membership.Kind.STAFF, is_active=True).aggregate(
        everybody=Count("pk"), waiting=Count("pk", filter=Q(user__password__startswith=UNUSABLE_PASSWORD_PREFIX))
    )
    return [
        Item(_("岗位"), not vacant, _missing(vacant, _("个单位缺岗")), "manage:vacancies"),
        Item(_("工作人员"), staff["everybody"] > 1, _("{n} 人").format(n=staff["everybody"]), "manage:people"),
        Item(_("登录"), not staff["waiting"], _missing(staff["waiting"], _("人还不能登录")), "manage:people"),
        _administrators(),
    ]


def _administrators() -> Item:
    """The two who check on the district's administrator are appointed by them, each a person of their own."""
    places = territory()
    held = {holder.kind for holder in places.serving(places.center().id)}
    found = [str(PostKind(kind).label) for kind in SEPARATED if kind not in held]
    missing = _("缺{posts}").format(posts="、".join(found)) if found else _("齐全")
    return Item(_("安全管理员、审计员已任命"), not found, missing, "manage:organizations")


def _rules() -> list[Item]:
    categories = Category.objects.filter(is_active=True).exclude(parent=None).count()
    version, _policy = rules().policy()
    year = clock.today().year + 1
    published = year in work_calendar().published_years
    return [
        Item(_("事项分类"), categories > 0, _("{n} 类").format(n=categories), "manage:categories"),
        Item(_("办理时限"), version > 0, _("第 {n} 版").format(n=version), "manage:policy"),
        Item(
            _("工作日历"),
            published,
            _("{year} 年已公布").format(year=year) if published else _("{year} 年尚未公布").format(year=year),
            "manage:calendar",
        ),
    ]


def _missing(count: int, what: str) -> str:
    return f"{count} {what}" if count else _("齐全")
