"""What a row of the file means against what the district has: new, changed, the same, or why it cannot be taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.actions.areas import OWN_KINDS, area_below, own_name, own_organization, path_below
from grids.actions.borders import parent_problem
from grids.actions.buildings import building_label
from grids.geometry import border_problem, overlap_notes, polygon
from grids.importing.errors import RowError
from grids.importing.extensions import EXTENSIONS
from grids.importing.people import People
from grids.importing.reading import Row
from grids.importing.register import Register
from grids.importing.writing import Writer
from grids.models import Area, AreaBorder, Building, Compound, Level, Organization, RegisterImportRow, Room, Unit

NEW, UPDATE, SAME, BAD = (outcome.value for outcome in RegisterImportRow.Outcome)
_ABOVE = {Level.STREET.value: Level.DISTRICT, Level.COMMUNITY.value: Level.STREET, Level.GRID.value: Level.COMMUNITY}
_ROOM_FIELDS = {"floor", "use"}


@dataclass(frozen=True, slots=True)
class Result:
    label: str
    outcome: str
    reasons: str = ""


def require(found: Any, message: str) -> Any:
    if found is None:
        raise RowError(message)
    return found


class Planner:
    """Plans rows one after another. Each object it makes is known to the rows that follow."""

    def __init__(self, register: Register, writer: Writer, actor: Actor) -> None:
        self.register, self.writer = register, writer
        self._people = People(register, writer, actor)
        self.today: date = clock.today()
        self._drawn: set[str] = set()
        shared: dict[str, Any] = {}
        self._others = {kind: each.planner(register, writer, actor, shared) for kind, each in EXTENSIONS.items()}

    def plan(self, row: Row) -> Result:
        label = self.label(row)
        if row.problems:
            return Result(label, BAD, "；".join(row.problems))
        try:
            outcome, remark = self._planned(row)
        except RowError as error:
            return Result(label, BAD, str(error))
        return Result(label, outcome, remark)

    def _planned(self, row: Row) -> tuple[str, str]:
        other = self._others.get(row.sheet)
        if other is None:
            planned: tuple[str, str] = getattr(self, f"_{row.sheet}")(row.values)
            return planned
        is_new, is_changed = other.plan(row.values)
        return (NEW if is_new else UPDATE if is_changed else SAME), ""

    @staticmethod
    def label(row: Row) -> str:
        """Names the row by place and code, never by a person."""
        given = row.values
        keys = {
            "areas": ("code", "name"), "borders": ("code",), "organizations": ("name",),
            "compounds": ("community", "name"), "buildings": ("grid", "compound", "number", "name"),
            "rooms": ("grid", "building", "unit", "room"), "staff": ("organization", "post"),
            **{kind: each.label_keys for kind, each in EXTENSIONS.items()},
        }[row.sheet]  # fmt: skip
        return " ".join(str(given[key]) for key in keys if given.get(key) not in (None, ""))[:120]

    def _area(self, code: str, level: str) -> Area:
        area = require(self.register.areas.get(code), _("没有代码为 {code} 的区域").format(code=code))
        if area.level != level:
            raise RowError(_("{code} 不是{level}").format(code=code, level=Level(level).label))
        found: Area = area
        return found

    def _changed(self, row: Any, values: dict[str, Any]) -> tuple[str, str]:
        return (UPDATE if self.writer.change(row, values) else SAME), ""

    # Areas and their own organizations

    def _areas(self, given: dict[str, Any]) -> tuple[str, str]:
        register, level, code = self.register, given["level"], given["code"]
        if code in register.ended_codes:
            raise RowError(_("代码 {code} 属于已停用的区域，不能再用").format(code=code))
        parent = self._parent(given, level)
        fields: dict[str, Any] = {
            key: given[key] for key in ("name", "grid_kind", "household_count", "resident_count") if key in given
        }
        if level != Level.GRID:
            fields.pop("grid_kind", None)
        area = register.areas.get(code)
        if area is not None:
            if area.level != level:
                raise RowError(_("{code} 已是{level}，导入不改变层级").format(code=code, level=Level(area.level).label))
            if parent is not None and area.parent is not None and area.parent.code != parent.code:
                raise RowError(_("{code} 的上级是 {parent}，导入不改变隶属").format(code=code, parent=area.parent.code))
            return self._changed(area, fields)
        name = require(given.get("name"), _("新增区域要填名称"))
        above: Area = require(parent, _("新增{level}要填上级代码").format(level=Level(level).label))
        path = path_below(above, code)
        if path in register.paths or len(path) > 80:
            raise RowError(_("代码 {code} 与同级区域冲突").format(code=code))
        # The organization's name is unique in the district.
        said = require(
            own_name(name, level, above.name, lambda text: text not in register.organizations),
            _("已有名为“{name}”的单位，请换一个区域名称").format(name=name),
        )
        area = area_below(above, code=code, on=self.today, **fields)
        register.areas[code] = area
        register.paths.add(path)
        self.writer.create(area)
        own = own_organization(area, name=said, parent=register.organization_of(above))
        register.organizations[own.name] = register.own[code] = own
        self.writer.create(own)
        return NEW, ""

    def _parent(self, given: dict[str, Any], level: str) -> Area | None:
        if level == Level.STREET:
            parent = self.register.district_area
            if given.get("parent", parent.code) != parent.code:
                raise RowError(_("街道的上级只能是本区 {code}").format(code=parent.code))
            return parent
        return self._area(given["parent"], _ABOVE[level].value) if "parent" in given else None

    def _borders(self, given: dict[str, Any]) -> tuple[str, str]:
        code, geometry = given["code"], given["geometry"]
        area: Area = require(self.register.areas.get(code), _("没有代码为 {code} 的区域").format(code=code))
        problem = border_problem(geometry)
        if problem:
            raise RowError(problem)
        above = self.register.borders.get(area.parent.code) if area.parent else None
        if above is not None:
            outside = parent_problem(geometry, above.geometry, area.parent.code)
            if outside:
                raise RowError(outside)
        self._drawn.add(code)
        border = self.register.borders.get(code)
        kept = {"type": geometry["type"], "coordinates": geometry["coordinates"]}
        if border is not None:
            return self._changed(border, {"geometry": kept})
        self.register.borders[code] = border = AreaBorder(area=area, geometry=kept)
        self.writer.create(border)
        return NEW, ""

    def border_notes(self) -> list[str]:
        """Overlaps and gaps under the parents of the borders in the file."""
        areas, borders, notes = self.register.areas, self.register.borders, []
        drawn = [areas[code] for code in self._drawn if areas[code].parent is not None]  # the district has no siblings
        for code in sorted({area.parent.code for area in drawn}):
            level = {area.level for area in drawn if area.parent.code == code}
            siblings = {
                area.code: polygon(borders[area.code].geometry)
                for area in areas.values()
                if area.parent is not None and area.parent.code == code and area.level in level
                if area.code in borders
            }
            above = borders.get(code)
            notes += overlap_notes(siblings, polygon(above.geometry) if above else None, areas[code].name)
        return notes[:100]

    # Organizations

    def _organizations(self, given: dict[str, Any]) -> tuple[str, str]:
        register, name, kind = self.register, given["name"], given.get("kind")
        area = register.district_area
        if "area" in given:
            area = require(register.areas.get(given["area"]), _("没有代码为 {code} 的区域").format(code=given["area"]))
        found = register.organizations.get(name)
        own_level = next((level for level, own in OWN_KINDS.items() if own == kind), None)
        if own_level is not None:
            if area.level != own_level:
                raise RowError(_("这类单位的区域代码要填{level}的").format(level=Level(own_level).label))
            own = register.own.get(area.code)
            if own is not None and found is not None and own is not found:
                raise RowError(_("单位“{name}”已属于别的区域").format(name=name))
            found = own or found
        if found is not None and found.ended_on is not None:
            raise RowError(_("单位“{name}”已撤销").format(name=name))
        fields: dict[str, Any] = {key: given[key] for key in ("name", "department_kind", "phone") if key in given}
        if "parent" in given:
            parent = require(
                register.organizations.get(given["parent"]),
                _("没有名为“{name}”的上级单位").format(name=given["parent"]),
            )
            if found is not None and (found.parent.name if found.parent else "") != parent.name:
                raise RowError(_("导入不改变已有单位的上级"))
        else:
            parent = register.organization_of(area if own_level is None else area.parent)
        if found is not None:
            if kind is not None and kind != found.kind:
                raise RowError(_("“{name}”已是另一类单位，导入不改变类型").format(name=name))
            old = found.name
            outcome = self._changed(found, fields)
            register.organizations[name] = register.organizations.pop(old)
            return outcome
        made = Organization(
            kind=require(kind, _("新增单位要填类型")), area=area, parent=parent,
            level=own_level or Level.DEPARTMENT.value, **fields,
        )  # fmt: skip
        register.organizations[name] = made
        if own_level is not None:
            register.own[area.code] = made
        self.writer.create(made)
        return NEW, ""

    # Compounds, buildings, rooms

    def _compounds(self, given: dict[str, Any]) -> tuple[str, str]:
        community = self._area(given["community"], "community")
        fields: dict[str, Any] = {key: given[key] for key in ("kind", "management", "address") if key in given}
        if "property_company" in given:
            company = self.register.organizations.get(given["property_company"])
            if company is None or company.kind != Organization.Kind.PROPERTY_COMPANY:
                raise RowError(_("没有名为“{name}”的物业公司").format(name=given["property_company"]))
            self._saved(company)
            fields["property_company_id"] = company.pk
        found = self.register.compounds.get((community.code, given["name"]))
        if found is not None:
            if found.ended_on is not None:
                raise RowError(_("小区“{name}”已停用").format(name=found.name))
            return self._changed(found, fields)
        fields.setdefault("management", Compound.Management.NONE.value)
        made = Compound(community=community, name=given["name"], **fields)
        self.register.compounds[community.code, made.name] = made
        self.writer.create(made)
        return NEW, ""

    def _buildings(self, given: dict[str, Any]) -> tuple[str, str]:
        grid = self._area(given["grid"], "grid")
        compound = None
        if "compound" in given:
            community = grid.parent.code if grid.parent else ""
            compound = require(
                self.register.compounds.get((community, given["compound"])),
                _("社区 {code} 没有小区“{name}”").format(code=community, name=given["compound"]),
            )
            if compound.ended_on is not None:
                raise RowError(_("小区“{name}”已停用").format(name=compound.name))
        name = given.get("name") or building_label(given.get("compound", ""), given["number"])
        if ("lng" in given) != ("lat" in given):
            raise RowError(_("经度和纬度要一起填"))
        keys = ("number", "address", "lng", "lat", "unit_count", "floor_count", "household_count")
        fields: dict[str, Any] = {key: given[key] for key in keys if key in given}
        found = self.register.buildings.get((grid.code, name))
        if found is not None:
            if found.ended_on is not None:
                raise RowError(_("楼栋“{name}”已停用").format(name=name))
            if compound is not None:
                self._saved(compound)
                fields["compound_id"] = compound.pk
            return self._changed(found, fields)
        made = Building(grid=grid, compound=compound, name=name, **fields)
        self.register.buildings[grid.code, name] = made
        self.writer.create(made)
        return NEW, ""

    def _rooms(self, given: dict[str, Any]) -> tuple[str, str]:
        grid = self._area(given["grid"], "grid")
        key = (grid.code, given["building"])
        building = require(
            self.register.buildings.get(key), _("网格 {code} 没有楼栋“{name}”").format(code=key[0], name=key[1])
        )
        if "room" not in given and _ROOM_FIELDS & given.keys():
            raise RowError(_("填了楼层或用途，却没有房号"))
        unit = self.register.units.get((*key, given["unit"]))
        found = self.register.rooms.get((*key, given["unit"], given["room"])) if "room" in given else None
        if "room" in given and found is None and "floor" not in given:
            raise RowError(_("新增户室要填楼层"))
        is_new = unit is None
        if unit is None:
            self.register.units[*key, given["unit"]] = unit = Unit(building=building, number=given["unit"])
            self.writer.create(unit)
        if "room" not in given:
            return (NEW if is_new else SAME), ""
        fields: dict[str, Any] = {name: given[name] for name in _ROOM_FIELDS if name in given}
        if found is not None:
            return self._changed(found, fields)
        made = Room(unit=unit, number=given["room"], **fields)
        self.register.rooms[*key, given["unit"], made.number] = made
        self.writer.create(made)
        return NEW, ""

    def _saved(self, row: Any) -> None:
        """A plain column is about to hold this object's id."""
        if row.pk is None:
            self.writer.flush()

    # People

    def _staff(self, given: dict[str, Any]) -> tuple[str, str]:
        is_new, is_changed = self._people.plan(given)
        return (NEW if is_new else UPDATE if is_changed else SAME), ""
