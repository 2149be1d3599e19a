"""The form of the working hours: ordinary ones, and where a part of the year has others, those."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.calendar import Hours, HoursFrom, Season
from governance.kernel.keyed import KeyedForm
from governance.kernel.work_hours import HoursError, HoursPlan, make_plan, read_hours, read_span

SETS = {
    "base": gettext_lazy("平时"),
    "first": gettext_lazy("一年里的另一段（如夏季）"),
    "second": gettext_lazy("再一段（如冬季）"),
}
TIMES = {
    "am_from": gettext_lazy("上午上班"),
    "am_to": gettext_lazy("上午下班"),
    "pm_from": gettext_lazy("下午上班"),
    "pm_to": gettext_lazy("下午下班"),
}
EXAMPLES = ({"from": "05-01", "to": "09-30"}, {"from": "11-01", "to": "03-31"})
SPAN = {"from": gettext_lazy("从几月几日"), "to": gettext_lazy("到几月几日")}


def _sentence(code: str) -> str:
    return {
        "empty": _("至少要有一段上班时间。"),
        "half": _("有上班时间就要有下班时间，两头都要填。"),
        "backwards": _("下班要晚于上班；过夜的写不了。"),
        "overlap": _("下午上班要晚于上午下班，两段不能重叠、也不能接上。"),
        "short": _("一天的工作时间不能少于 1 小时，否则时限算不出来。"),
        "bad_span": _("写成“05-01”这样的月和日，要真有这一天。"),
        "spans_overlap": _("和另一段的日期重叠了，同一天只能有一种时间。"),
    }[code]


class HoursForm(KeyedForm):
    note = forms.CharField(
        label=gettext_lazy("依据或原因"), max_length=200,
        help_text=gettext_lazy("例如：区政府办 2026 年夏季作息通知。"),
    )  # fmt: skip
    starts_on = forms.DateField(
        label=gettext_lazy("从哪天起"),
        help_text=gettext_lazy("最早明天。已经给出的时限一个也不变。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": gettext_lazy("请选日期。"), "invalid": gettext_lazy("请选日期。")},
    )

    def __init__(self, *args: Any, now: HoursFrom, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].initial = clock.today() + timedelta(days=1)
        for number, name in enumerate(SETS):
            season = now.seasons[number - 1] if 0 < number <= len(now.seasons) else None
            if number:
                for end, label in SPAN.items():
                    day = season and (season.span.first if end == "from" else season.span.last)
                    self.fields[f"{name}.{end}"] = forms.CharField(
                        label=label, max_length=5, required=False, initial="{:02d}-{:02d}".format(*day) if day else "",
                        widget=forms.TextInput(attrs={"placeholder": EXAMPLES[number - 1][end]}),
                    )  # fmt: skip
            self._times(name, now.hours if number == 0 else season.hours if season else ())

    def _times(self, name: str, hours: Hours | tuple[()]) -> None:
        known = [moment for interval in hours[:2] for moment in interval]
        for number, (part, label) in enumerate(TIMES.items()):
            self.fields[f"{name}.{part}"] = forms.TimeField(
                label=label, required=False, initial=known[number] if number < len(known) else None,
                widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
                error_messages={"invalid": gettext_lazy("请填时刻，例如 08:30。")},
            )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.plan: HoursPlan | None = None
        if not any(name.split(".")[0] in SETS for name in self.errors):
            self.plan = self._plan(data)
        return data

    def _plan(self, data: Mapping[str, Any]) -> HoursPlan | None:
        """None where something cannot be; its field says what."""
        seasons: list[Season] = []
        of_season: list[str] = []
        try:
            base = read_hours(_pairs(data, "base"), "base.am_from")
            for name in list(SETS)[1:]:
                parts = [data.get(f"{name}.{part}") for part in (*SPAN, *TIMES)]
                if any(parts):
                    span = read_span(data[f"{name}.from"], data[f"{name}.to"], f"{name}.from")
                    seasons.append(Season(span, read_hours(_pairs(data, name), f"{name}.am_from")))
                    of_season.append(name)
            return make_plan(base, seasons)
        except HoursError as error:
            place = error.place
            if place.startswith("seasons."):
                place = f"{of_season[int(place.removeprefix('seasons.'))]}.from"
            self.add_error(place, _sentence(error.code))
            return None

    # What the template walks through.
    def sets(self) -> list[tuple[Any, list[Any]]]:
        return [
            (label, [self[f"{name}.{part}"] for part in (*(SPAN if number else ()), *TIMES)])
            for number, (name, label) in enumerate(SETS.items())
        ]


def _pairs(data: Mapping[str, Any], name: str) -> list[tuple[time | None, time | None]]:
    am_from, am_to, pm_from, pm_to = (data.get(f"{name}.{part}") for part in TIMES)
    return [(am_from, am_to), (pm_from, pm_to)]


def spoken_span(season: Season) -> str:
    """5 月 1 日到 9 月 30 日."""
    (a, b), (c, d) = season.span.first, season.span.last
    return _("{a} 月 {b} 日到 {c} 月 {d} 日").format(a=a, b=b, c=c, d=d)
