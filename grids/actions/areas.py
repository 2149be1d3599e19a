"""Streets, communities and grids: founding them with their own organization, renaming, ending.

Areas never change their parent: codes, work and statistics hang on it. A grid that goes to another community is
founded there anew, its buildings are moved, and the old one ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.reference import bump_reference
from grids.actions.posts import end_post
from grids.area_codes import code_problem
from grids.generation.organizations import POSTS
from grids.models import Area, Building, Compound, Level, Organization, Post, PostAssignment
from grids.stamps import require_unchanged

OWN_KINDS = {
    Level.GRID.value: Organization.Kind.GRID_TEAM.value,
    Level.COMMUNITY.value: Organization.Kind.RESIDENTS_COMMITTEE.value,
    Level.STREET.value: Organization.Kind.STREET_OFFICE.value,
}
"""Level of an area → the kind of the organization that answers for it."""
BELOW = {
    Level.DISTRICT.value: Level.STREET.value,
    Level.STREET.value: Level.COMMUNITY.value,
    Level.COMMUNITY.value: Level.GRID.value,
}
"""Level of an area → the level of the areas in it."""
EDITED = ("name", "grid_kind", "household_count", "resident_count")
_OWN_ENDING = {Level.STREET.value: "办事处", Level.COMMUNITY.value: "居委会"}
_CODE_WORDS = {
    "digits": gettext_noop("区划代码只能是数字。"),
    "parent": gettext_noop("区划代码要以上级的代码 {parent} 开头。"),
    "length": gettext_noop("区划代码是上级代码 {parent} 再加三位，从 001 起。"),
    "street": gettext_noop("街道的后三位在 001 到 599 之间（街道 001–099，镇 100–199，乡 200–399）。"),
}


def path_below(parent: Area, code: str) -> str:
    return f"{parent.path}.{code.removeprefix(parent.code)}"


def area_below(parent: Area, *, code: str, on: date, **fields: Any) -> Area:
    """A new, unsaved area one level below ``parent``; a grid is a basic one unless something else is said."""
    level = BELOW[parent.level]
    if level == Level.GRID:
        fields.setdefault("grid_kind", Area.GridKind.BASIC.value)
    else:
        fields.pop("grid_kind", None)
    path = path_below(parent, code)
    return Area(
        level=level, code=code, parent=parent, path=path, valid_from=on,
        street_id=parent.street_id, community_id=parent.community_id, **fields,
    )  # fmt: skip


def own_organization(area: Area, *, name: str, parent: Organization | None) -> Organization:
    """The unsaved organization that answers for an area."""
    return Organization(name=name, kind=OWN_KINDS[area.level], level=area.level, area=area, parent=parent)


def own_name(name: str, level: str, above: str, is_free: Callable[[str], bool]) -> str | None:
    """A free name for an area's organization; grids are often called alike in every community, so that the name
    of the area above may go before. None where both are taken."""
    plain = name + _OWN_ENDING.get(level, "")
    return next((wanted for wanted in (plain, above + plain) if len(wanted) <= 60 and is_free(wanted)), None)


@transaction.atomic
def create_area(
    parent: Area,
    *,
    code: str,
    name: str,
    grid_kind: str = "",
    household_count: int = 0,
    resident_count: int = 0,
    actor: Actor,
) -> Area:
    """Found an area below ``parent`` from today, with its own organization and that one's empty posts.

    Raises ``NotAllowed``, ``Invalid`` (wrong code or one in use, no name or one whose organization's is taken, parent
    ended or a grid) and ``DomainError`` ``area_name_taken``.
    """
    require_administrator(actor)
    above = Area.objects.select_for_update().get(pk=parent.pk)
    if above.ended_on is not None or above.level not in BELOW:
        raise Invalid("wrong_parent", _("这里不能再设下级区域。"))
    level, code = BELOW[above.level], code.strip()
    problem = code_problem(code, above.code, level)
    if problem:
        raise _wrong("wrong_code", "code", _(_CODE_WORDS[problem]).format(parent=above.code))
    if Area.objects.filter(Q(code=code) | Q(path=path_below(above, code))).exists():
        raise _wrong("code_taken", "code", _("这个代码已有（或有过）区域在用。"))
    name = _free_name(above.pk, name)
    said = own_name(name, level, above.name, lambda text: not Organization.objects.filter(name=text).exists())
    if said is None:
        raise _wrong("organization_name_taken", "name", _("已有同名单位，请换一个区域名称。"))
    area = area_below(
        above, code=code, on=clock.today(), name=name, household_count=household_count, resident_count=resident_count,
        **({"grid_kind": grid_kind} if grid_kind else {}),
    )  # fmt: skip
    area.save()
    setattr(area, f"{level}_id", area.pk)
    area.save(update_fields=[level])
    own = own_organization(area, name=said, parent=organization_above(above))
    own.save()
    Post.objects.bulk_create(
        Post(organization=own, kind=kind, name=str(kind.label), is_leader=is_leader) for kind, is_leader in POSTS[level]
    )
    _told("area.create", area, actor, code=code, level=level, parent=above.pk, organization=own.pk)
    return area


def organization_above(area: Area | None) -> Organization | None:
    """The living organization of the area, else of the nearest area above it."""
    current = area
    while current is not None:
        found = own_of(current)
        if found is not None:
            return found
        current = current.parent
    return None


def own_of(area: Area) -> Organization | None:
    kinds = [*OWN_KINDS.values(), Organization.Kind.DISTRICT_CENTER.value]
    return Organization.objects.filter(area_id=area.pk, kind__in=kinds, ended_on=None).first()


@transaction.atomic
def update_area(
    area: Area,
    *,
    name: str,
    household_count: int,
    resident_count: int,
    grid_kind: str = "",
    stamp: str = "",
    actor: Actor,
) -> Area:
    """Rename an area, correct its kind and its numbers. Its organization is renamed with it where it bore its name.

    Raises ``NotAllowed``, ``Invalid`` and ``DomainError``: ``area_ended``, ``area_name_taken``, ``changed_meanwhile``.
    """
    require_administrator(actor)
    found = Area.objects.select_for_update().get(pk=area.pk)
    _require_living(found)
    require_unchanged(found, EDITED, stamp)
    old = found.name
    found.name = _free_name(found.parent_id, name, besides=found.pk)
    found.household_count, found.resident_count = household_count, resident_count
    if found.level == Level.GRID and grid_kind:
        found.grid_kind = grid_kind
    found.save(update_fields=list(EDITED))
    renamed = found.name != old and _rename_own(found, old)
    changes = {"name": [old, found.name], "organization_renamed": renamed} if found.name != old else {}
    _told(
        "area.update", found, actor, households=household_count, residents=resident_count,
        grid_kind=found.grid_kind, **changes,
    )  # fmt: skip
    return found


def _rename_own(area: Area, old: str) -> bool:
    own, ending = own_of(area), _OWN_ENDING.get(area.level, "")
    wanted = area.name + ending
    if own is None or not own.name.endswith(old + ending) or Organization.objects.filter(name=wanted).exists():
        return False
    own.name = wanted
    own.save(update_fields=["name"])
    return True


def stands_in_the_way(area: Area) -> dict[str, int]:
    """What of the register still lives in an area: areas, buildings, compounds, people in post, other organizations."""
    today = clock.today()
    held = PostAssignment.objects.filter(
        Q(until=None) | Q(until__gte=today), post__organization__area=area,
        post__organization__kind__in=OWN_KINDS.values(), post__ended_on=None,
    )  # fmt: skip
    others = Organization.objects.filter(area=area, ended_on=None).exclude(kind__in=OWN_KINDS.values())
    found = {
        "areas": Area.objects.filter(parent=area, ended_on=None).count(),
        "buildings": Building.objects.filter(grid=area, ended_on=None).count(),
        "compounds": Compound.objects.filter(community=area, ended_on=None).count(),
        "holders": held.count(),
        "organizations": others.count(),
    }
    return {name: count for name, count in found.items() if count}


@transaction.atomic
def end_area(area: Area, *, on: date, actor: Actor) -> Area:
    """Abolish an area and its own organization; ``on`` is the first day without it, today or before.

    Whether tickets are open there only the layers above know: pages go through ``requests_intake.actions.territory``.
    Raises ``NotAllowed``, ``Invalid`` (district, wrong day) and ``DomainError``: ``area_ended``, ``area_in_use``.
    """
    require_administrator(actor)
    found = Area.objects.select_for_update().get(pk=area.pk)
    _require_living(found)
    if found.level not in OWN_KINDS:
        raise Invalid("wrong_area", _("整个区不能停用。"))
    if not found.valid_from <= on <= clock.today():
        words = _("停用日期应在启用日期（{since}）和今天之间。").format(since=found.valid_from.isoformat())
        raise _wrong("wrong_day", "on", words)
    in_use = stands_in_the_way(found)
    if in_use:
        raise DomainError("area_in_use", _("这里还有没处理完的，见下面的清单。"), found=in_use)
    own = own_of(found)
    if own is not None:
        for post in Post.objects.filter(organization=own, ended_on=None):
            end_post(post, actor=actor)
        own.ended_on = on
        own.save(update_fields=["ended_on"])
    found.ended_on = on
    found.save(update_fields=["ended_on"])
    _told("area.end", found, actor, on=on.isoformat(), organization=own.pk if own else None)
    return found


def _free_name(parent_id: int | None, name: str, besides: int | None = None) -> str:
    name = name.strip()
    if not name:
        raise _wrong("name_missing", "name", _("请填名称。"))
    siblings: Iterable[str] = (
        Area.objects.filter(parent_id=parent_id, ended_on=None).exclude(pk=besides).values_list("name", flat=True)
    )
    if name in siblings:
        words = _("同一个上级下面已有这个名称。")
        raise DomainError("area_name_taken", words, fields={"name": [words]})
    return name


def _require_living(area: Area) -> None:
    if area.ended_on is not None:
        raise DomainError("area_ended", _("这个区域已停用。"))


def _wrong(code: str, field: str, words: str) -> Invalid:
    return Invalid(code, words, fields={field: [words]})


def _told(action: str, area: Area, actor: Actor, **detail: Any) -> None:
    audit.record(action, actor=actor, object_kind="area", object_id=area.pk, **detail)
    bump_reference()
