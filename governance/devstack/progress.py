"""Lines that say what is going on and how long it has taken."""

import time
from pathlib import Path

_STARTED = time.monotonic()


def say(message: str) -> None:
    """Print one line with the seconds since the start."""
    print(f"[{time.monotonic() - _STARTED:6.1f} s] {message}", flush=True)


def tail(path: Path, lines: int = 20) -> str:
    """The last lines of a log file, for an error message."""
    if not path.exists():
        return "(no log)"
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
