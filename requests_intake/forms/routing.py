"""Forms of the routing rules: one rule as a page of choices, and a matter to try them on."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import clock
from governance.kernel.errors import Invalid
from governance.kernel.keyed import KeyedForm
from grids.models import Compound
from grids.reference import territory
from requests_intake.actions.settings_words import department_kinds
from requests_intake.actions.submit import CONTENT_LENGTH, Report
from requests_intake.forms.choices import categories, communities
from requests_intake.models import Channel, RequestType, Urgency
from requests_intake.presentation.routing import LEVEL_WORDS
from requests_intake.reference import rules
from requests_intake.routing_reading import NAME_LENGTH
from requests_intake.routing_rules import Daypart, DaySpan, Rule

_EITHER = [("", gettext_lazy("都算")), ("yes", gettext_lazy("只要是")), ("no", gettext_lazy("只要不是"))]
_SEPARATORS = re.compile(r"[\s、，,；;]+")
_HOURS = [
    ("", gettext_lazy("任何时候")),
    ("working", gettext_lazy("工作时间")),
    ("off", gettext_lazy("非工作时间")),
    ("span", gettext_lazy("每天一段时间")),
]
_TARGETS = [
    ("", gettext_lazy("照平常走")),
    ("start_level", gettext_lazy("从某一级办起")),
    ("organization", gettext_lazy("指定单位")),
    ("department_kind", gettext_lazy("最近的某类部门")),
]
_RAISE = [("", gettext_lazy("不加急")), ("urgent", gettext_lazy("提到紧急")), ("critical", gettext_lazy("提到特急"))]
_LISTS = ("categories", "areas", "request_types", "urgencies", "channels")
FIELD_OF = {
    "when.categories": "categories", "when.request_types": "request_types", "when.urgencies": "urgencies",
    "when.any_words": "any_words", "when.no_words": "no_words", "when.areas": "areas", "when.compounds": "compounds",
    "when.channels": "channels", "when.hours.from": "hours_from", "when.hours.to": "hours_to",
    "when.season.from": "season_from", "when.season.to": "season_to", "then.organization": "organization",
    "then.department_kind": "department_kind", "then.start_level": "target", "then.raise_to": "raise_to",
    "then.is_restricted": "is_restricted", "name": "name", "valid_from": "valid_from", "valid_until": "valid_until",
}  # fmt: skip
"""Where in the form a place of the document stands."""


def split_words(text: str) -> list[str]:
    return list(dict.fromkeys(word for word in _SEPARATORS.split(text) if word))


def _day_field(label: Any, help_text: Any = "") -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}), help_text=help_text
    )


def _ticks(label: Any, choices: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, required=False, choices=choices, widget=forms.CheckboxSelectMultiple)


def _chips(label: Any, choices: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=choices, widget=forms.RadioSelect, initial="")


def _words(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 2}), help_text=help_text
    )


class RuleForm(KeyedForm):
    name = forms.CharField(label=gettext_lazy("规则名称"), max_length=NAME_LENGTH)
    any_words = _words(gettext_lazy("出现任一个词"), gettext_lazy("标题或内容里有其中一个就算，用空格或顿号隔开。"))
    no_words = _words(gettext_lazy("不能出现的词"), gettext_lazy("有一个就不算，例如演练、宣传。"))
    categories = _ticks(gettext_lazy("事项"), ())
    areas = _ticks(gettext_lazy("街道、社区"), ())
    compounds = _words(gettext_lazy("小区"), gettext_lazy("写小区名称，用空格或顿号隔开。和上面勾的地方任一个就算。"))
    request_types = _ticks(gettext_lazy("诉求类型"), RequestType.choices)
    urgencies = _ticks(gettext_lazy("紧急程度"), Urgency.choices)
    channels = _ticks(gettext_lazy("渠道"), Channel.choices)
    hours = _chips(gettext_lazy("什么时候来的"), _HOURS)
    hours_from = forms.CharField(
        label=gettext_lazy("从"), required=False, max_length=5, widget=forms.TextInput(attrs={"placeholder": "22:00"})
    )
    hours_to = forms.CharField(
        label=gettext_lazy("到"), required=False, max_length=5, widget=forms.TextInput(attrs={"placeholder": "06:00"})
    )
    season_from = forms.CharField(
        label=gettext_lazy("每年从"), required=False, max_length=5,
        widget=forms.TextInput(attrs={"placeholder": "11-15"}),
    )  # fmt: skip
    season_to = forms.CharField(
        label=gettext_lazy("到"), required=False, max_length=5, widget=forms.TextInput(attrs={"placeholder": "03-15"}),
        help_text=gettext_lazy("可以跨过元旦。"),
    )  # fmt: skip
    is_anonymous = _chips(gettext_lazy("匿名"), _EITHER)
    is_proactive = _chips(gettext_lazy("主动发现的"), _EITHER)
    target = _chips(gettext_lazy("去处"), _TARGETS)
    start_level = forms.ChoiceField(
        label=gettext_lazy("从哪一级办起"), required=False, choices=[("", "—"), *LEVEL_WORDS.items()]
    )
    organization = forms.TypedChoiceField(
        label=gettext_lazy("单位"), required=False, coerce=int, empty_value=None,
        widget=forms.Select(attrs={"data-combo": ""}),
    )  # fmt: skip
    department_kind = forms.ChoiceField(label=gettext_lazy("部门类别"), required=False)
    raise_to = forms.ChoiceField(
        label=gettext_lazy("加急"), required=False, widget=forms.RadioSelect, initial="",
        choices=_RAISE,
    )  # fmt: skip
    is_restricted = forms.BooleanField(
        label=gettext_lazy("限制知悉"), required=False,
        help_text=gettext_lazy("只有区里专人看得到，由他派单；不能再选去处。"),
    )  # fmt: skip
    is_active = forms.BooleanField(label=gettext_lazy("启用"), required=False, initial=True)
    valid_from = _day_field(gettext_lazy("从哪天起"))
    valid_until = _day_field(gettext_lazy("到哪天止"), gettext_lazy("不填就一直有效。"))
    note = forms.CharField(label=gettext_lazy("为什么改"), required=False, max_length=100)

    def __init__(self, *args: Any, rule: Rule | None = None, **kwargs: Any) -> None:
        if rule is not None:
            kwargs["initial"] = initial_of(rule)
        super().__init__(*args, **kwargs)
        for name in ("start_level", "organization", "department_kind"):
            self.fields[name].sometimes = True  # type: ignore[attr-defined]
        when = rule.when if rule else None
        self._choose("categories", _category_choices(), when.categories if when else ())
        self._choose("areas", _area_choices(), when.areas if when else ())
        kept = (rule.then.organization_id,) if rule and rule.then.organization_id else ()
        self._choose("organization", [("", _("请选择")), *_organization_choices()], kept)
        kinds = {**department_kinds(), "property_company": _("物业公司")}
        kept_kind = (rule.then.department_kind,) if rule and rule.then.department_kind else ()
        self._choose("department_kind", [("", "—"), *kinds.items()], kept_kind)

    def _choose(self, name: str, choices: list[tuple[Any, Any]], kept: tuple[Any, ...]) -> None:
        """What a rule names and the district does not have any more can still be seen, and is refused when saved."""
        there, places = {str(value) for value, _label in choices}, territory()
        more = []
        for value in kept:
            if str(value) not in there:
                area = places.area_by_code(value) if name == "areas" else None
                own = area.name if area else places.organization_name(value) if name == "organization" else ""
                more.append((value, own or _("{value}（已停用）").format(value=value)))
        self.fields[name].choices = [*choices, *more]  # type: ignore[attr-defined]

    def clean_compounds(self) -> list[int]:
        names = split_words(self.cleaned_data["compounds"])
        if not names:
            return []
        found: dict[str, list[int]] = {}
        for pk, name in Compound.objects.filter(name__in=names, ended_on=None).order_by("pk").values_list("pk", "name"):
            found.setdefault(name, []).append(pk)
        unknown = [name for name in names if name not in found]
        if unknown:
            raise forms.ValidationError(_("没有这个小区：{names}。").format(names="、".join(unknown)))
        return [pk for name in names for pk in found[name]]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        target = data.get("target")
        if target and not data.get(target):
            self.add_error(target, _("选了这个去处，请在这里选一个。"))
        return data

    def rule(self, key: str) -> dict[str, Any]:
        """The rule as a document holds it; conditions left open are left out."""
        data = self.cleaned_data
        when: dict[str, Any] = {
            name: data[name]
            for name in ("categories", "request_types", "urgencies", "areas", "compounds", "channels")
            if data[name]
        }
        when |= {name: words for name in ("any_words", "no_words") if (words := split_words(data[name]))}
        if data["hours"] == "span":
            when["hours"] = {"from": data["hours_from"].strip(), "to": data["hours_to"].strip()}
        elif data["hours"]:
            when["hours"] = data["hours"]
        if data["season_from"].strip() or data["season_to"].strip():
            when["season"] = {"from": data["season_from"].strip(), "to": data["season_to"].strip()}
        when |= {name: data[name] == "yes" for name in ("is_anonymous", "is_proactive") if data[name]}
        then: dict[str, Any] = {data["target"]: data[data["target"]]} if data["target"] else {}
        if data["raise_to"]:
            then["raise_to"] = data["raise_to"]
        if data["is_restricted"]:
            then["is_restricted"] = True
        days = {name: day.isoformat() for name in ("valid_from", "valid_until") if (day := data[name])}
        return {"key": key, "name": data["name"], "when": when, "then": then, "is_active": data["is_active"], **days}

    def refused_at(self, error: Invalid, number: int) -> None:
        """Show what is wrong with the document: at this rule's fields, or above the form where it is another's."""
        prefix = f"rules.{number}."
        for path, sentences in error.fields.items():
            name = FIELD_OF.get(path.removeprefix(prefix)) if path.startswith(prefix) else None
            self.add_error(name, sentences)

    @property
    def category_groups(self) -> list[dict[str, Any]]:
        """Ticks grouped by first level, for the folded lists of the page."""
        chosen = set(self["categories"].value() or ())
        known = rules()
        groups: dict[str, dict[str, Any]] = {}
        for value, label in self.fields["categories"].choices:  # type: ignore[attr-defined]
            ref = known.by_code.get(value)
            top = ref if ref is None or ref.parent_id is None else known.categories.get(ref.parent_id)
            heading = top.name if top else _("已停用")
            group = groups.setdefault(heading, {"heading": heading, "items": [], "open": False})
            group["items"].append({"value": value, "label": label, "checked": value in chosen})
            group["open"] = group["open"] or value in chosen
        return list(groups.values())

    @property
    def area_groups(self) -> list[dict[str, Any]]:
        chosen, places = set(self["areas"].value() or ()), territory()
        groups: dict[str, dict[str, Any]] = {}
        for value, label in self.fields["areas"].choices:  # type: ignore[attr-defined]
            area = places.area_by_code(value)
            heading = places.area_name(area.street_id) if area else _("已停用")
            group = groups.setdefault(heading, {"heading": heading, "items": [], "open": False})
            group["items"].append({"value": value, "label": label, "checked": value in chosen})
            group["open"] = group["open"] or value in chosen
        return list(groups.values())


def initial_of(rule: Rule) -> dict[str, Any]:
    """The form's fields as a rule has them."""
    when, then = rule.when, rule.then
    names = dict(Compound.objects.filter(pk__in=when.compounds).values_list("pk", "name")) if when.compounds else {}
    span = when.hours if isinstance(when.hours, DaySpan) else None
    either: Mapping[bool | None, str] = {None: "", True: "yes", False: "no"}
    target = (
        "start_level" if then.start_level
        else "organization" if then.organization_id else "department_kind" if then.department_kind else ""
    )  # fmt: skip
    return {
        "name": rule.name,
        **{
            name: list(getattr(when, name))
            for name in ("categories", "areas", "request_types", "urgencies", "channels")
        },
        "any_words": "、".join(when.any_words),
        "no_words": "、".join(when.no_words),
        "compounds": "、".join(dict.fromkeys(names.get(pk, f"#{pk}") for pk in when.compounds)),
        "hours": "span" if span else when.hours.value if isinstance(when.hours, Daypart) else "",
        "hours_from": f"{span.start:%H:%M}" if span else "",
        "hours_to": f"{span.end:%H:%M}" if span else "",
        "season_from": "{:02}-{:02}".format(*when.season.first) if when.season else "",
        "season_to": "{:02}-{:02}".format(*when.season.last) if when.season else "",
        "is_anonymous": either[when.is_anonymous],
        "is_proactive": either[when.is_proactive],
        "target": target,
        "start_level": then.start_level,
        "organization": then.organization_id or "",
        "department_kind": then.department_kind,
        "raise_to": then.raise_to,
        "is_restricted": then.is_restricted,
        "is_active": rule.is_active,
        "valid_from": rule.valid_from,
        "valid_until": rule.valid_until,
    }


