"""Forms of areas, borders, compounds and buildings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Model
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.errors import DomainError
from grids.actions import buildings
from grids.geometry import read_border
from grids.models import Area, Compound, Level, Organization
from grids.reference import territory
from grids.views.manage_acts import ActForm, DayField, fresh_key

MOST_BYTES = 2_000_000
Choices = list[tuple[str, Any]]


def _count(label: Any, most: int = 1_000_000, least: int = 0, **options: Any) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    return forms.IntegerField(label=label, min_value=least, max_value=most, widget=widget, **options)


class StampedForm(ActForm):
    """Carries what it was drawn from; told that somebody was quicker, it keeps the input and takes the new state."""

    stamp = forms.CharField(required=False, widget=forms.HiddenInput)

    def refused(self, error: DomainError) -> None:
        super().refused(error)
        if "stamp" in error.data:
            self.say(stamp=error.data["stamp"], idempotency_key=fresh_key())

    def say(self, **values: str) -> None:
        """Put other values into what was sent, for the page that answers."""
        self.data = {**self.data.dict(), **values} if isinstance(self.data, QueryDict) else {**self.data, **values}

    def facts(self) -> dict[str, Any]:
        """What was said, as the action takes it."""
        return {name: value for name, value in self.cleaned_data.items() if name != "idempotency_key"}


class AreaForm(StampedForm):
    """A street, community or grid; the code is said once, when it is founded."""

    code = forms.CharField(
        label=gettext_lazy("区划代码"), max_length=20, help_text=gettext_lazy("按统计用区划代码顺延，设好后不能改。"),
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("名称"), max_length=60)
    grid_kind = forms.ChoiceField(label=gettext_lazy("网格类型"), choices=Area.GridKind.choices)
    household_count = _count(gettext_lazy("户数"))
    resident_count = _count(gettext_lazy("人数"))

    def __init__(self, *args: Any, level: str, area: Area | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if area is not None:
            del self.fields["code"]
        if level != Level.GRID:
            del self.fields["grid_kind"]


class EndAreaForm(ActForm):
    on = DayField(label=gettext_lazy("停用日期"), help_text=gettext_lazy("从这一天起没有这个区域。"))


class BorderForm(StampedForm):
    """A border as file or text. A file wins over what stands in the box."""

    file = forms.FileField(
        label=gettext_lazy("GeoJSON 文件"), required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".geojson,.json,application/geo+json,application/json"}),
    )  # fmt: skip
    text = forms.CharField(
        label=gettext_lazy("或者把 GeoJSON 贴在这里"), required=False, strip=True, max_length=MOST_BYTES,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono"}),
        help_text=gettext_lazy("Polygon 或 MultiPolygon，WGS-84 经纬度。"),
    )  # fmt: skip
    split_reason = forms.CharField(
        label=gettext_lazy("不连片的原因"), required=False, max_length=120,
        help_text=gettext_lazy("边界分成几块时要填，如中间隔着河。"),
    )  # fmt: skip

    def __init__(self, *args: Any, area: Area, **options: Any) -> None:
        super().__init__(*args, **options)
        self.area = area

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        file = given.get("file")
        if file is not None and file.size > MOST_BYTES:
            self.add_error("file", _("文件太大，最多 {limit} MB。").format(limit=MOST_BYTES // 1_000_000))
            return given
        try:
            text = file.read().decode("utf-8-sig") if file is not None else given.get("text", "")
        except UnicodeDecodeError:
            self.add_error("file", _("这个文件不是 UTF-8 文字。"))
            return given
        if not text.strip():
            self.add_error("text", _("请选一个文件，或者贴上 GeoJSON。"))
            return given
        given["text"] = text
        try:
            given["geometry"] = read_border(text, self.area.code)
        except ValueError as error:
            self.add_error("text" if file is None else "file", str(error))
        return given


class CompoundForm(StampedForm):
    community = forms.ChoiceField(label=gettext_lazy("社区"), widget=forms.Select(attrs={"data-combo": ""}))
    name = forms.CharField(label=gettext_lazy("小区名称"), max_length=60)
    management = forms.ChoiceField(label=gettext_lazy("管理方式"), choices=Compound.Management.choices)
    property_company = forms.ChoiceField(
        label=gettext_lazy("物业公司"), required=False, widget=forms.Select(attrs={"data-combo": ""})
    )
    kind = forms.CharField(
        label=gettext_lazy("类型"), max_length=30, required=False, help_text=gettext_lazy("如商品房、老旧小区。")
    )
    address = forms.CharField(label=gettext_lazy("地址"), max_length=120, required=False)

    def __init__(self, *args: Any, compound: Compound | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        places = territory()
        if compound is not None:
            del self.fields["community"]
        else:
            _offer(self, "community", [("", _("输几个字找社区")), *_communities()])
        companies = [row for row in places.organizations.values() if row.kind == Organization.Kind.PROPERTY_COMPANY]
        _offer(self, "property_company", [("", _("没有")), *((str(row.id), row.name) for row in companies)])

    def facts(self) -> dict[str, Any]:
        said = super().facts()
        if "community" in said:
            said["community"] = Area.objects.get(pk=said["community"])
            said.pop("stamp")
        company = said["property_company"]
        said["property_company"] = Organization.objects.get(pk=company) if company else None
        return said


class BuildingForm(StampedForm):
    grid = forms.ChoiceField(label=gettext_lazy("网格"), widget=forms.Select(attrs={"data-combo": ""}))
    compound = forms.ChoiceField(
        label=gettext_lazy("小区"), required=False, widget=forms.Select(attrs={"data-combo": ""}),
        help_text=gettext_lazy("要和网格在同一个社区；单独的楼可以不选。"),
    )  # fmt: skip
    number = forms.CharField(label=gettext_lazy("楼号"), max_length=20, help_text=gettext_lazy("如 3、甲。"))
    name = forms.CharField(
        label=gettext_lazy("楼栋名称"), max_length=60, required=False,
        help_text=gettext_lazy("不填就是小区名加楼号，如春晓花园3号楼。"),
    )  # fmt: skip
    address = forms.CharField(label=gettext_lazy("地址"), max_length=120, required=False)
    unit_count = _count(gettext_lazy("单元数"), 99, 1, initial=1)
    floor_count = _count(gettext_lazy("层数"), 200, 1, initial=1)
    household_count = _count(gettext_lazy("户数"), 10_000, initial=0)
    lng = forms.FloatField(label=gettext_lazy("经度"), required=False, min_value=-180, max_value=180)
    lat = forms.FloatField(
        label=gettext_lazy("纬度"), required=False, min_value=-90, max_value=90,
        help_text=gettext_lazy("WGS-84；没有边界时，附近报的事靠它找到这栋楼。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _offer(self, "grid", [("", _("输几个字找网格")), *grid_choices()])
        _offer(self, "compound", [("", _("不属于小区")), *compound_choices()])

    def facts(self) -> dict[str, Any]:
        said = super().facts()
        said["grid"] = Area.objects.get(pk=said["grid"])
        said["compound"] = Compound.objects.get(pk=said["compound"]) if said["compound"] else None
        return said


KEEP, NONE = "keep", "none"


class MoveForm(ActForm):
    grid = forms.ChoiceField(label=gettext_lazy("移到网格"), widget=forms.Select(attrs={"data-combo": ""}))
    compound = forms.ChoiceField(label=gettext_lazy("小区"), widget=forms.Select(attrs={"data-combo": ""}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        _offer(self, "grid", [("", _("输几个字找网格")), *grid_choices()])
        _offer(self, "compound", [(KEEP, _("不变")), (NONE, _("不属于小区")), *compound_choices()])

    def target(self) -> dict[str, Any]:
        chosen = self.cleaned_data["compound"]
        compound: Any = buildings.KEEP if chosen == KEEP else None
        if chosen not in (KEEP, NONE):
            compound = Compound.objects.get(pk=chosen)
        return {"grid": Area.objects.get(pk=self.cleaned_data["grid"]), "compound": compound}


class RoomsForm(ActForm):
    units = _count(gettext_lazy("单元数"), 99, 1)
    floors = _count(gettext_lazy("层数"), 200, 1)
    doors = _count(gettext_lazy("每个单元每层几户"), 50, 1, initial=2)


def initial_of(row: Model, names: tuple[str, ...]) -> dict[str, Any]:
    """Values of these columns under the names of the form's fields."""
    return {name.removesuffix("_id"): getattr(row, name) for name in names}


def number_of(text: str) -> int | None:
    """The id an address names, None for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _offer(form: forms.Form, name: str, choices: Choices) -> None:
    form.fields[name].choices = choices  # type: ignore[attr-defined]


def _communities() -> Choices:
    places = territory()
    return [
        (street.name, [(str(area.id), area.name) for area in places.children(street.id)])
        for street in places.at_level(Level.STREET)
    ]


def grid_choices() -> Choices:
    """Grids by community."""
    places = territory()
    return [
        (area.name, [(str(grid.id), grid.name) for grid in places.children(area.id)])
        for area in places.at_level(Level.COMMUNITY)
    ]


def compound_choices() -> Choices:
    """Compounds by community; one statement."""
    places = territory()
    groups: dict[int, list[tuple[str, str]]] = {}
    rows = Compound.objects.filter(ended_on=None).order_by("name").values_list("pk", "name", "community_id")
    for pk, name, community_id in rows:
        groups.setdefault(community_id, []).append((str(pk), name))
    return [(area.name, groups[area.id]) for area in places.at_level(Level.COMMUNITY) if area.id in groups]
