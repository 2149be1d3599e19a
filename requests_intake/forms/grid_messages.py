"""Forms of 网格圈: a message, an answer, hiding one, turning one into a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.keyed import KeyedForm
from grids.reference import AreaRef
from requests_intake.actions.grid_messages import TEXT_LENGTH
from requests_intake.actions.submit import CONTENT_LENGTH, Report
from requests_intake.forms.bulk import Choices
from requests_intake.models import GridMessage


class MessageForm(KeyedForm):
    text = forms.CharField(
        label=gettext_lazy("说一句"), max_length=TEXT_LENGTH, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("请写一句话。")},
    )  # fmt: skip
    parent = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False


class HideForm(KeyedForm):
    reason = forms.ChoiceField(
        label=gettext_lazy("为什么"), choices=GridMessage.Hidden.choices, widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("请选隐藏的原因。")),
    )  # fmt: skip


class TurnForm(KeyedForm):
    """What the ticket will say and where; who it is stands in the message and is not shown."""

    content = forms.CharField(
        label=gettext_lazy("居民的原话"), max_length=CONTENT_LENGTH, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("请写是什么事。")},
    )  # fmt: skip
    place = forms.ChoiceField(
        label=gettext_lazy("在哪儿"), widget=forms.Select(attrs={"data-combo": gettext_lazy("找地点")}),
        error_messages={
            "invalid_choice": gettext_lazy("这里不在这个网格里。"), "required": gettext_lazy("请选在哪儿。"),
        },
    )  # fmt: skip

    def __init__(self, *args: Any, grid: AreaRef, places: Choices, message: GridMessage, **kwargs: Any) -> None:
        kwargs["initial"] = {"content": message.text, "place": f"grid-{grid.id}"}
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        self.grid = grid
        self.names: Mapping[str, str] = {
            value: label for _group, rows in places if isinstance(rows, list) for value, label in rows
        }
        self.fields["place"].choices = places  # type: ignore[attr-defined]

    def report(self) -> Report:
        kind, _sep, number = self.cleaned_data["place"].partition("-")
        is_building = kind == "building"
        return Report(
            content=self.cleaned_data["content"].strip(),
            building_id=int(number) if is_building else None,
            address="" if is_building else self.names[self.cleaned_data["place"]],
            community_id=None if is_building else self.grid.community_id,
        )


class FindGridForm(forms.Form):
    q = forms.CharField(label=gettext_lazy("您住哪儿"), required=False, max_length=80)

    def words(self) -> str:
        return str(self["q"].value() or "").strip() or _("小区名、楼号")
