"""Whatever is written to the audit log has words: the auditor never reads a raw key."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from governance.kernel import audit
from governance.kernel.audit_words import _DETAILS, OBJECTS, action_words, detail_words
from requests_intake.models import ProactiveTask

ROOTS = ("governance", "grids", "requests_intake", "services", "analytics")
OWN = set(inspect.signature(audit.record).parameters)


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for root in ROOTS:
        for path in sorted((Path(settings.BASE_DIR) / root).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path.relative_to(settings.BASE_DIR), ast.parse(path.read_text(encoding="utf-8"))


def records() -> Iterator[tuple[str, ast.Call]]:
    for path, module in modules():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                yield f"{path}:{node.lineno}", node


def action_in(call: ast.AST, takers: dict[str, int]) -> ast.expr | None:
    """What a call gives as the action, if it calls one of ``takers`` (function → which argument the action is)."""
    at = takers.get(ast.unparse(call.func)) if isinstance(call, ast.Call) else None
    return call.args[at] if isinstance(call, ast.Call) and at is not None and len(call.args) > at else None


def passed_on() -> Iterator[tuple[str, str]]:
    """Actions given to a function of the same folder that hands them on to ``audit.record``, at any depth."""
    folders: dict[Path, list[tuple[Path, ast.Module]]] = {}
    for path, module in modules():
        folders.setdefault(path.parent, []).append((path, module))
    for inside in folders.values():
        functions = [node for _, module in inside for node in ast.walk(module) if isinstance(node, ast.FunctionDef)]
        takers, known = {"audit.record": 0}, 0
        while known < len(takers):
            known = len(takers)
            for function in functions:
                names = [argument.arg for argument in function.args.args]
                for action in (action_in(node, takers) for node in ast.walk(function)):
                    if isinstance(action, ast.Name) and action.id in names:
                        takers[function.name] = names.index(action.id)
        for path, module in inside:
            for action in (action_in(node, takers) for node in ast.walk(module)):
                if isinstance(action, ast.Constant):
                    yield f"{path}:{action.lineno}", str(action.value)


def test_every_action_detail_and_kind_of_object_has_words() -> None:
    """As far as they stand in the call; those put together while running are seen by the walk over the pages."""
    found, raw = 0, []
    for where, call in records():
        found += 1
        name = call.args[0] if call.args else None
        if isinstance(name, ast.Constant) and action_words(name.value) == name.value:
            raw.append(f"{where}: action {name.value}")
        for keyword in call.keywords:
            if keyword.arg == "object_kind" and isinstance(keyword.value, ast.Constant):
                if keyword.value.value not in OBJECTS:
                    raw.append(f"{where}: object {keyword.value.value}")
            elif keyword.arg and keyword.arg not in OWN and keyword.arg not in _DETAILS:
                raw.append(f"{where}: detail {keyword.arg}")
    assert found > 80
    assert raw == []


def test_actions_that_are_handed_on_have_words_too() -> None:
    found = list(passed_on())
    assert {"grid_change.propose", "desk.phrase_keep"} <= {action for _where, action in found}
    assert [f"{where}: {action}" for where, action in found if action_words(action) == action] == []


def start_and_parameter(call: ast.Call) -> tuple[str, str] | None:
    """``audit.record(f"canvass.{verb}", …)`` → ("canvass.", "verb")."""
    match call.args[:1]:
        case [ast.JoinedStr(values=[ast.Constant(value=str(start)), ast.FormattedValue(value=ast.Name(id=name))])]:
            return start, name
        case [ast.BinOp(left=ast.Constant(value=str(start)), right=ast.Name(id=name))]:
            return start, name
    return None


def put_together() -> Iterator[tuple[str, str]]:
    """Actions a function puts together of a noun and the verb its callers in the same module give it."""
    for path, module in modules():
        calls = [node for node in ast.walk(module) if isinstance(node, ast.Call)]
        for function in (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)):
            names = [argument.arg for argument in function.args.args]
            records = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
            for inner in (node for node in records if ast.unparse(node.func) == "audit.record"):
                start, name = start_and_parameter(inner) or ("", "")
                if name not in names:
                    continue
                for call in calls:
                    verb = action_in(call, {function.name: names.index(name)})
                    if isinstance(verb, ast.Constant):
                        yield f"{path}:{call.lineno}", f"{start}{verb.value}"


def test_actions_put_together_of_noun_and_verb_have_words() -> None:
    found = list(put_together())
    assert {"canvass.start", "announcement.edit"} <= {action for _where, action in found}
    assert [f"{where}: {action}" for where, action in found if action_words(action) == action] == []


def test_states_and_moves_that_are_logged_have_words() -> None:
    actions = [f"proactive.{state}" for state in ProactiveTask.State if state != ProactiveTask.State.OPEN]
    actions += [f"announcement.{move}" for move in ("publish", "correct", "withdraw")]
    assert [action for action in actions if action_words(action) == action] == []


def test_what_stands_within_a_detail_is_said_too() -> None:
    words = {"buildings": "楼栋", "compounds": "小区", "bad": "有误"}
    said = detail_words({"counts": {"buildings": {"bad": 1, "merge": 3}, "compounds": {"merge": 1}}}, words)
    assert said == "数量 楼栋（有误 1、合并 3）、小区（合并 1）"
    assert detail_words({"before": {"buildings": [300, 500]}, "after": ["merge"]}, words).endswith("合并")
