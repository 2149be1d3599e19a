"""What is running in this checkout: the lock that says so, and the file that says where.

Imported by the settings, so it must stay free of Django and of side effects.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]

# For commands that never touch a server (makemigrations, check, spectacular) when nothing is running.
_NOTHING_RUNNING = {
    "DATABASE_URL": "postgresql://gov_app@/governance?host=/nonexistent/the-demo-is-not-running",
    "REDIS_URL": "unix:///nonexistent/the-demo-is-not-running.sock",
    "SECRET_KEY": "nothing-is-running-so-this-key-protects-nothing",
    "FIELD_ENCRYPTION_KEYS": "bm90aGluZy1ydW5uaW5nLW5vdGhpbmctcnVubmluZyE=",
    "FIELD_HASH_KEY": "nothing-is-running",
}
_DATABASE_URLS = ("DATABASE_URL", "OWNER_DATABASE_URL", "SWEEP_DATABASE_URL", "ADMIN_DATABASE_URL")


class AlreadyRunning(Exception):
    """Another launcher holds the folder; the message says which and what to do."""


def folder() -> Path:
    """Where servers keep their data: `DEVSTACK_DIR`, else `var/` in the checkout."""
    return Path(os.environ.get("DEVSTACK_DIR") or ROOT / "var").resolve()


@contextmanager
def hold(directory: Path) -> Iterator[None]:
    """Be the only launcher of `directory`. The kernel lets go of the lock when the process ends, however it ends."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
        lock = (directory / ".lock").open("a")
    except PermissionError:
        raise AlreadyRunning(
            f"{directory} belongs to another user. Run as that user, or choose a folder: DEVSTACK_DIR=/tmp/mine …"
        ) from None
    with lock:
        # A few tries: a reader of the state holds the lock for an instant.
        for attempt in range(5):
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if attempt == 4:
                    raise AlreadyRunning(_who_holds(directory)) from None
                time.sleep(0.1)
        try:
            yield
        finally:
            (directory / "run.json").unlink(missing_ok=True)


def _who_holds(directory: Path) -> str:
    found = _read(directory / "run.json") or {}
    where = f" It serves {found['url']}." if found.get("url") else ""
    process = f" (process {found['pid']})" if found.get("pid") else ""
    return (
        f"Something is already running in {directory}{process}.{where}\n"
        "Stop it there with Ctrl-C, or use a folder of your own: DEVSTACK_DIR=/tmp/mine PORT=8001 …"
    )


def write(directory: Path, *, environment: dict[str, str], url: str | None) -> None:
    """Tell other processes of this checkout what is running. Readable by this user only."""
    content = {"pid": os.getpid(), "url": url, "environment": environment}
    temporary = directory / "run.json.new"
    temporary.touch(mode=0o600)
    temporary.write_text(json.dumps(content, indent=2), encoding="utf-8")
    temporary.replace(directory / "run.json")


def running(directory: Path | None = None) -> dict[str, Any] | None:
    """The state file's content while its launcher lives, else None: the file of a killed launcher does not count."""
    directory = directory or folder()
    try:
        with (directory / ".lock").open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read(directory / "run.json")
    except OSError:
        return None
    return None


def fill_environment() -> None:
    """Set what is missing in the environment from the running servers, or so that imports work without any.

    A DATABASE_URL given from outside wins whole: none of the other roles' URLs is then taken from the state file,
    so a web process never gains the owner's connection this way.
    """
    found = running()
    values = dict(found["environment"]) if found else dict(_NOTHING_RUNNING)
    if "DATABASE_URL" in os.environ:
        for name in _DATABASE_URLS:
            values.pop(name, None)
    # What the running servers do not say (a key, an address) still must not stop an import.
    for name, value in {**_NOTHING_RUNNING, **values}.items():
        plain = name.removesuffix("_FILE")
        if plain not in os.environ and f"{plain}_FILE" not in os.environ:
            if name == plain and f"{plain}_FILE" in values:
                continue
            os.environ[name] = value


def _read(path: Path) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content
