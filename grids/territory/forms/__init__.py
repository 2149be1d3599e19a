"""Forms of changes of grids. Every building has a field of its own, so that keyboard and map say the same."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.errors import DomainError
from governance.kernel.keyed import KeyedForm
from grids.coordinates import DATUMS, WGS84, geometry_to_wgs
from grids.geometry import border_problem
from grids.models import Area, Building
from grids.territory.actions.propose import APART_LENGTH, MOST_PARTS, NAME_LENGTH, REASON_LENGTH

MOST_BYTES = 3_000_000


class ReasonedForm(KeyedForm):
    reason = forms.CharField(
        label=gettext_lazy("为什么调整"), max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": gettext_lazy("请写明为什么调整。")},
    )  # fmt: skip
    apart_reason = forms.CharField(
        label=gettext_lazy("不连片的原因"), max_length=APART_LENGTH, required=False,
        help_text=gettext_lazy("网格分成不相连的几块时要填，如中间隔着河。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["apart_reason"].sometimes = True  # type: ignore[attr-defined]


class SplitForm(ReasonedForm):
    """``buildings``: one choice each, named ``building_<id>``; ``name_1`` … the parts, the first is the old grid."""

    def __init__(self, *args: Any, grid: Area, buildings: Sequence[Building], **options: Any) -> None:
        super().__init__(*args, **options)
        self.buildings = buildings
        for place in range(1, MOST_PARTS + 1):
            self.fields[f"name_{place}"] = forms.CharField(
                label=_("第 {n} 片叫什么").format(n=place), max_length=NAME_LENGTH, required=place < 3,
                initial=grid.name if place == 1 else "",
                error_messages={"required": _("请填名称。")},
            )  # fmt: skip
        choices = [(str(place), str(place)) for place in range(1, MOST_PARTS + 1)]
        for row in buildings:
            self.fields[f"building_{row.pk}"] = forms.ChoiceField(
                label=row.name, choices=choices, required=False, widget=forms.RadioSelect
            )

    @property
    def names(self) -> list[str]:
        """Up to the last that is named; one left empty in between is a mistake the action names."""
        said = [self.cleaned_data.get(f"name_{place}", "") for place in range(1, MOST_PARTS + 1)]
        while said and not said[-1]:
            said.pop()
        return said

    @property
    def choice(self) -> dict[int, int]:
        found = {row.pk: self.cleaned_data.get(f"building_{row.pk}", "") for row in self.buildings}
        return {pk: int(place) - 1 for pk, place in found.items() if place}

    def refused(self, error: DomainError) -> None:
        moved = {"names": "name_2"}
        error.fields = {moved.get(name, name): words for name, words in error.fields.items()}
        super().refused(error)

    def place_fields(self) -> list[forms.BoundField]:
        return [self[f"name_{place}"] for place in range(1, MOST_PARTS + 1)]

    def building_fields(self) -> list[tuple[Building, forms.BoundField]]:
        return [(row, self[f"building_{row.pk}"]) for row in self.buildings]


class MergeForm(ReasonedForm):
    target = forms.ChoiceField(
        label=gettext_lazy("并入哪个网格"), error_messages={"required": gettext_lazy("请选并入哪个网格。")}
    )

    field_order = ("target", "reason", "apart_reason", "idempotency_key")

    def __init__(self, *args: Any, neighbours: Iterable[Area], **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [(str(row.pk), row.name) for row in neighbours]
        self.fields["target"].choices = [("", _("请选择")), *choices]  # type: ignore[attr-defined]


class DecideForm(KeyedForm):
    decision = forms.CharField(
        label=gettext_lazy("意见"), max_length=REASON_LENGTH, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("不同意时要写原因，社区看得到。"),
    )  # fmt: skip


class PlainForm(KeyedForm):
    """An act that asks nothing."""


class BorderSetForm(KeyedForm):
    """All borders of a community as one FeatureCollection, each feature with the grid's ``id``."""

    borders = forms.CharField(
        label=gettext_lazy("边界（GeoJSON）"), max_length=MOST_BYTES, strip=True,
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "mono", "translate": "no"}),
        help_text=gettext_lazy("在图上拖动拐点，这里会跟着变；也可以直接改。每个网格一个要素，带网格编号 id。"),
        error_messages={"required": gettext_lazy("边界是空的。")},
    )  # fmt: skip
    datum = forms.ChoiceField(choices=[(each, each) for each in DATUMS], initial=WGS84, widget=forms.HiddenInput)
    stamp = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    buildings_follow = forms.BooleanField(
        label=gettext_lazy("落到别的网格里的楼栋跟着边界走，没办完的诉求一起过去"), required=False
    )
    apart_reason = forms.CharField(
        label=gettext_lazy("不连片的原因"), max_length=APART_LENGTH, required=False,
        help_text=gettext_lazy("网格分成不相连的几块时要填，如中间隔着河。"),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if "borders" in said and "datum" in said:
            try:
                said["read"] = _read(said["borders"], said["datum"])
            except ValueError as error:
                self.add_error("borders", str(error))
        return said

    def refused(self, error: DomainError) -> None:
        super().refused(error)
        if error.code == "changed_meanwhile":
            self.data["stamp"] = error.data["stamp"]  # type: ignore[index]


def _read(text: str, datum: str) -> dict[int, Any]:
    """Grid id → border in WGS-84. Raises ``ValueError`` with the sentence."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(_("这不是 GeoJSON：文字读不出来。")) from None
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or not features:
        raise ValueError(_("请用 FeatureCollection，每个网格一个要素。"))
    borders: dict[int, Any] = {}
    for row in features:
        told = row.get("properties") if isinstance(row, dict) else None
        pk = told.get("id") if isinstance(told, dict) else None
        if not isinstance(pk, int) or isinstance(pk, bool) or not 0 < pk < 2**63 or pk in borders:
            raise ValueError(_("每个要素要有一个网格编号 id，不能重复。"))
        geometry = row.get("geometry")
        problem = border_problem(geometry)
        if problem:
            raise ValueError(f"{problem}。")
        borders[pk] = geometry_to_wgs({"type": geometry["type"], "coordinates": geometry["coordinates"]}, datum)
    return borders
