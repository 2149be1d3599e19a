"""Child processes that never outlive the launcher, however it ends."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def die_with_parent(death_signal: int, prepare: Callable[[], None] | None = None) -> Callable[[], None]:
    """A preexec function: the kernel sends `death_signal` to the child when the launcher is gone, even by SIGKILL.

    `prepare` (a change of user) runs first, because changing credentials clears the request.
    """
    parent = os.getpid()

    def before_exec() -> None:
        if prepare:
            prepare()
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() not in (parent, 0):  # the launcher died before the request was made
            os._exit(1)

    return before_exec


@dataclass
class Child:
    """One long-running process of the stack."""

    name: str
    process: subprocess.Popen[bytes]
    stop_signal: int
    log: Path | None

    @property
    def alive(self) -> bool:
        return self.process.poll() is None


class Group:
    """Processes that are started one by one and stopped together."""

    def __init__(self) -> None:
        self.children: list[Child] = []

    def spawn(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        env: Mapping[str, str],
        cwd: Path,
        log: Path | None = None,
        stop_signal: int = signal.SIGTERM,
        death_signal: int | None = None,
        prepare: Callable[[], None] | None = None,
    ) -> Child:
        """Start a process in a session of its own. Its output is appended to `log`, or shown when there is none.

        `death_signal` is for when the launcher was killed (default: the stop signal).
        """
        output = log.open("ab") if log else None
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                env=dict(env),
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                start_new_session=True,
                preexec_fn=die_with_parent(death_signal or stop_signal, prepare),
            )
        finally:
            if output:
                output.close()
        child = Child(name, process, stop_signal, log)
        self.children.append(child)
        return child

    def first_dead(self) -> Child | None:
        return next((child for child in self.children if not child.alive), None)

    def stop(self, patience: float = 8.0) -> None:
        """Ask all of them to end; after `patience` seconds end what is left, with whatever it started."""
        for child in reversed(self.children):
            if child.alive:
                child.process.send_signal(child.stop_signal)
        for child in reversed(self.children):
            try:
                child.process.wait(patience)
            except subprocess.TimeoutExpired:
                os.killpg(child.process.pid, signal.SIGKILL)
                child.process.wait()
        self.children.clear()
