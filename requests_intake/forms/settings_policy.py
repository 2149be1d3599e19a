"""The form of the time limits: every place of the document (``sla.Policy``) that something runs by.

What nothing runs by (resolve_at_most) stays in it untouched. A place that an older document does not have begins with
the shipped value (默认值,可调整).
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.keyed import KeyedForm
from governance.kernel.work_hours import HoursError, read_span
from grids.reference import territory
from requests_intake import sla
from requests_intake.forms.settings import CLASSES, LEVELS, LIMITS, LimitField
from requests_intake.models import RequestType, Urgency
from requests_intake.reference import rules

LEVEL_LIMITS = {"sign": LIMITS["sign"], "decide": gettext_lazy("提退单"), "resolve": LIMITS["resolve"]}
"""``decide``: within which an organization of the level may ask to give an order back (SLA D.3, D.7)."""
OWN_PARTS = ("code", "class", "season", "resolve", "verify_percent")
_HURRIED = ("critical", "urgent")
_BLANK_ROWS = 3
_BLANK_SEASONS = 1
_BLANK_ORGANIZATIONS = 2
_SEASON_WORDS = {"heating": gettext_lazy("供暖季")}


@dataclass(frozen=True)
class Number:
    """A whole number of the document: its unit stands in the label, its bounds in the field."""

    label: Any
    help: Any
    least: int
    most: int


NUMBERS = {
    "complex_multiplier": Number(
        gettext_lazy("疑难件的倍数（倍）"), gettext_lazy("疑难件在各级的办结时限，是上面“各级办理”的几倍。"), 1, 10
    ),
    "thresholds.half_percent": Number(
        gettext_lazy("提醒签收（%）"), gettext_lazy("用掉办结时限的百分之几还没签收，就提醒承办人。"), 1, 98
    ),
    "thresholds.soon_percent": Number(
        gettext_lazy("亮黄灯（%）"), gettext_lazy("用掉百分之几算临期。要比“提醒签收”大。"), 2, 99
    ),
    "thresholds.duty_percent": Number(
        gettext_lazy("特急、紧急报区值班（%）"), gettext_lazy("超期后拖到原时限的百分之几，通知区值班。"), 101, 500
    ),
    "thresholds.sign_escalate_percent": Number(
        gettext_lazy("一直不签收就上报（%）"), gettext_lazy("拖到签收时限的百分之几，自动交给上一级。"), 101, 1000
    ),
    "verify.sample_percent": Number(
        gettext_lazy("其他事项抽查（%）"), gettext_lazy("不在上面必查范围里的，办结后抽百分之几到现场看。"), 0, 100
    ),
    "return_visit.a_day": Number(
        gettext_lazy("一天最多打几次（次）"), gettext_lazy("没打通的，一天打过这么多次就明天再打。"), 1, 10
    ),
    "figures.so_so_percent": Number(
        gettext_lazy("“还行”算几成满意（%）"), gettext_lazy("满意率里，一个“还行”算百分之几个满意。"), 0, 100
    ),
    "figures.partly_percent": Number(
        gettext_lazy("“部分解决”算几成（%）"), gettext_lazy("解决率里，一个“部分解决”算百分之几个解决。"), 0, 100
    ),
    "return_visit.attempts": Number(
        gettext_lazy("联系不上算几次（次）"), gettext_lazy("回访至少试几次，才能按“联系不上”结案。"), 1, 10
    ),
    "return_visit.on_days": Number(
        gettext_lazy("分在几天（天）"), gettext_lazy("这几次要分在几个不同的日子。不能多过次数。"), 1, 10
    ),
    "discipline.extension_times": Number(
        gettext_lazy("一件最多延期几次（次）"),
        gettext_lazy("一般诉求。填 0 就是不许延期；紧急的只能一次，特急不能延期，不看这里。"), 0, 5,
    ),
    "discipline.suspension_cap_percent": Number(
        gettext_lazy("挂账提醒线（%）"),
        gettext_lazy("挂账的超过当月工单的百分之几，挂账清单上提醒；不拦着挂。"), 0, 100,
    ),
}  # fmt: skip
LONE_LIMITS = {
    "classes.critical.on_site": (
        gettext_lazy("特急多久内到场"), gettext_lazy("从第一次派单算起，移交不重置；没人到场就告诉街道负责人。"),
    ),
    "classes.critical.control": (
        gettext_lazy("特急多久内控制险情"), gettext_lazy("从第一次派单算起；过了每两小时报一次，到控制住为止。"),
    ),
    "classes.urgent.on_site": (gettext_lazy("紧急多久内到场"), gettext_lazy("从第一次派单算起，移交不重置。")),
    "classes.complex.plan": (
        gettext_lazy("疑难多久内告知方案"), gettext_lazy("从第一次派单算起：怎么办、谁来办、什么时候办好。"),
    ),
    "thresholds.supervise_after": (gettext_lazy("超期多久督办"), gettext_lazy("在最上一级超期后过多久，出督办。")),
    "thresholds.circular_after": (gettext_lazy("超期多久通报"), gettext_lazy("在最上一级超期后过多久，列入通报。")),
    "verify.within": (gettext_lazy("多久之内去核查"), gettext_lazy("办结以后过了这么久还没人去看，就交上一级。")),
    "return_visit.within": (gettext_lazy("多久之内回访"), gettext_lazy("从办结算起；过了在回访名单里标过期。")),
    "rework.at_least": (gettext_lazy("重办至少给多久"), gettext_lazy("居民说没解决、退回重办时，至少给这么久。")),
    "reopen_within": (gettext_lazy("结案后多久内可以重开"), gettext_lazy("过了这个时间自动归档，要另报一件。")),
    "discipline.return_at_most": (
        gettext_lazy("退单最晚什么时候提"),
        gettext_lazy("从派单算起；“各级办理”里的“提退单”更短的，按各级的。特急不能退单。"),
    ),
    "classes.urgent.decide": (
        gettext_lazy("紧急的退单最晚什么时候提"), gettext_lazy("从派单算起，哪一级都一样；不看“各级办理”。"),
    ),
    "discipline.return_answer": (
        gettext_lazy("退单多久内答复"), gettext_lazy("上一级过了没答复的，交区里裁定。答复以前仍由原单位办。"),
    ),
    "discipline.return_arbitration": (
        gettext_lazy("区里多久内裁定"), gettext_lazy("退单没人答复的，或者第二个单位又要退的。裁定了不能再退。"),
    ),
    "discipline.extension_total": (
        gettext_lazy("一件总共最多延多久"), gettext_lazy("几次延期加起来。每次也不能超过原来的时限。"),
    ),
    "discipline.extension_urgent": (
        gettext_lazy("紧急的最多延多久"), gettext_lazy("紧急事项只能延期一次，最多这么久。"),
    ),
    "discipline.extension_answer": (
        gettext_lazy("延期多久内答复"), gettext_lazy("等答复的时候时钟照走；过了还没答复，就算不同意。"),
    ),
    "discipline.pause_at_most": (
        gettext_lazy("暂停最长多久"), gettext_lazy("等居民、进不了门的。法定程序、不可抗力的按预计恢复的日子。"),
    ),
    "discipline.pause_answer": (gettext_lazy("暂停多久内答复"), gettext_lazy("过了还没答复，就算不同意。")),
    "discipline.suspension_answer": (gettext_lazy("挂账多久内答复"), gettext_lazy("只有疑难事项可以挂账，由区里定。")),
    "discipline.suspension_review": (gettext_lazy("挂账多久复查一次"), gettext_lazy("从同意挂账或上次复查算起。")),
    "discipline.urge_again": (
        gettext_lazy("催过以后多久能再催"), gettext_lazy("同一件，不管谁催的；没过这么久再催，会被挡下。"),
    ),
    "discipline.reply_within": (
        gettext_lazy("督办单多久内回复"), gettext_lazy("承办单位过了这么久还没书面回复，列入拟通报。"),
    ),
}  # fmt: skip
CHOICES: dict[str, tuple[Any, Any, list[tuple[str, Any]]]] = {
    "level_classes": (
        gettext_lazy("按层级时限办的类别"),
        gettext_lazy("勾上的，到了哪一级就按“各级办理”的时限；没勾的，各级都按自己那一行。特急、紧急总按自己那一行。"),
        [(klass, word) for klass, word in CLASSES.items() if klass not in _HURRIED],
    ),
    "verify.always_urgency": (
        gettext_lazy("办结后一定到现场核查的"), gettext_lazy("按紧急程度。"), list(Urgency.choices)
    ),
    "return_visit.not_for": (
        gettext_lazy("不用回访的"), gettext_lazy("按诉求类型；办结后直接结案。"), list(RequestType.choices)
    ),
}  # fmt: skip
_YOUNGER = ("verify.within", "verify.organizations", "return_visit.a_day", "figures.", "discipline.")
"""Places that stored documents may not have yet."""
FLAGS = {"verify.always_safety": gettext_lazy("涉及安全的事项，办结后一定到现场核查")}
GROUPS = (
    (gettext_lazy("到场、控制险情、告知方案"), (
        "classes.critical.on_site", "classes.critical.control", "classes.urgent.on_site", "classes.complex.plan",
    )),
    (gettext_lazy("催办和上报"), (
        "level_classes", "complex_multiplier", "thresholds.half_percent", "thresholds.soon_percent",
        "thresholds.sign_escalate_percent", "thresholds.duty_percent", "thresholds.supervise_after",
        "thresholds.circular_after",
    )),
    (gettext_lazy("核查、回访、重办"), (
        "verify.always_urgency", "verify.always_safety", "verify.sample_percent", "verify.within",
        "return_visit.within", "return_visit.not_for", "return_visit.attempts", "return_visit.on_days",
        "return_visit.a_day", "rework.at_least", "reopen_within",
    )),
    (gettext_lazy("退单、延期、暂停、挂账、督办"), (
        "discipline.return_at_most", "classes.urgent.decide", "discipline.return_answer",
        "discipline.return_arbitration",
        "discipline.extension_times", "discipline.extension_total", "discipline.extension_urgent",
        "discipline.extension_answer", "discipline.pause_at_most", "discipline.pause_answer",
        "discipline.suspension_answer", "discipline.suspension_review", "discipline.suspension_cap_percent",
        "discipline.urge_again", "discipline.reply_within",
    )),
    (gettext_lazy("比率怎么算"), (
        "figures.so_so_percent", "figures.partly_percent",
    )),
)  # fmt: skip


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
            for name in LEVEL_LIMITS:
                self._limit(f"levels.{level}.{name}", f"{LEVELS.get(level, level)}·{LEVEL_LIMITS[name]}", True)
        for place, (label, words) in LONE_LIMITS.items():
            self._limit(place, label, True, words)
        self._others()
        self._seasons()
        self._categories()
        self._organizations()

    def _limit(self, place: str, label: Any, required: bool, words: Any = "") -> None:
        value = _at(self.before, place)
        said = str(sla.Limit.from_json(value)) if value else ""
        self.fields[place] = LimitField(
            label=label, required=required, initial=said, max_length=20, help_text=words
        )  # fmt: skip

    def _others(self) -> None:
        for place, number in NUMBERS.items():
            self.fields[place] = forms.IntegerField(
                label=number.label, help_text=number.help, min_value=number.least, max_value=number.most,
                initial=_at(self.before, place),
            )  # fmt: skip
        for place, (label, words, choices) in CHOICES.items():
            self.fields[place] = forms.MultipleChoiceField(
                label=label, help_text=words, choices=choices, required=False, initial=_at(self.before, place),
                widget=forms.CheckboxSelectMultiple,
            )  # fmt: skip
        for place, label in FLAGS.items():
            self.fields[place] = forms.BooleanField(label=label, required=False, initial=_at(self.before, place))

    def _seasons(self) -> None:
        for number, name in enumerate([*self.before["seasons"], *[""] * _BLANK_SEASONS]):
            span = self.before["seasons"].get(name, {})
            place = f"season.{number}"
            self.fields[f"{place}.name"] = forms.CharField(
                label=_("叫什么"), max_length=20, required=False, initial=str(_SEASON_WORDS.get(name, name))
            )
            for end, label in (("from", _("从几月几日")), ("to", _("到几月几日"))):
                self.fields[f"{place}.{end}"] = forms.CharField(
                    label=label, max_length=5, required=False, initial=span.get(end, ""),
                    widget=forms.TextInput(attrs={"placeholder": "11-15" if end == "from" else "03-15"}),
                )  # fmt: skip

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
            self.fields[f"category.{number}.season"] = forms.ChoiceField(
                label=_("只在"), required=False, initial=rule.get("season", ""),
                choices=[("", _("全年")), *((key, _SEASON_WORDS.get(key, key)) for key in self._season_keys())],
            )  # fmt: skip
            said = str(sla.Limit.from_json(rule["resolve"])) if rule.get("resolve") else ""
            self.fields[f"category.{number}.resolve"] = LimitField(
                label=_("办结"), required=False, initial=said, max_length=20
            )
            self.fields[f"category.{number}.verify_percent"] = _percent(_("抽查（%）"), rule.get("verify_percent"))

    def _organizations(self) -> None:
        own = list(_at(self.before, "verify.organizations").items())
        known = [(str(row.id), row.name) for row in territory().organizations.values()]
        names = {code for code, _name in known}
        known += [(code, _("已撤销的单位")) for code, _percent_ in own if code not in names]
        for number in range(len(own) + _BLANK_ORGANIZATIONS):
            code, percent = own[number] if number < len(own) else ("", None)
            self.fields[f"checked.{number}.id"] = forms.ChoiceField(
                label=_("单位"), choices=[("", "—"), *known], required=False, initial=code,
                widget=forms.Select(attrs={"data-combo": _("输几个字找单位")}),
            )  # fmt: skip
            self.fields[f"checked.{number}.percent"] = _percent(_("抽查（%）"), percent)

    @property
    def organization_rows(self) -> int:
        return len(_at(self.before, "verify.organizations")) + _BLANK_ORGANIZATIONS

    def _season_keys(self) -> list[str]:
        """Of the document, and what this form names for the first time."""
        typed = [self.data.get(f"season.{number}.name", "") for number in range(self.season_rows)] if self.data else []
        return list(
            dict.fromkeys([*self.before["seasons"], *(key for name in typed if (key := self._season_key(name)))])
        )

    def _season_key(self, word: str) -> str:
        """The name in the document of what the page calls so."""
        word = word.strip()
        return next((key for key, words in _SEASON_WORDS.items() if str(words) == word), word)

    @property
    def category_rows(self) -> int:
        return len(self.before["categories"]) + _BLANK_ROWS

    @property
    def season_rows(self) -> int:
        return len(self.before["seasons"]) + _BLANK_SEASONS

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        self.seasons = self._clean_seasons(data)
        seen: set[str] = set()
        for number in range(self.category_rows):
            place = f"category.{number}"
            code, klass, season = (data.get(f"{place}.{part}") for part in ("code", "class", "season"))
            asked = klass or data.get(f"{place}.resolve") or data.get(f"{place}.verify_percent")
            if code in seen and code:
                self.add_error(f"{place}.code", _("这个事项写了两次。"))
            elif code and f"{place}.resolve" not in self.errors and not asked:
                self.add_error(f"{place}.code", _("请选等级、填办结时限或抽查比例；不要这一条就把事项清空。"))
            elif code and season and not klass:
                self.add_error(f"{place}.season", _("季节只管“至少按”，请选等级。"))
            elif code and season and season not in self.seasons:
                self.add_error(f"{place}.season", _("这个季节已经不在下面了。"))
            seen.add(code or "")
        self._clean_organizations(data)
        starts = data.get("starts_on")
        if starts and starts <= clock.today():
            self.add_error("starts_on", _("请选今天以后的日期；不填就是现在。"))
        return data

    def _clean_organizations(self, data: Mapping[str, Any]) -> None:
        self.checked: dict[str, int] = {}
        for number in range(self.organization_rows):
            place = f"checked.{number}"
            code, percent = data.get(f"{place}.id"), data.get(f"{place}.percent")
            if code and code in self.checked:
                self.add_error(f"{place}.id", _("这个单位写了两次。"))
            elif code and percent is None and f"{place}.percent" not in self.errors:
                self.add_error(f"{place}.percent", _("请填比例；不要这一行就把单位清空。"))
            elif code and percent is not None:
                self.checked[code] = percent

    def _clean_seasons(self, data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for number in range(self.season_rows):
            place = f"season.{number}"
            name, first, last = (str(data.get(f"{place}.{part}") or "").strip() for part in ("name", "from", "to"))
            if not (name or first or last):
                continue
            key = self._season_key(name)
            if not key or key in found:
                self.add_error(f"{place}.name", _("已经有叫这个名字的了。") if key else _("请给这段日子起个名字。"))
                continue
            try:
                span = read_span(first, last, place)
            except HoursError:
                found.setdefault(key, {})  # known by name, so that what refers to it is not wrong as well
                self.add_error(f"{place}.from", _("两头都写成“11-15”这样的月和日，要真有这一天。"))
            else:
                found[key] = {
                    "from": "{:02d}-{:02d}".format(*span.first), "to": "{:02d}-{:02d}".format(*span.last)
                }  # fmt: skip
        return found

    def document(self) -> dict[str, Any]:
        """The whole document with what the form says in it."""
        found, data = copy.deepcopy(self.before), self.cleaned_data
        for place in [*self.places("classes."), *self.places("levels."), *LONE_LIMITS, *NUMBERS, *FLAGS]:
            _put(found, place, data[place])
        for place in CHOICES:
            # Their order means nothing: what was only ticked in another order is no change.
            if set(data[place]) != set(_at(found, place)):
                _put(found, place, data[place])
        found["seasons"] = self.seasons
        _put(found, "verify.organizations", self.checked)
        found["categories"] = {}
        for number in range(self.category_rows):
            code, klass, season, limit, percent = (data[f"category.{number}.{part}"] for part in OWN_PARTS)
            if code:
                rule = {"class": klass, "season": season, "resolve": limit, "verify_percent": percent}
                found["categories"][code] = {name: value for name, value in rule.items() if value}
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
        levels = sorted(self.before["levels"], key=[*LEVELS].index)
        return [(LEVELS[row], [self[f"levels.{row}.{name}"] for name in LEVEL_LIMITS]) for row in levels]

    def own_rows(self) -> list[list[Any]]:
        return [[self[f"category.{n}.{part}"] for part in OWN_PARTS] for n in range(self.category_rows)]

    def organization_fields(self) -> list[list[Any]]:
        """Of the organizations that are looked at more often than others."""
        parts = ("id", "percent")
        return [[self[f"checked.{n}.{part}"] for part in parts] for n in range(self.organization_rows)]

    def season_fields(self) -> list[list[Any]]:
        return [[self[f"season.{n}.{part}"] for part in ("name", "from", "to")] for n in range(self.season_rows)]

    def groups(self) -> list[tuple[Any, list[Any]]]:
        return [(title, [self[place] for place in places]) for title, places in GROUPS]


def _percent(label: Any, initial: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=100, initial=initial)


@cache
def _shipped() -> dict[str, Any]:
    found: dict[str, Any] = sla.default_document()
    return found


def _at(document: dict[str, Any], place: str) -> Any:
    """The value at a place; the shipped one where the document is older than the place."""
    found = _in(document, place)
    return found if found is not None or not place.startswith(_YOUNGER) else _in(_shipped(), place)


def _in(document: dict[str, Any], place: str) -> Any:
    value: Any = document
    for part in place.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _put(document: dict[str, Any], place: str, value: Any) -> None:
    *way, last = place.split(".")
    for part in way:
        document = document.setdefault(part, {})
    if value is None:
        document.pop(last, None)
    else:
        document[last] = value
