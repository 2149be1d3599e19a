"""Routing rules for the district's administrator: the list, one rule, and what a change would have meant."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts.guards import staff_required
from governance.accounts.queries import staff_names
from governance.kernel.actors import Actor
from governance.kernel.errors import Invalid, NotFound
from governance.kernel.idempotency import request_hash
from governance.kernel.keyed import KeyedForm, act_once
from requests_intake.actions.routing_rules import (
    checked,
    current_rules,
    judged,
    problem_sentence,
    restore_routing_rules,
    set_routing_rules,
)
from requests_intake.forms.routing import RuleForm
from requests_intake.models import RoutingFailure, RoutingRuleSet
from requests_intake.policy_effect import LOOKED_BACK
from requests_intake.presentation.routing import rules_in_words
from requests_intake.routing_effect import effect_of_rules
from requests_intake.routing_reading import Problem, RuleError, document_of, read_rules
from requests_intake.routing_rules import Rule
from requests_intake.rulings import rule_set

administrator_required = staff_required(kinds={"district_admin"})
_VERSIONS = 20


def actor_of_request(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _rows(rules: tuple[Rule, ...], found: list[Problem]) -> list[dict[str, Any]]:
    said: dict[str, list[str]] = {}
    for row in found:
        said.setdefault(row.key, []).append(problem_sentence(row))
    return [
        {**words, "number": number, "warnings": said.get(words["key"], [])}
        for number, words in enumerate(rules_in_words(rules), start=1)
    ]


@administrator_required
@require_safe
def rules_list(request: HttpRequest) -> HttpResponse:
    in_force, found = rule_set(), current_rules()
    rules = found.rules or ()
    versions = list(RoutingRuleSet.objects.order_by("-version").defer("document")[:_VERSIONS])
    names = staff_names(row.written_by_id for row in versions)
    context = {
        "rows": _rows(rules, judged(rules, rules)),
        "version": found.version,
        "is_unreadable": in_force.rules is None,
        "versions": [{"row": row, "by": names.get(row.written_by_id or 0, "")} for row in versions],
        "failures": RoutingFailure.objects.filter(resolved_at=None).count(),
    }
    return render(request, "manage/routing/list.html", context)


def _save(
    request: HttpRequest, form: KeyedForm, rules: list[dict[str, Any]], *, based_on: int, note: str
) -> Callable[[], None]:
    def act() -> None:
        set_routing_rules({"version": 1, "rules": rules}, based_on=based_on, note=note, actor=actor_of_request(request))

    return act


def _based_on(request: HttpRequest, current: int) -> int:
    said = request.POST.get("based_on", "")
    return int(said) if said.isdecimal() and len(said) < 10 else current


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def rule_new(request: HttpRequest) -> HttpResponse:
    """A new rule, at the end; ``?copy=key`` begins with what another one says."""
    rules = current_rules().rules or ()
    copied = next((rule for rule in rules if rule.key == request.GET.get("copy")), None)
    if copied is not None:
        copied = replace(copied, name=_("{name}（副本）").format(name=copied.name)[:40])
    return _edit(request, get_random_string(8, "abcdefghijkmnpqrstuvwxyz23456789"), copied, is_new=True)


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def rule_edit(request: HttpRequest, key: str) -> HttpResponse:
    return _edit(request, key, _find(key), is_new=False)


def _find(key: str) -> Rule:
    found = next((rule for rule in current_rules().rules or () if rule.key == key), None)
    if found is None:
        raise NotFound("no_rule", _("没有这条规则，可能刚被删掉了。"))
    return found


def _edit(request: HttpRequest, key: str, rule: Rule | None, *, is_new: bool) -> HttpResponse:
    """The form; a first sending shows what the change would have meant, a second one saves exactly that."""
    found = current_rules()
    now = found.rules or ()
    form = RuleForm(request.POST if request.method == "POST" else None, rule=rule)
    title = _("加一条规则") if is_new else (rule.name if rule else "")
    context: dict[str, Any] = {
        "form": form, "title": title, "based_on": _based_on(request, found.version), "is_new": is_new,
        "days": LOOKED_BACK.days,
    }  # fmt: skip
    if form.is_bound and form.is_valid():
        key = request.POST.get("key", key)[:12] if is_new else key
        wanted = form.rule(key)
        rows = [wanted if row["key"] == key else row for row in document_of(now)["rules"]]
        if wanted not in rows:  # else the form of a new rule was sent twice, or an old one is changed
            rows.append(wanted)
        number = next(n for n, row in enumerate(rows) if row["key"] == key)
        try:
            rules, warnings = checked({"version": 1, "rules": rows}, now)
        except Invalid as error:
            form.refused_at(error, number)
        else:
            seen = request_hash({"rule": wanted})
            if request.POST.get("seen") == seen:
                act = _save(request, form, rows, based_on=context["based_on"], note=form.cleaned_data["note"])
                if act_once(request, form, act):
                    messages.success(request, _("“{name}”存好了，从现在起来的按它派").format(name=wanted["name"]))
                    return redirect("manage:routing")
            else:
                context |= {
                    "effect": effect_of_rules(now, rules, actor=actor_of_request(request)),
                    "seen": seen,
                    "key": key,
                    "is_changed": rules != now,
                    "warnings": [problem_sentence(row) for row in warnings if row.key == key],
                }
                return render(request, "manage/routing/rule.html", context)
    if is_new:
        context["key"] = key
    return render(request, "manage/routing/rule.html", context, status=422 if form.is_bound else 200)


# ---------------------------------------------------------------- moving, switching, removing
def _moved(rows: list[dict[str, Any]], number: int, by: int) -> list[dict[str, Any]]:
    to = max(0, min(len(rows) - 1, number + by))
    rows.insert(to, rows.pop(number))
    return rows


def _switched(rows: list[dict[str, Any]], number: int, on: bool) -> list[dict[str, Any]]:
    rows[number] = {**rows[number], "is_active": on}
    return rows


_VERBS: dict[str, tuple[Any, Callable[[list[dict[str, Any]], int], list[dict[str, Any]]]]] = {
    "up": (gettext_lazy("往前移"), lambda rows, number: _moved(rows, number, -1)),
    "down": (gettext_lazy("往后移"), lambda rows, number: _moved(rows, number, 1)),
    "off": (gettext_lazy("停用"), lambda rows, number: _switched(rows, number, False)),
    "on": (gettext_lazy("启用"), lambda rows, number: _switched(rows, number, True)),
    "remove": (gettext_lazy("删掉"), lambda rows, number: rows[:number] + rows[number + 1 :]),
}


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def rule_change(request: HttpRequest, key: str, verb: str) -> HttpResponse:
    """Look at what a move, a switch or a removal would have meant; then make it."""
    if verb not in _VERBS:
        raise NotFound("no_verb", _("没有这个操作。"))
    rule, found = _find(key), current_rules()
    now = found.rules or ()
    label, change = _VERBS[verb]
    rows = change(document_of(now)["rules"], next(n for n, each in enumerate(now) if each.key == key))
    form = KeyedForm(request.POST if request.method == "POST" else None)
    note = f"{label}：{rule.name}"
    act = _save(request, form, rows, based_on=_based_on(request, found.version), note=note)
    if form.is_bound and act_once(request, form, act):
        messages.success(request, _("“{name}”{verb}，记为新的一版").format(name=rule.name, verb=label))
        return redirect("manage:routing")
    context: dict[str, Any] = {
        "form": form,
        "rule": rules_in_words([rule])[0],
        "verb": label,
        "based_on": found.version,
    }
    rules = read_rules({"version": 1, "rules": rows})
    context |= {
        "effect": effect_of_rules(now, rules, actor=actor_of_request(request)),
        "warnings": [problem_sentence(row) for row in judged(rules, now) if row.key == key],
        "is_changed": rules != now,
        "days": LOOKED_BACK.days,
    }
    return render(request, "manage/routing/change.html", context, status=422 if form.is_bound else 200)


# ---------------------------------------------------------------- versions
@administrator_required
@require_safe
def version(request: HttpRequest, number: int) -> HttpResponse:
    """An earlier version, and what going back to it would have meant."""
    row, found = RoutingRuleSet.objects.filter(version=number).first(), current_rules()
    if row is None and number != 0:
        raise NotFound("no_version", _("没有这一版规则。"))
    try:
        rules = read_rules(row.document) if row else ()
    except RuleError:
        rules = ()
    now = found.rules or ()
    context = {
        "row": row,
        "number": number,
        "rows": _rows(rules, []),
        "effect": effect_of_rules(now, rules, actor=actor_of_request(request)),
        "is_current": number == found.version,
        "is_changed": rules != now,
        "based_on": found.version,
        "form": KeyedForm(),
        "days": LOOKED_BACK.days,
    }
    return render(request, "manage/routing/version.html", context)


@administrator_required
@require_POST
def restore(request: HttpRequest, number: int) -> HttpResponse:
    form = KeyedForm(request.POST)
    based_on = _based_on(request, current_rules().version)

    def act() -> None:
        restore_routing_rules(number, based_on=based_on, actor=actor_of_request(request))

    if act_once(request, form, act):
        messages.success(request, _("恢复好了，记为新的一版"))
    else:
        for sentences in form.errors.values():
            messages.error(request, " ".join(map(str, sentences)))
        return redirect(reverse("manage:routing_version", args=[number]))
    return redirect("manage:routing")
