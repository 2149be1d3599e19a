"""Forms of places and things of a grid."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.kernel.keyed import KeyedForm
from grids.households.actions.elements import PLACES, ElementDetails
from grids.households.models import GridElement

Kind, Sort = GridElement.Kind, GridElement.Sort


def kinds_of(sort: str) -> list[tuple[str, Any]]:
    return [(kind.value, kind.label) for kind in Kind if (kind in PLACES) == (sort == Sort.PLACE)]


class ElementForm(KeyedForm):
    """``grids``: (id, name) of the grids it may stand in; asked only where there are several."""

    kind = forms.ChoiceField(label=_("类型"), widget=forms.RadioSelect)
    name = forms.CharField(label=_("名称"), max_length=60, help_text=_("写招牌上的名字，不写店主姓名。"))
    code = forms.CharField(label=_("编号"), required=False, max_length=30)
    address = forms.CharField(label=_("位置"), required=False, max_length=120)

    def __init__(
        self, *args: Any, sort: str, grids: list[tuple[int, str]], known: GridElement | None = None, **kwargs: Any
    ) -> None:
        if known is not None:
            kwargs["initial"] = {name: getattr(known, name) for name in ("kind", "name", "code", "address")}
        super().__init__(*args, **kwargs)
        self.known, self.only = known, grids[0][0] if grids else 0
        self.fields["kind"].choices = kinds_of(sort)  # type: ignore[attr-defined]
        if sort == Sort.THING:
            self.fields["name"].help_text = _("好认就行，如“菜市场门口的井盖”。")
            self.fields["code"].help_text = _("写在盖子或杆子上的编号。")
        if known is None and len(grids) > 1:
            self.fields["grid"] = forms.ChoiceField(label=_("哪个网格"), choices=grids)
            self.order_fields(["grid"])

    def grid_id(self) -> int:
        return int(self.cleaned_data["grid"]) if "grid" in self.fields else self.only

    def details(self) -> ElementDetails:
        said, known = self.cleaned_data, self.known
        return ElementDetails(
            said["kind"], said["name"], said["code"], said["address"],
            known.building if known else None, known.lng if known else None, known.lat if known else None,
        )  # fmt: skip
