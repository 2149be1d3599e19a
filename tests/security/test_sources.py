"""Guards that are a rule about the source: every exporter, every regular expression, every XML reader."""

from __future__ import annotations

import ast
import importlib
import re
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.validators import RegexValidator
from django.urls import get_resolver

from tests.security.source import called, modules

try:  # Python 3.11 renamed them
    from re import _constants as sre_constants
    from re import _parser as sre_parser
except ImportError:  # pragma: no cover
    import sre_constants
    import sre_parse as sre_parser

LONG = 6_000  # the longest text a form takes is 5,000
SECONDS = 0.5
ALPHABET = "a0 -*xX号一.,:/#\n＊"

USES = {
    f"re.{name}" for name in ("compile", "search", "match", "fullmatch", "sub", "subn", "split", "findall", "finditer")
}

# Modules that may make a file for a spreadsheet. The first is the guard; the others put every cell through it.
WRITTEN_BY_US = {
    "_head()",
    "list(example)",
    "[column.title + ('*' if column.required else '') for column in sheet.columns]",
}
EXPORTERS = {
    "governance.kernel.spreadsheets": "csv", "governance.kernel.workbooks": "xlsx", "grids.importing.files": "xlsx",
}  # fmt: skip


def test_every_table_for_a_spreadsheet_goes_through_the_one_guard() -> None:
    found = {}
    for name, tree in modules():
        for node in ast.walk(tree):
            if called(node) in ("csv.writer", "csv.DictWriter"):
                found[name] = "csv"
            elif called(node).rsplit(".", 1)[-1] == "Workbook":
                found[name] = "xlsx"
    assert found == EXPORTERS
    for name, kind in found.items():
        if kind == "xlsx":
            source = ast.unparse(dict(modules())[name])
            appended = re.findall(r"page\.append\((.*)\)", source)
            assert appended
            for cells in appended:
                assert "harmless(" in cells or cells in WRITTEN_BY_US, cells


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"])
def test_what_begins_like_a_formula_is_text(value: str) -> None:
    import io

    from governance.kernel.spreadsheets import TableWriter

    text = io.StringIO(newline="")
    TableWriter(text).row(["编号", value, 5])
    import csv

    assert next(csv.reader(io.StringIO(text.getvalue(), newline=""))) == ["编号", f"'{value}", "5"]


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    """Every expression the product holds: in its modules, in calls of ``re``, in validators and addresses."""
    for name, tree in modules():
        if name.startswith("governance.settings") or name in ("governance.wsgi", "governance.asgi"):
            continue
        module = importlib.import_module(name)
        for key, value in vars(module).items():
            for each in value if isinstance(value, list | tuple) else [value]:
                if isinstance(each, re.Pattern) and isinstance(each.pattern, str):
                    yield f"{name}.{key}", each
        for node in ast.walk(tree):
            if called(node) in USES:
                assert isinstance(node, ast.Call)
                yield f"{name}:{node.lineno}", _compiled(node.args[0], module)
            elif called(node).endswith("RegexValidator"):
                assert isinstance(node, ast.Call)
                yield f"{name}:{node.lineno}", RegexValidator(ast.literal_eval(node.args[0])).regex

    def walk(found: Any) -> Iterator[tuple[str, re.Pattern[str]]]:
        for each in found:
            yield str(each.pattern), each.pattern.regex if hasattr(each.pattern, "regex") else re.compile("")
            yield from walk(getattr(each, "url_patterns", []))

    yield from walk(get_resolver().url_patterns)


def _compiled(node: ast.AST, module: Any) -> re.Pattern[str]:
    """The expression a call of ``re`` is given: a text, or something made of the module's own constants."""
    value = eval(compile(ast.Expression(node), "pattern", "eval"), vars(module))
    return re.compile(value)


def samples(pattern: re.Pattern[str]) -> list[str]:
    """Characters the expression knows: what makes it go on, so that failing at the end costs most."""
    found: set[str] = set()

    def walk(items: Any) -> None:
        for operator, value in items:
            if operator is sre_constants.LITERAL:
                found.add(chr(value))
            elif operator is sre_constants.RANGE:
                found.update((chr(value[0]), chr(value[1])))
            elif operator is sre_constants.IN:
                walk(value)
            elif isinstance(value, tuple | list):
                for each in value:
                    for part in each if isinstance(each, list) else [each]:
                        if hasattr(part, "data"):
                            walk(part.data)

    walk(sre_parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE).data)
    return sorted(found)[:12]


def texts(pattern: re.Pattern[str]) -> Iterator[str]:
    letters = [*dict.fromkeys([*samples(pattern), *ALPHABET])]
    for letter in letters:
        yield letter * LONG + "\x01"
    own = samples(pattern)
    for one, other in zip(own, own[1:] + own[:1], strict=True):
        yield (one + other) * (LONG // 2) + "\x01"
    if own:
        yield "".join(own) * (LONG // len(own)) + "\x01"


class TooSlow(Exception):
    pass


def worst(pattern: re.Pattern[str]) -> float:
    """Seconds of processor time of the slowest search. Raises ``TooSlow`` past three times the limit."""

    def stop(*args: Any) -> None:
        raise TooSlow

    slowest = 0.0
    before = signal.signal(signal.SIGPROF, stop)
    try:
        for text in texts(pattern):
            signal.setitimer(signal.ITIMER_PROF, 3 * SECONDS)
            begun = time.process_time()
            pattern.search(text)
            pattern.fullmatch(text)
            slowest = max(slowest, time.process_time() - begun)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
    return slowest


def test_no_expression_takes_long_over_any_text() -> None:
    tried, slow = set(), []
    for name, pattern in patterns():
        if pattern in tried:
            continue
        tried.add(pattern)
        try:
            seconds = worst(pattern)
        except TooSlow:
            seconds = 3 * SECONDS
        if seconds > SECONDS:
            slow.append(f"{name}: {pattern.pattern[:80]} takes {seconds:.1f} s")
    assert slow == []
    assert len(tried) > 60


def test_the_measure_finds_an_expression_that_explodes() -> None:
    with pytest.raises(TooSlow):
        worst(re.compile(r"^(a+)+$"))


def test_xml_and_pickles_are_read_by_nobody_but_the_spreadsheet_library() -> None:
    import openpyxl

    assert openpyxl.DEFUSEDXML is True, "openpyxl reads XML without entities only where defusedxml is installed"
    for name, tree in modules():
        for node in ast.walk(tree):
            names = []
            if isinstance(node, ast.Import):
                names = [each.name for each in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for each in names:
                assert each.split(".")[0] not in ("xml", "lxml", "pickle", "marshal", "shelve", "yaml"), (name, each)
            assert called(node) not in ("eval", "exec", "os.system", "__import__"), name
