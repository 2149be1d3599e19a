"""The form of a plan: which weekdays, which shifts from when to when, and the points of a safety plan."""

from __future__ import annotations

from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.kernel.errors import DomainError
from governance.kernel.keyed import KeyedForm
from grids.patrols.actions.plans import MOST_POINTS, POINT_LENGTH, PlanSaid
from grids.patrols.models import PatrolPlan, PatrolShift

WEEKDAYS = (
    (1, _("周一")),
    (2, _("周二")),
    (3, _("周三")),
    (4, _("周四")),
    (5, _("周五")),
    (6, _("周六")),
    (7, _("周日")),
)
USUAL = {"am": (time(8, 30), time(11, 30)), "pm": (time(14, 0), time(17, 0)), "night": (time(19, 0), time(21, 0))}
"""What stands in the form of a first plan."""


class HourInput(forms.TimeField):
    def __init__(self, **options: Any) -> None:
        super().__init__(
            required=False, widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            error_messages={"invalid": _("请写几点几分，如 8:30。")}, **options,
        )  # fmt: skip
        self.sometimes = True  # where its shift is walked


class PlanForm(KeyedForm):
    """``has_points``: a safety plan in a district that has recorded a ground for points."""

    weekdays = forms.TypedMultipleChoiceField(
        label=_("星期几巡查"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请选星期几巡查。")},
    )  # fmt: skip
    on_days_off = forms.BooleanField(
        label=_("节假日也巡（不看工作日历）"), required=False,
    )  # fmt: skip

    def __init__(self, *args: Any, has_points: bool = False, many: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        for code, label in PatrolShift.Code.choices:
            self.fields[f"has_{code}"] = forms.BooleanField(label=label, required=False)
            self.fields[f"{code}_from"] = HourInput(label=_("从几点"))
            self.fields[f"{code}_to"] = HourInput(label=_("到几点"))
        if has_points:
            self.fields["points"] = forms.CharField(
                label=_("巡查点"), required=False, max_length=MOST_POINTS * (POINT_LENGTH + 2),
                widget=forms.Textarea(attrs={"rows": 4}),
                help_text=_("一行一个，如“地下车库充电区”。只写地点，不写人。"),
            )  # fmt: skip
        if many > 1:
            self.fields["everywhere"] = forms.BooleanField(
                label=_("本社区 {many} 个网格都这样").format(many=many), required=False
            )

    @staticmethod
    def of(plan: PatrolPlan | None) -> dict[str, Any]:
        """What the form says before somebody changes it: the plan that runs, else the usual one."""
        shifts = {row.code: (row.opens_at, row.closes_at) for row in plan.shifts.all()} if plan else {}
        found: dict[str, Any] = {
            "weekdays": plan.weekdays if plan else [1, 2, 3, 4, 5],
            "on_days_off": plan.on_days_off if plan else False,
            "points": "\n".join(row.title for row in plan.points.order_by("position")) if plan else "",
        }
        for code, usual in USUAL.items():
            found[f"has_{code}"] = code in shifts if plan else code != "night"
            found[f"{code}_from"], found[f"{code}_to"] = shifts.get(code, usual)
        return found

    def shift_rows(self) -> list[dict[str, Any]]:
        """A shift a row: whether, from, to."""
        return [
            {"has": self[f"has_{code}"], "opens": self[f"{code}_from"], "closes": self[f"{code}_to"]}
            for code in PatrolShift.Code.values
        ]

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        for code in PatrolShift.Code.values:
            for end in ("from", "to"):
                name = f"{code}_{end}"
                if said.get(f"has_{code}") and name not in self.errors and said.get(name) is None:
                    self.add_error(name, _("请写几点几分，如 8:30。"))
        return said

    def said(self) -> PlanSaid:
        given = self.cleaned_data
        shifts = {
            code: (given[f"{code}_from"], given[f"{code}_to"])
            for code in PatrolShift.Code.values
            if given[f"has_{code}"]
        }
        points = [line.strip() for line in given.get("points", "").splitlines() if line.strip()]
        return PlanSaid(shifts, given["weekdays"], given["on_days_off"], points)

    def refused(self, error: DomainError) -> None:
        """A refusal about a shift stands at its first hour; about all of them above the form."""
        codes = PatrolShift.Code.values
        error.fields = {f"{name}_from" if name in codes else name: text for name, text in error.fields.items()}
        super().refused(error)
