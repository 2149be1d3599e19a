"""``make audit``: does a locked library have a known fault? Asked of the advisories, and of our own list.

Three sources: what we have written down ourselves (``requirements/known-faults.txt``, always), pip-audit for Python and
``npm audit`` for the front end. The last two ask services that a closed network does not reach: that is said and fails
nothing. A fault that any of the three names fails.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).resolve().parents[2]
KNOWN = ROOT / "requirements" / "known-faults.txt"
LOCKS = ("base", "dev", "node")
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
_NAME = re.compile(r"[-_.]+")
_TIMEOUT = 300


def python_versions(lock: str) -> dict[str, str]:
    """Name → version of a ``requirements/*.txt``."""
    return {_normal(name): version for name, version in _PINNED.findall(lock)}


def npm_versions(lock: Mapping[str, Any]) -> dict[str, str]:
    """``npm:name`` → version of ``package-lock.json``; where a package is there twice, the oldest."""
    found: dict[str, str] = {}
    for path, entry in lock.get("packages", {}).items():
        if "node_modules/" in path and "version" in entry:
            name = f"npm:{path.rsplit('node_modules/', 1)[1]}"
            found[name] = min(found.get(name, entry["version"]), entry["version"], key=_version)
    return found


def known_faults(lines: Iterable[str], versions: Mapping[str, str]) -> list[str]:
    """Locked packages that our own list calls faulty. A line is ``name<1.2.3  # advisory``."""
    found = []
    for line in lines:
        said, _hash, advisory = line.partition("#")
        if not said.strip():
            continue
        prefix = "npm:" if said.startswith("npm:") else ""
        fault = Requirement(said.strip().removeprefix("npm:").lstrip("@").replace("/", "--"))
        name = prefix + (said.strip().removeprefix("npm:").split("<")[0].strip() if prefix else _normal(fault.name))
        version = versions.get(name)
        if version is not None and fault.specifier.contains(_version(version), prereleases=True):
            found.append(f"{name} {version}: {advisory.strip()}")
    return found


def pip_answer(text: str) -> tuple[list[str], bool]:
    """What pip-audit found, and whether anybody answered: a package no service knows is skipped, not sound."""
    try:
        rows = json.loads(text)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return [], False
    faults = [
        f"{row['name']} {row['version']}: {fault['id']} {' '.join(fault.get('aliases', ()))}".strip()
        for row in rows
        for fault in row.get("vulns", ())
    ]
    return faults, any("skip_reason" not in row for row in rows)


def npm_answer(text: str) -> tuple[list[str], bool]:
    """What npm found, and whether the registry answered."""
    try:
        said = json.loads(text)
    except ValueError:
        return [], False
    if not isinstance(said, dict) or "vulnerabilities" not in said:
        return [], False
    return [f"npm:{name}: {row['severity']}" for name, row in said["vulnerabilities"].items()], True


def _normal(name: str) -> str:
    return _NAME.sub("-", name).lower()


def _version(text: str) -> Version:
    try:
        return Version(text)
    except InvalidVersion:
        return Version("0")  # not to be compared: counts as old


def _run(*command: str) -> str:
    try:
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=_TIMEOUT, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""


def main() -> int:
    locks = {name: (ROOT / "requirements" / f"{name}.txt").read_text() for name in LOCKS}
    versions = npm_versions(json.loads((ROOT / "package-lock.json").read_text()))
    for lock in locks.values():
        versions |= python_versions(lock)
    faults = known_faults(KNOWN.read_text().splitlines(), versions)
    print(f"Known faults of our own list: {len(faults)} in {len(versions)} locked packages")
    pip_audit = str(Path(sys.executable).with_name("pip-audit"))
    asked = {
        "pip-audit": pip_answer(
            _run(pip_audit, "--requirement", "requirements/dev.txt", "--disable-pip", "--require-hashes",
                 "--format", "json", "--progress-spinner", "off", "--timeout", "10")
        ),
        "npm audit": npm_answer(_run("npm", "audit", "--package-lock-only", "--json")),
    }  # fmt: skip
    for name, (found, answered) in asked.items():
        said = f"{len(found)} faults" if answered else "no source of advisories answers here: nothing was looked up"
        print(f"{name}: {said}")
        faults += found
    for fault in faults:
        print(f"FAULT {fault}", file=sys.stderr)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
