"""``make audit`` fails for a fault that any source names, and never calls silence a clean bill."""

from __future__ import annotations

import json
from typing import Any

import pytest

from governance.devstack import audit

LOCK = "pillow==9.5.0 \\\n    --hash=sha256:0\nDjango-Axes[ipware]==8.3.0 ; python_version > '3'\n    # via x==1\n"


def test_versions_are_read_from_the_lock() -> None:
    assert audit.python_versions(LOCK) == {"pillow": "9.5.0", "django-axes": "8.3.0"}
    assert audit.npm_versions(
        {
            "packages": {
                "": {"version": "1.0.0"},
                "node_modules/a/node_modules/@b/c": {"version": "0.9.0"},
                "node_modules/@b/c": {"version": "0.10.0"},
            }
        }
    ) == {"npm:@b/c": "0.9.0"}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("pillow<10.3.0  # CVE-2024-28219", ["pillow 9.5.0: CVE-2024-28219"]),
        ("Pillow>=9,<9.5.1 # x", ["pillow 9.5.0: x"]),
        ("pillow<9.5.0 # x", []),
        ("npm:@b/c<0.9.1 # y", ["npm:@b/c 0.9.0: y"]),
        ("c<0.9.1 # y", []),
        ("# pillow<10", []),
        ("", []),
    ],
)
def test_our_own_list_names_what_is_locked_and_faulty(line: str, found: list[str]) -> None:
    assert audit.known_faults([line], {"pillow": "9.5.0", "npm:@b/c": "0.9.0"}) == found


def test_every_line_of_the_list_is_about_something_we_can_judge() -> None:
    lines = [line for line in audit.KNOWN.read_text().splitlines() if line and not line.startswith("#")]
    old = {"npm:esbuild": "0"} | {line.split("<")[0].strip(): "0" for line in lines}
    assert len(audit.known_faults(lines, old)) == len(lines) > 10


def test_a_package_nobody_knows_is_not_called_sound() -> None:
    skipped = {"dependencies": [{"name": "x", "skip_reason": "Dependency not found on PyPI"}], "fixes": []}
    assert audit.pip_answer(json.dumps(skipped)) == ([], False)
    sound = {"dependencies": [{"name": "x", "version": "1", "vulns": []}], "fixes": []}
    assert audit.pip_answer(json.dumps(sound)) == ([], True)


@pytest.mark.parametrize("text", ["", "ERROR", "[]", '{"error": {"code": "EAI_AGAIN"}}', '{"message": "405"}'])
def test_a_service_that_does_not_answer_is_said_to_be_silent(text: str) -> None:
    assert audit.pip_answer(text) == ([], False)
    assert audit.npm_answer(text) == ([], False)


def run(monkeypatch: pytest.MonkeyPatch, said: dict[str, Any]) -> int:
    def answer(program: str, *arguments: str) -> str:
        return json.dumps(said.get(program.rsplit("/", 1)[-1], {}))

    monkeypatch.setattr(audit, "_run", answer)
    return audit.main()


FAULTY = {"name": "django", "version": "4.2", "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": []}]}


def test_without_a_network_it_passes_and_says_so(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    assert run(monkeypatch, {}) == 0
    assert capsys.readouterr().out.count("nothing was looked up") == 2


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"pip-audit": {"dependencies": [FAULTY]}}, "django 4.2: PYSEC-1 CVE-1"),
        ({"npm": {"vulnerabilities": {"esbuild": {"severity": "high"}}}}, "npm:esbuild: high"),
    ],
)
def test_a_fault_fails_whoever_names_it(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, said: dict[str, Any], words: str
) -> None:
    assert run(monkeypatch, said) == 1
    assert f"FAULT {words}" in capsys.readouterr().err


def test_a_fault_of_our_own_list_fails_without_a_network(
    monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Any
) -> None:
    (tmp_path / "faults.txt").write_text("django<99 # CVE-0000-1\n")
    monkeypatch.setattr(audit, "KNOWN", tmp_path / "faults.txt")
    assert run(monkeypatch, {}) == 1
    assert "CVE-0000-1" in capsys.readouterr().err


def test_ci_runs_it() -> None:
    assert "\nmake audit\n" in (audit.ROOT / ".ci" / "run").read_text()
