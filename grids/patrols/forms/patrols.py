"""Forms of patrols on the phone. Each stands alone: no state between steps, whenever it arrives."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from governance.kernel.keyed import KeyedForm
from grids.patrols.actions.patrols import MOST_OF_A_ROLE, NOTE_LENGTH
from grids.patrols.models import Patrol, PatrolCrew


class MomentField(forms.DateTimeField):
    """When the phone says it happened; filled in as the form is sent (``data-now``). What is no moment is none said:
    the moment it arrives stands for it, and nobody's work is lost to a wrong clock."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput(attrs={"data-now": ""}))

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except (ValidationError, OverflowError):
            return None


class StartForm(KeyedForm):
    """``grids``: (id, name) of the grids one walks; asked only where there are several."""

    at = MomentField()
    grid = forms.TypedChoiceField(
        label=_("哪个网格"), coerce=int, error_messages={"invalid_choice": _("没有这个网格。")}
    )

    def __init__(self, *args: Any, grids: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["grid"].choices = grids  # type: ignore[attr-defined]
        if len(grids) == 1:
            self.fields["grid"].widget = forms.HiddenInput()
            self.fields["grid"].initial = grids[0][0]

    def crew(self) -> dict[str, int]:
        return {}


class JointForm(StartForm):
    """联防: who walks along, by role and number. No names."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for role, label in PatrolCrew.Role.choices:
            field = forms.IntegerField(
                label=label, required=False, min_value=0, max_value=MOST_OF_A_ROLE,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )  # fmt: skip
            field.sometimes = True  # type: ignore[attr-defined]  # one of them has to be said
            self.fields[f"crew_{role}"] = field

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        if not self.errors and not any(said.get(f"crew_{role}") for role in PatrolCrew.Role.values):
            self.add_error(None, _("请写一起去的人，至少一位；一个人巡查不用填这里。"))
        return said

    def crew(self) -> dict[str, int]:
        return {role: self.cleaned_data.get(f"crew_{role}") or 0 for role in PatrolCrew.Role.values}


class FinishForm(KeyedForm):
    at = MomentField()
    result = forms.ChoiceField(
        label=_("结果"), choices=Patrol.Result.choices, required=False, widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("请选巡查结果。")},
    )  # fmt: skip
    note = forms.CharField(
        label=_("说明"), required=False, max_length=NOTE_LENGTH, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("发现的事请用“报事”，这里只写要交代的话；不写居民的姓名和电话。"),
    )  # fmt: skip


class PointForm(KeyedForm):
    at = MomentField()
