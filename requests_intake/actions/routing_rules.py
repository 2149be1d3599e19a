"""The district's routing rules: every change is a new version of the whole set, and the newest one holds."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotFound
from governance.kernel.models import District
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import current_district
from requests_intake.actions.context import savepoint
from requests_intake.models import RoutingFailure, RoutingRuleSet
from requests_intake.routing_reading import Problem, RuleError, document_of, problems, read_rules
from requests_intake.routing_rules import Rule
from requests_intake.rulings import RuleSet, rule_set, vocabulary

_SENTENCES = {
    "missing": gettext_lazy("这里必须填。"),
    "too_long": gettext_lazy("写短一点。"),
    "twice": gettext_lazy("已经有一条规则用了这个。"),
    "empty": gettext_lazy("一个也没有选，这个条件永远不成立。不要这个条件就整个去掉。"),
    "too_many": gettext_lazy("太多了。规则最多 200 条，每条最多 50 个词。"),
    "bad_word": gettext_lazy("每个词 2 至 20 个字，一个字会认错太多。"),
    "unknown_name": gettext_lazy("没有这个选项。"),
    "bad_day": gettext_lazy("日期写成 11-15 或 2026-11-15 这样。"),
    "before_start": gettext_lazy("结束日期早于开始日期。"),
    "bad_time": gettext_lazy("时间写成 22:00 这样。"),
    "same_time": gettext_lazy("起止时间一样，没有哪一刻算在里面。"),
    "two_targets": gettext_lazy("只能选一个去处：从某一级办起、指定单位、某类部门。"),
    "no_result": gettext_lazy("这条规则什么也不做。请选去处、加急或限制知悉。"),
    "unknown_key": gettext_lazy("没有这一项。"),
}
_PROBLEMS = {
    "when.categories": gettext_lazy("没有这个分类（或者已停用）：{detail}。"),
    "when.areas": gettext_lazy("没有这个地方（或者已停用）：{detail}。"),
    "when.compounds": gettext_lazy("没有这个小区（或者已停用）：{detail}。"),
    "when.channels": gettext_lazy("没有这个渠道：{detail}。"),
    "then.organization": gettext_lazy("这个单位没有，或者已经撤销。"),
    "then.department_kind": gettext_lazy("本区没有这类部门：{detail}。"),
    "words_exclude_each_other": gettext_lazy("“出现任一个”的词里都含有“不能出现”的词（{detail}），永远不成立。"),
    "restricted_is_not_sent": gettext_lazy("限制知悉的事和举报由区里专人派单，规则不能替他派。"),
    "raises_nothing": gettext_lazy("条件里的已经这么急了，再加急没有作用。"),
    "never_reached": gettext_lazy("前面的“{detail}”已经把这些都接走了，这一条轮不到。"),
}


def rule_sentence(error: RuleError) -> str:
    """What is wrong at that place, in words."""
    return str(_SENTENCES.get(error.code, gettext_lazy("这里填得不对。")))


def problem_sentence(problem: Problem) -> str:
    words = _PROBLEMS.get(problem.path if problem.code == "unknown" else problem.code)
    return str(words or gettext_lazy("这里填得不对。")).format(detail=problem.detail)


def judged(rules: tuple[Rule, ...], now: tuple[Rule, ...]) -> list[Problem]:
    """Problems of a set that is to follow ``now``; those of rules that stay as they are become warnings.

    A department that was closed since must not keep the administrator from mending another rule.
    """
    kept = {rule.key for rule in rules if rule in now}
    return [
        Problem(row.key, row.path, row.code, row.detail, is_warning=row.is_warning or row.key in kept)
        for row in problems(rules, vocabulary())
    ]


def checked(document: object, now: tuple[Rule, ...]) -> tuple[tuple[Rule, ...], list[Problem]]:
    """The rules of a document and the warnings about them. Raises ``Invalid``; fields are paths in the document."""
    try:
        rules = read_rules(document)
    except RuleError as error:
        sentence = rule_sentence(error)
        raise Invalid("bad_rules", sentence, fields={error.path or "rules": [sentence]}) from error
    found = judged(rules, now)
    numbers = {rule.key: number for number, rule in enumerate(rules)}
    fields: dict[str, list[str]] = {}
    for row in found:
        if not row.is_warning:
            fields.setdefault(f"rules.{numbers[row.key]}.{row.path}", []).append(problem_sentence(row))
    if fields:
        raise Invalid("bad_rules", _("规则里有执行不了的地方，没有保存。"), fields=fields)
    return rules, [row for row in found if row.is_warning]


@savepoint
def set_routing_rules(document: dict[str, Any], *, based_on: int, note: str = "", actor: Actor) -> RoutingRuleSet:
    """A new version of the rules, in force from now on. What is dispatched already stays where it is.

    ``based_on``: the version the administrator had before them (0: none yet); if another came meanwhile, ``conflict``
    and nothing is written. Raises ``NotAllowed``, ``Invalid`` with places in the document as fields, ``unchanged``.
    """
    require_administrator(actor)
    # The district's row is the lock: two administrators must not make the same version.
    District.objects.select_for_update().get(pk=current_district().pk)
    newest = RoutingRuleSet.objects.order_by("-version").first()
    last = newest.version if newest else 0
    if last != based_on:
        raise DomainError(
            "conflict",
            _("您打开以后，别人存了第 {number} 版规则。请刷新再改，您填的还在。").format(number=last),
            version=last,
        )
    rules, _warnings = checked(document, _rules_of(newest))
    whole = document_of(rules)
    if whole == (newest.document if newest else document_of(())):
        raise DomainError("unchanged", _("和现在的规则一样，没有改动。"))
    made = RoutingRuleSet.objects.create(
        version=last + 1,
        document=whole,
        valid_from=clock.now(),
        note=note.strip()[:100],
        written_by_id=actor.membership_id,
    )
    audit.record(
        "settings.routing", actor=actor, object_kind="routing_rules", object_id=made.pk, version=made.version,
        count=len(rules),
    )  # fmt: skip
    bump_reference()
    return made


def _rules_of(row: RoutingRuleSet | None) -> tuple[Rule, ...]:
    if row is None:
        return ()
    try:
        return read_rules(row.document)
    except RuleError:
        return ()


@savepoint
def restore_routing_rules(version: int, *, based_on: int, actor: Actor) -> RoutingRuleSet:
    """Write an earlier version (0: no rules at all) as the newest one. Raises as ``set_routing_rules``."""
    old = RoutingRuleSet.objects.filter(version=version).first()
    if old is None and version != 0:
        raise NotFound("no_version", _("没有这一版规则。"))
    document = old.document if old else document_of(())
    note = _("恢复第 {number} 版").format(number=version) if old else _("撤掉所有规则")
    return set_routing_rules(document, based_on=based_on, note=note, actor=actor)


def current_rules() -> RuleSet:
    """The version that holds now, as the pages edit it; a version nobody can read counts as empty there."""
    found = rule_set()
    return found if found.rules is not None else RuleSet(found.version, found.valid_from, ())


@savepoint
def resolve_failure(failure_id: int, *, whole_rule: bool = False, actor: Actor) -> int:
    """Somebody has looked at a failure (with ``whole_rule``: at all open ones of that rule). How many are settled now.

    Raises ``NotAllowed``, ``NotFound`` and ``resolved_already``.
    """
    require_administrator(actor)
    row = RoutingFailure.objects.select_for_update().filter(pk=failure_id).first()
    if row is None:
        raise NotFound("no_failure", _("没有这条记录。"))
    if row.resolved_at is not None:
        raise DomainError("resolved_already", _("这条已经处理过了。"))
    rows = RoutingFailure.objects.filter(resolved_at=None)
    rows = rows.filter(rule_key=row.rule_key, code=row.code) if whole_rule else rows.filter(pk=row.pk)
    count = rows.update(resolved_at=clock.now(), resolved_by_id=actor.membership_id)
    audit.record("settings.routing_failure", actor=actor, object_kind="routing_failure", object_id=row.pk, count=count)
    return count
