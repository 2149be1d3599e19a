"""Forms of 主动治理: the moves of a task, and the templates of the seasons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.keyed import KeyedForm
from grids.models import Building
from grids.reference import AreaRef
from requests_intake.actions.proactive import Spot
from requests_intake.actions.submit import CONTENT_LENGTH
from requests_intake.forms.choices import categories
from requests_intake.forms.settings_words import lines
from requests_intake.models import ProactiveTask, SeasonTemplate
from requests_intake.reference import rules
from requests_intake.seasons import read_day


class DropForm(KeyedForm):
    reason = forms.ChoiceField(
        label=gettext_lazy("为什么不办"),
        choices=ProactiveTask.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("请选为什么不办。")},
    )


class TicketForm(KeyedForm):
    content = forms.CharField(
        label=gettext_lazy("查到了什么"),
        max_length=CONTENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("记成一件主动发现的诉求，照常派单、计时。"),
        error_messages={"required": gettext_lazy("请写查到了什么。")},
    )


class FoundForm(KeyedForm):
    """What somebody found on the ground: where, and in words. ``is_solved``: put right on the spot, with a photo."""

    place = forms.ChoiceField(
        label=gettext_lazy("在哪儿"),
        widget=forms.Select(attrs={"data-combo": gettext_lazy("输几个字找楼栋")}),
        error_messages={"invalid_choice": gettext_lazy("这里不在您的网格里。"), "required": gettext_lazy("请选地点。")},
    )
    content = forms.CharField(
        label=gettext_lazy("查到了什么，办了什么"),
        max_length=CONTENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("请写查到了什么。")},
    )

    def __init__(
        self, task: ProactiveTask, grids: Sequence[AreaRef], data: Any = None, *, photo_count: int = 0
    ) -> None:
        super().__init__(data)
        self.use_required_attribute = False
        self.grids, self.photo_count = {area.id: area for area in grids}, photo_count
        rows = Building.objects.filter(grid_id__in=self.grids, ended_on=None).order_by("number", "pk")
        if task.building_id is not None:
            rows = rows.filter(pk=task.building_id)
        elif task.compound_id is not None:
            rows = rows.filter(compound_id=task.compound_id)
        choices = [(f"building-{pk}", name) for pk, name in rows.values_list("pk", "name")]
        if task.building_id is None:
            ground = _("{grid}·公共区域")
            choices = [(f"grid-{area.id}", ground.format(grid=area.name)) for area in grids] + choices
        self.fields["place"].choices = choices  # type: ignore[attr-defined]

    @property
    def is_solved(self) -> bool:
        """Sent with the button 我已处理好."""
        return bool(self.data.get("found") == "solved")

    @property
    def spot(self) -> Spot:
        """Where it is; call only after ``is_valid()``."""
        kind, _sep, number = self.cleaned_data["place"].partition("-")
        if kind == "building":
            return Spot(building_id=int(number))
        grid = self.grids[int(number)]
        return Spot(address=grid.name, community_id=grid.community_id)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if self.is_solved and not self.photo_count:
            self.add_error(None, _("处理好了也请拍一张现场照片，作为办结的依据。"))
        return given


def _day(label: Any, example: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=5, widget=forms.TextInput(attrs={"placeholder": example}))


class SeasonForm(KeyedForm):
    name = forms.CharField(label=gettext_lazy("名称"), max_length=20)
    text = forms.CharField(label=gettext_lazy("做什么"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))
    checklist = forms.CharField(
        label=gettext_lazy("要查的"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("一行一样，最多 12 样。"),
    )  # fmt: skip
    category = forms.ChoiceField(label=gettext_lazy("事项"), required=False)
    scope = forms.ChoiceField(
        label=gettext_lazy("给谁"), choices=SeasonTemplate.Scope.choices, initial=SeasonTemplate.Scope.COMPOUND
    )
    starts_on = _day(gettext_lazy("从哪天起"), "11-01")
    ends_on = _day(gettext_lazy("到哪天止"), "03-15")
    due_days = forms.IntegerField(label=gettext_lazy("几天内做完"), min_value=1, max_value=120, initial=14)
    is_active = forms.BooleanField(label=gettext_lazy("启用"), required=False, initial=True)

    def __init__(self, *args: Any, template: SeasonTemplate | None = None, **kwargs: Any) -> None:
        if template is not None:
            names = ("name", "text", "scope", "starts_on", "ends_on", "due_days", "is_active")
            category = rules().categories.get(template.category_id or 0)
            kwargs["initial"] = {name: getattr(template, name) for name in names} | {
                "checklist": "\n".join(template.checklist),
                "category": category.code if category else "",
            }
        super().__init__(*args, **kwargs)
        self.fields["category"].choices = [("", _("不分")), *categories()[1:]]  # type: ignore[attr-defined]

    def clean_checklist(self) -> list[str]:
        found = list(lines(self.cleaned_data["checklist"]))
        if len(found) > 12 or any(len(line) > 60 for line in found):
            raise forms.ValidationError(_("最多 12 样，每样不超过 60 字。"))
        return found

    def _clean_day(self, name: str) -> str:
        try:
            return "{:02}-{:02}".format(*read_day(self.cleaned_data[name]))
        except ValueError:
            raise forms.ValidationError(_("写成 11-01 这样的日期。")) from None

    def clean_starts_on(self) -> str:
        return self._clean_day("starts_on")

    def clean_ends_on(self) -> str:
        return self._clean_day("ends_on")
