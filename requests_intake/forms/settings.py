"""Forms of a district's rules: way up, days off, time limits."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.keyed import KeyedForm
from requests_intake import sla
from requests_intake.actions.settings import DayLine, read_days

LEVELS = {
    "grid": gettext_lazy("网格"),
    "community": gettext_lazy("社区"),
    "street": gettext_lazy("街道"),
    "department": gettext_lazy("部门"),
    "district": gettext_lazy("区"),
}
CLASSES = {
    "critical": gettext_lazy("特急"),
    "urgent": gettext_lazy("紧急"),
    "normal": gettext_lazy("一般"),
    "minor": gettext_lazy("琐事"),
    "complex": gettext_lazy("疑难"),
    "consult": gettext_lazy("咨询"),
    "suggestion": gettext_lazy("建议"),
    "praise": gettext_lazy("表扬"),
    "report": gettext_lazy("举报"),
    "dispute": gettext_lazy("纠纷"),
}
# Only limits a clock runs for. What else the document says (SLA D.2) stays in it untouched.
LIMITS = {
    "sign": gettext_lazy("签收"),
    "contact": gettext_lazy("联系"),
    "resolve": gettext_lazy("办结"),
}


class PathForm(KeyedForm):
    levels = forms.MultipleChoiceField(
        label=gettext_lazy("从下往上经过"),
        choices=[(code, word) for code, word in LEVELS.items() if code != "department"],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("勾掉的那一级就不经过。区是最后一级，不能去掉。"),
        error_messages={"required": gettext_lazy("至少要有区这一级。")},
    )


class DaysForm(KeyedForm):
    lines = forms.CharField(
        label=gettext_lazy("日期"),
        widget=forms.Textarea(attrs={"rows": 6, "placeholder": "2027-02-08,休,春节\n2027-02-14,班,调休"}),
        help_text=gettext_lazy("一行一天：日期、休或班、说明，用逗号或空格隔开。可以从表格里整列粘贴。"),
        error_messages={"required": gettext_lazy("还没有填日期。")},
    )
    whole_year = forms.BooleanField(
        label=gettext_lazy("这是国务院办公厅公布的全年安排，这一年的日期从此算定"), required=False
    )

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.year = year

    def days(self) -> list[DayLine]:
        """Raises ``Invalid`` for a line that cannot be read."""
        return read_days(self.cleaned_data["lines"])


class LimitField(forms.CharField):
    """A limit as one says it: 5 个工作日."""

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return sla.Limit.parse(text).to_json()
        except sla.LimitError:
            raise forms.ValidationError(
                _("写成“5 个工作日”“4 个工作小时”“30 分钟”“24 小时”“30 天”或“当日”。")
            ) from None
