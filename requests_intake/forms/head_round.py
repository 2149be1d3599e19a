"""巡楼: the list a head of a building or unit goes through; each thing is 好 or 有问题."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.kernel.keyed import KeyedForm
from grids.heads import Head
from grids.patrols.forms.patrols import MomentField
from grids.patrols.models import BuildingRound
from requests_intake.forms.head_report import own_buildings


class RoundForm(KeyedForm):
    """Nothing is chosen beforehand: what nobody looked at is not said to be good. The button 其余都好 (``rest``) says
    so of what was left open."""

    at = MomentField()
    rest = forms.CharField(required=False, max_length=8, widget=forms.HiddenInput)
    place = forms.TypedChoiceField(
        label=_("哪栋楼"), coerce=int, widget=forms.RadioSelect,
        error_messages={"required": _("请选哪栋楼。"), "invalid_choice": _("这不是您的楼。")},
    )  # fmt: skip

    def __init__(self, heads: Sequence[Head], data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.use_required_attribute = False
        places = own_buildings(heads)
        self.only_place = places[0][1] if len(places) == 1 else ""
        self.fields["place"].choices = places  # type: ignore[attr-defined]
        self.fields["place"].initial = places[0][0] if places else None
        if self.only_place:
            self.fields["place"].widget = forms.HiddenInput()
        for item in BuildingRound.Item:
            self.fields[item.value] = forms.ChoiceField(
                label=item.label, choices=BuildingRound.Mark.choices, required=not self.says_rest,
                widget=forms.RadioSelect,
                error_messages={
                    "required": _("请选“好”或“有问题”。"), "invalid_choice": _("请选“好”或“有问题”。"),
                },
            )  # fmt: skip

    @property
    def says_rest(self) -> bool:
        return self.is_bound and bool(self.data.get("rest"))

    @property
    def marks(self) -> dict[str, str]:
        """Of each item what was said of it."""
        said = self.cleaned_data
        return {item.value: said.get(item.value) or BuildingRound.Mark.GOOD.value for item in BuildingRound.Item}

    @property
    def items(self) -> list[forms.BoundField]:
        return [self[item.value] for item in BuildingRound.Item]
