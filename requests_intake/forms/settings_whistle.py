"""The form of the limits for whistles: a number and a unit each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from governance.kernel.keyed import KeyedForm
from requests_intake.models import WhistleKind
from requests_intake.whistle_limits import PLACES, UNITS, Limits

UNIT_WORDS = {
    "cal_minute": gettext_lazy("分钟"), "cal_hour": gettext_lazy("小时"), "work_hour": gettext_lazy("个工作小时"),
    "work_day": gettext_lazy("个工作日"),
}  # fmt: skip
NAMES = {
    "accept": gettext_lazy("多久内应哨"), "arrive": gettext_lazy("多久内到场"), "decide": gettext_lazy("多久内裁定"),
}  # fmt: skip
KINDS = {**dict(WhistleKind.choices), "arbitrate": gettext_lazy("拒哨裁定（区）")}


class WhistleLimitsForm(KeyedForm):
    """Fields ``emergency.accept`` and ``emergency.accept.unit``, and so on."""

    def __init__(self, data: Any = None, *, now: Limits) -> None:
        super().__init__(data)
        self.use_required_attribute = False
        for kind, name in PLACES:
            limit = now.decide if kind == "arbitrate" else getattr(now, name)[kind]
            self.fields[f"{kind}.{name}"] = forms.IntegerField(
                label=NAMES[name], initial=limit.value, min_value=1, max_value=720,
                error_messages={"required": gettext_lazy("请填数字。"), "invalid": gettext_lazy("请填整数。")},
            )  # fmt: skip
            self.fields[f"{kind}.{name}.unit"] = forms.ChoiceField(
                label=gettext_lazy("单位"), initial=limit.unit.value,
                choices=[(unit.value, UNIT_WORDS[unit.value]) for unit in UNITS],
            )  # fmt: skip

    def document(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for kind, name in PLACES:
            place = f"{kind}.{name}"
            found.setdefault(kind, {})[name] = {
                "value": self.cleaned_data[place], "unit": self.cleaned_data[f"{place}.unit"],
            }  # fmt: skip
        return found

    def groups(self) -> list[tuple[Any, list[tuple[Any, Any]]]]:
        """Heading, and its limits as (number, unit)."""
        return [
            (
                KINDS[kind],
                [(self[f"{k}.{name}"], self[f"{k}.{name}.unit"]) for k, name in PLACES if k == kind],
            )
            for kind in dict.fromkeys(kind for kind, _name in PLACES)
        ]
