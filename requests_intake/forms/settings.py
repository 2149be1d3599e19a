"""Forms of a district's rules: way up, days off, time limits."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.keyed import KeyedForm
from requests_intake import sla
from requests_intake.actions.settings import DayLine, read_days
from requests_intake.reference import rules

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
_LEVEL_LIMITS = ("sign", "resolve")
_NUMBERS = {
    "complex_multiplier": (gettext_lazy("疑难件按层级时限的倍数"), None),
    "verify.sample_percent": (gettext_lazy("一般事项现场核查比例（%）"), 100),
    "thresholds.half_percent": (gettext_lazy("过了百分之几提醒签收人"), 98),
    "thresholds.soon_percent": (gettext_lazy("过了百分之几亮黄灯"), 99),
}
_LONE_LIMITS = {
    "reopen_within": gettext_lazy("结案后多久内可以重开"),
    "rework.at_least": gettext_lazy("返工至少给多久"),
}
_BLANK_ROWS = 3


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


class PolicyForm(KeyedForm):
    """Field names are the places in the document (``classes.normal.sign``), so that its errors find their field."""

    note = forms.CharField(label=gettext_lazy("为什么改"), max_length=200)
    starts_on = forms.DateField(
        label=gettext_lazy("从哪天开始"), required=False,
        help_text=gettext_lazy("不填就是现在。已经答应居民的时间不变。"),
        widget=forms.DateInput(attrs={"type": "date"}),
    )  # fmt: skip

    def __init__(self, *args: Any, document: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = document
        for klass in CLASSES:
            for name in LIMITS:
                if name == "sign" and klass in document["level_classes"]:
                    continue  # these are signed as their level says
                self._limit(f"classes.{klass}.{name}", f"{CLASSES[klass]}·{LIMITS[name]}", name != "contact")
        for level in document["levels"]:
            for name in _LEVEL_LIMITS:
                self._limit(f"levels.{level}.{name}", f"{LEVELS.get(level, level)}·{LIMITS[name]}", True)
        for place, label in _LONE_LIMITS.items():
            self._limit(place, str(label), True)
        for place, (label, most) in _NUMBERS.items():
            self.fields[place] = forms.IntegerField(
                label=label, min_value=0, max_value=most, initial=_at(document, place)
            )
        self._categories()

    def _limit(self, place: str, label: str, required: bool) -> None:
        value = _at(self.before, place)
        said = str(sla.Limit.from_json(value)) if value else ""
        self.fields[place] = LimitField(label=label, required=required, initial=said, max_length=20)

    def _categories(self) -> None:
        own = list(self.before["categories"].items())
        leaves = [(ref.code, f"{ref.code} {ref.name}") for ref in rules().categories.values() if ref.parent_id]
        known = {code for code, _label in leaves}
        leaves += [(code, code) for code, _rule in own if code not in known]
        for number in range(len(own) + _BLANK_ROWS):
            code, rule = own[number] if number < len(own) else ("", {})
            self.fields[f"category.{number}.code"] = forms.ChoiceField(
                label=_("事项"), choices=[("", "—"), *leaves], required=False, initial=code
            )
            self.fields[f"category.{number}.class"] = forms.ChoiceField(
                label=_("至少按"), required=False, initial=rule.get("class", ""),
                choices=[("", "—"), ("urgent", CLASSES["urgent"]), ("critical", CLASSES["critical"])],
            )  # fmt: skip
            said = str(sla.Limit.from_json(rule["resolve"])) if rule.get("resolve") else ""
            self.fields[f"category.{number}.resolve"] = LimitField(
                label=_("办结"), required=False, initial=said, max_length=20
            )

    @property
    def category_rows(self) -> int:
        return len(self.before["categories"]) + _BLANK_ROWS

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        seen: set[str] = set()
        for number in range(self.category_rows):
            place = f"category.{number}"
            code = data.get(f"{place}.code")
            if code in seen and code:
                self.add_error(f"{place}.code", _("这个事项写了两次。"))
            elif (
                code
                and f"{place}.resolve" not in self.errors
                and not (data.get(f"{place}.class") or data.get(f"{place}.resolve"))
            ):
                self.add_error(f"{place}.code", _("请选等级或填办结时限；不要这一条就把事项清空。"))
            seen.add(code or "")
        starts = data.get("starts_on")
        if starts and starts <= clock.today():
            self.add_error("starts_on", _("请选今天以后的日期；不填就是现在。"))
        return data

    def document(self) -> dict[str, Any]:
        """The whole document with what the form says in it; what the form does not show stays as it was."""
        found, data = copy.deepcopy(self.before), self.cleaned_data
        for place in [*self.places("classes."), *self.places("levels."), *_LONE_LIMITS, *_NUMBERS]:
            _put(found, place, data[place])
        kept = found["categories"]
        found["categories"] = {}
        for number in range(self.category_rows):
            code = data[f"category.{number}.code"]
            if not code:
                continue
            rule: dict[str, Any] = {}
            if klass := data[f"category.{number}.class"]:
                rule["class"] = klass
                if season := kept.get(code, {}).get("season"):
                    rule["season"] = season
            if limit := data[f"category.{number}.resolve"]:
                rule["resolve"] = limit
            found["categories"][code] = rule
        return found

    def places(self, start: str) -> Iterator[str]:
        return (name for name in self.fields if name.startswith(start))

    # What the template walks through.
    def class_rows(self) -> list[tuple[Any, list[Any]]]:
        """Word of a class and its fields in the order of ``LIMITS``; None where the level decides."""
        places = {klass: [f"classes.{klass}.{name}" for name in LIMITS] for klass in CLASSES}
        return [
            (word, [self[place] if place in self.fields else None for place in places[klass]])
            for klass, word in CLASSES.items()
        ]

    def level_rows(self) -> list[tuple[Any, list[Any]]]:
        levels = self.before["levels"]
        return [(LEVELS.get(row, row), [self[f"levels.{row}.{name}"] for name in _LEVEL_LIMITS]) for row in levels]

    def own_rows(self) -> list[list[Any]]:
        return [
            [self[f"category.{n}.{part}"] for part in ("code", "class", "resolve")] for n in range(self.category_rows)
        ]

    def other_fields(self) -> list[Any]:
        return [self[place] for place in (*_NUMBERS, *_LONE_LIMITS)]


def _at(document: dict[str, Any], place: str) -> Any:
    value: Any = document
    for part in place.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _put(document: dict[str, Any], place: str, value: Any) -> None:
    *way, last = place.split(".")
    for part in way:
        document = document[part]
    if value is None:
        document.pop(last, None)
    else:
        document[last] = value