def _category_choices() -> list[tuple[Any, Any]]:
    refs = sorted(rules().categories.values(), key=lambda ref: ref.code)
    return [(ref.code, ref.name if ref.parent_id else _("全部{name}").format(name=ref.name)) for ref in refs]


def _area_choices() -> list[tuple[Any, Any]]:
    return [
        (area.code, area.name if area.level == "community" else _("全{name}").format(name=area.name))
        for area in sorted(territory().areas.values(), key=lambda area: area.path)
        if area.level in ("street", "community")
    ]


def _organization_choices() -> list[tuple[Any, Any]]:
    return [(row.id, row.name) for row in territory().organizations.values() if row.level != "grid"]


class SimulateForm(forms.Form):
    """A matter nobody has reported: nothing of it is kept."""

    content = forms.CharField(
        label=gettext_lazy("居民怎么说"), max_length=CONTENT_LENGTH, widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": gettext_lazy("请写一句话，例如“半夜工地还在施工，吵得睡不着”。")},
    )  # fmt: skip
    address = forms.CharField(
        label=gettext_lazy("地址"), required=False, max_length=200,
        help_text=gettext_lazy("小区和楼号最准；或者在下面选社区。"),
    )  # fmt: skip
    community = forms.TypedChoiceField(label=gettext_lazy("社区"), required=False, coerce=int, empty_value=None)
    at = forms.DateTimeField(
        label=gettext_lazy("什么时候来的"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        help_text=gettext_lazy("不填就是现在。"),
    )  # fmt: skip
    channel = forms.ChoiceField(label=gettext_lazy("渠道"), choices=Channel.choices, initial=Channel.WEB)
    request_type = forms.ChoiceField(
        label=gettext_lazy("诉求类型"), required=False, choices=[("", gettext_lazy("由系统判断")), *RequestType.choices]
    )
    category = forms.ChoiceField(label=gettext_lazy("事项"), required=False)
    is_anonymous = forms.BooleanField(label=gettext_lazy("匿名"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["community"].choices = [("", _("不知道")), *communities()]  # type: ignore[attr-defined]
        chosen = [("", _("由系统判断")), *categories()[1:]]
        self.fields["category"].choices = chosen  # type: ignore[attr-defined]

    def clean_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["at"]
        if at is not None and not 2004 <= clock.local(at).year <= clock.today().year + 5:
            raise forms.ValidationError(_("请选近几年里的时间。"))
        return at

    def report(self) -> Report:
        data = self.cleaned_data
        return Report(
            content=data["content"],
            request_type=data["request_type"],
            category_code=data["category"],
            channel=data["channel"],
            address=data["address"],
            community_id=data["community"],
            is_anonymous=data["is_anonymous"],
        )
