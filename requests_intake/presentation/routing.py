"""Routing rules in words: conditions, results, and why a rule held or did not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grids.models import Compound
from grids.reference import territory
from requests_intake.models import Channel, RequestType, RoutingFailure, Urgency
from requests_intake.reference import rules
from requests_intake.routing_rules import Conditions, Daypart, DaySpan, Match, Result, Rule

CONDITIONS = {
    "categories": gettext_lazy("事项"),
    "request_types": gettext_lazy("类型"),
    "urgencies": gettext_lazy("紧急程度"),
    "channels": gettext_lazy("渠道"),
    "any_words": gettext_lazy("出现词语"),
    "no_words": gettext_lazy("不出现词语"),
    "places": gettext_lazy("地方"),
    "hours": gettext_lazy("时间"),
    "season": gettext_lazy("日期"),
    "is_anonymous": gettext_lazy("匿名"),
    "is_proactive": gettext_lazy("主动发现"),
}
LEVEL_WORDS = {
    "grid": gettext_lazy("网格"),
    "community": gettext_lazy("社区"),
    "street": gettext_lazy("街道"),
    "district": gettext_lazy("区"),
}
_YES = {"yes": gettext_lazy("是"), "no": gettext_lazy("否")}


def category_word(code: str) -> str:
    found = rules().by_code.get(code)
    return found.name if found else code


def place_word(code: str) -> str:
    found = territory().area_by_code(code)
    return found.name if found else code


def value_word(condition: str, value: str) -> str:
    """What a condition was judged by, as people say it; a place of a compound is its own name where it is known."""
    if not value:
        return {
            "categories": _("没有分类"),
            "any_words": _("一个也没有"),
            "no_words": _("没有出现"),
            "places": _("不在其中"),
        }.get(condition, "")
    match condition:
        case "categories":
            return category_word(value)
        case "request_types":
            return str(RequestType(value).label) if value in RequestType.values else value
        case "urgencies":
            return str(Urgency(value).label) if value in Urgency.values else value
        case "channels":
            return str(Channel(value).label) if value in Channel.values else value
        case "places":
            return _("所在小区") if value.startswith("#") else place_word(value)
        case "is_anonymous" | "is_proactive":
            return str(_YES.get(value, value))
    return value


def match_word(condition: str, value: str) -> str:
    """事项是“公共照明”: one condition with what it was judged by."""
    label = str(CONDITIONS.get(condition, condition))
    return _("{label}：{value}").format(label=label, value=value_word(condition, value))


def because(why: Iterable[Iterable[str]]) -> str:
    """The reasons a transition kept, in one line; 没有条件 for a rule that takes everything."""
    found = [match_word(condition, value) for condition, value in why]
    return "；".join(found) or _("这条规则没有条件，所有诉求都算")


def matches_in_words(matches: Iterable[Match]) -> list[dict[str, Any]]:
    return [{"text": match_word(match.condition, match.value), "holds": match.holds} for match in matches]


def conditions_in_words(when: Conditions, compounds: Mapping[int, str]) -> list[str]:
    """事项：公共照明、楼道杂物: every condition of a rule. ``compounds``: names of those it may speak of."""
    found = []

    def add(condition: str, values: Iterable[Any]) -> None:
        words = "、".join(str(value) for value in values)
        if words:
            found.append(f"{CONDITIONS[condition]}：{words}")

    add("categories", map(category_word, when.categories))
    for name in ("request_types", "urgencies", "channels"):
        add(name, [value_word(name, value) for value in getattr(when, name)])
    add("any_words", when.any_words)
    add("no_words", when.no_words)
    places = [place_word(code) for code in when.areas]
    gone = _("已停用的小区")
    add("places", [*places, *(compounds.get(pk, gone) for pk in when.compounds)])
    if when.hours is not None:
        add("hours", [hours_word(when.hours)])
    if when.season is not None:
        days = ["{:02}-{:02}".format(*day) for day in (when.season.first, when.season.last)]
        add("season", [_("{first} 至 {last}").format(first=days[0], last=days[1])])
    for name in ("is_anonymous", "is_proactive"):
        asked = getattr(when, name)
        if asked is not None:
            add(name, [_YES["yes" if asked else "no"]])
    return found


def compound_names(found: Iterable[Rule]) -> dict[int, str]:
    """Of every compound that rules speak of; one statement, none where they speak of none."""
    wanted = {pk for rule in found for pk in rule.when.compounds}
    return dict(Compound.objects.filter(pk__in=wanted).values_list("pk", "name")) if wanted else {}


def hours_word(hours: Daypart | DaySpan) -> str:
    if isinstance(hours, DaySpan):
        return str(hours)
    return _("工作时间") if hours is Daypart.WORKING else _("非工作时间")


def result_in_words(then: Result) -> str:
    """从街道办起，提到紧急."""
    parts = []
    if then.start_level:
        parts.append(_("从{level}办起").format(level=LEVEL_WORDS[then.start_level]))
    if then.organization_id is not None:
        name = territory().organization_name(then.organization_id)
        parts.append(_("派给{name}").format(name=name or _("一个已经撤销的单位")))
    if then.department_kind:
        parts.append(_("派给最近的{kind}").format(kind=department_word(then.department_kind)))
    if then.raise_to:
        parts.append(_("提到{urgency}").format(urgency=Urgency(then.raise_to).label))
    if then.is_restricted:
        parts.append(_("限制知悉"))
    return "，".join(parts)


def department_word(kind: str) -> str:
    """The kind as one of its organizations is called: 区自来水公司这一类."""
    names = [row.name for row in territory().organizations.values() if row.department_kind == kind]
    if kind == "property_company":
        return _("物业公司")
    return _("{name}这一类").format(name=names[0]) if names else kind


def rules_in_words(found: Sequence[Rule]) -> list[dict[str, Any]]:
    """Dicts for ``manage/routing/_rule.html``."""
    compounds = compound_names(found)
    return [_in_words(rule, compounds) for rule in found]


def _in_words(rule: Rule, compounds: Mapping[int, str]) -> dict[str, Any]:
    return {
        "key": rule.key,
        "name": rule.name,
        "conditions": conditions_in_words(rule.when, compounds) or [_("所有诉求")],
        "result": result_in_words(rule.then),
        "is_active": rule.is_active,
        "valid_from": rule.valid_from,
        "valid_until": rule.valid_until,
    }


def rule_line(payload: dict[str, Any]) -> str:
    """For the desk's timeline: by which rule a matter was sent, and why, or what kept the rule from being carried out.

    Empty where no rule spoke.
    """
    kept = payload.get("rule")
    if not isinstance(kept, dict):
        return ""
    name, failed = str(kept.get("name", "")), str(kept.get("failed", ""))
    if failed:
        what = RoutingFailure.Code(failed).label if failed in RoutingFailure.Code.values else failed
        rule = _("规则“{name}”").format(name=name) if name else _("派单规则")
        return _("{rule}没有执行成（{what}），先派给社区").format(rule=rule, what=what)
    reasons = because(kept.get("why", ()))
    to = territory().organization_name(payload.get("to_organization"))
    if to:
        return _("按规则“{name}”派给{to}，因为{reasons}").format(name=name, to=to, reasons=reasons)
    return _("按规则“{name}”，因为{reasons}").format(name=name, reasons=reasons)
