"""What the launcher can be asked to do. Each function returns the exit status."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from governance.devstack import state
from governance.devstack.postgres import CannotStart, place_for_nobody
from governance.devstack.processes import Group, die_with_parent
from governance.devstack.progress import say, tail
from governance.devstack.stack import Stack, socket_folder, started

_GUNICORN_OPTIONS = ("--workers", "2", "--worker-class", "gthread", "--threads", "3", "--no-control-socket")
_WORKER_OPTIONS = ("--concurrency", "2", "--without-gossip", "--without-mingle")
MANAGE = [sys.executable, str(state.ROOT / "manage.py")]
ALL_ROLES = ("OWNER_DATABASE_URL", "SWEEP_DATABASE_URL", "ADMIN_DATABASE_URL")
_OWN_ENTRIES = ("pg", "valkey", "media", "log", "secret", "test", "beat", "run.json")


def demo() -> int:
    """Everything, until Ctrl-C: servers, migrations, demo data, web, worker, beat."""
    directory, port = state.folder(), _port()
    with state.hold(directory):
        _refuse_taken_port(port)
        say(f"Environment is ready; data in {directory}")
        with started(directory, durable=True) as stack:
            programs = Group()
            try:
                _serve(stack, programs, port)
                return _watch(stack, programs)
            finally:
                say("Stopping …")
                programs.stop()
    return 0


def services() -> int:
    """PostgreSQL and Valkey only, until Ctrl-C; `./manage.py` and pytest in the checkout find them."""
    directory = state.folder()
    with state.hold(directory), started(directory, durable=True) as stack:
        state.write(directory, environment=stack.environment, url=None)
        say("Ready; ./manage.py in this checkout uses them. Ctrl-C stops them.")
        return _watch(stack, Group())


def test(arguments: Sequence[str]) -> int:
    """The test suite on servers of its own, with a data folder apart from the demo's."""
    directory = state.folder() / "test"
    with state.hold(directory), started(directory, durable=False) as stack:
        environment = stack.for_process(*ALL_ROLES) | {"DJANGO_SETTINGS_MODULE": "governance.settings.test"}
        say("Running the tests")
        # Stealing: a few tests take minutes, and none of them may be left to one process while the other is idle.
        parallel = ("-n", "2", "--dist", "worksteal")
        return _foreground([sys.executable, "-m", "pytest", *parallel, *arguments], environment)


def run(command: Sequence[str]) -> int:
    """One command on throw-away servers with an empty, bootstrapped database."""
    directory = Path(tempfile.mkdtemp(prefix="gov-run-")).resolve()
    try:
        with started(directory, durable=False) as stack:
            return _foreground(command, stack.for_process(*ALL_ROLES))
    finally:
        shutil.rmtree(directory, ignore_errors=True)
        _remove_place_for_nobody(directory)


def clean_data() -> int:
    """Remove what the launcher keeps. Refused while something runs."""
    directory = state.folder()
    with state.hold(directory), state.hold(directory / "test"):
        _remove_place_for_nobody(directory)
        _remove_place_for_nobody(directory / "test")
        for name in _OWN_ENTRIES:
            path = directory / name
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    say(f"Removed the demo's data from {directory}")
    return 0


def _remove_place_for_nobody(directory: Path) -> None:
    elsewhere = place_for_nobody(socket_folder(directory))
    if elsewhere.is_dir() and not elsewhere.is_symlink() and elsewhere.stat().st_uid == os.getuid():
        shutil.rmtree(elsewhere)


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 65536:
        raise CannotStart(f"PORT={given} is not a port number.")
    return int(given)


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            message = f"Port {port} cannot be used ({error.strerror}). Take another one: PORT=8080 make demo"
            raise CannotStart(message) from error


def _serve(stack: Stack, programs: Group, port: int) -> None:
    say("Migrating the database …")
    as_owner = stack.for_process("OWNER_DATABASE_URL")
    applied = _step([*MANAGE, "migrate", "--database", "owner"], as_owner, stack.log / "migrate.log")
    say(f"Database is up to date ({applied.count('Applying ')} migrations applied)")
    ordinary = stack.for_process()
    _step([*MANAGE, "seed_demo", "--essential"], ordinary, stack.log / "seed.log")
    say("Districts and accounts are there")

    _spawn_programs(stack, programs, port)
    url = f"http://127.0.0.1:{port}"
    _wait_for_health(programs, f"{url}/healthz")
    state.write(stack.directory, environment=stack.environment, url=url)
    say(f"Serving at {url}/  (logs in {stack.log})\n")
    _foreground([*MANAGE, "demo_accounts", "--url", url], ordinary)
    print("\nCtrl-C stops everything; the data stays. The rest of the demo data follows now.\n", flush=True)
    programs.spawn("demo data", [*MANAGE, "seed_demo", "--rest"], env=ordinary, cwd=state.ROOT)


def _spawn_programs(stack: Stack, programs: Group, port: int) -> None:
    gunicorn = [sys.executable, "-m", "gunicorn", "governance.wsgi:application", *_GUNICORN_OPTIONS]
    celery = [sys.executable, "-m", "celery", "-A", "governance"]
    beat_options = ["--pidfile", "", "--schedule", str(stack.directory / "beat" / "schedule")]
    ordinary = stack.for_process()
    (stack.directory / "beat").mkdir(exist_ok=True)
    programs.spawn(
        "web", [*gunicorn, "--bind", f"127.0.0.1:{port}"], env=ordinary, cwd=state.ROOT, log=stack.log / "web.log"
    )
    programs.spawn(
        "worker",
        [*celery, "worker", "--loglevel", "info", *_WORKER_OPTIONS],
        env=stack.for_process("SWEEP_DATABASE_URL"),
        cwd=state.ROOT,
        log=stack.log / "worker.log",
        death_signal=signal.SIGQUIT,  # orphaned, it must not wait for running tasks: they are delivered again
    )
    programs.spawn(
        "beat",
        [*celery, "beat", "--loglevel", "info", *beat_options],
        env=ordinary,
        cwd=state.ROOT,
        log=stack.log / "beat.log",
    )


def _step(command: Sequence[str], environment: dict[str, str], log: Path) -> str:
    """Run one step to its end, its output in `log`; returns the output. Raises `CannotStart` when it fails."""
    done = subprocess.run(
        command,
        env=environment,
        cwd=state.ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        preexec_fn=die_with_parent(signal.SIGTERM),
    )
    with log.open("a", encoding="utf-8") as output:
        output.write(done.stdout)
    if done.returncode:
        raise CannotStart(f"This failed: {' '.join(command[1:])}\n{tail(log, 30)}")
    return done.stdout


def _foreground(command: Sequence[str], environment: dict[str, str]) -> int:
    """Run a command in the terminal; Ctrl-C reaches it directly, and the servers outlive it."""
    process = subprocess.Popen(command, env=environment, cwd=state.ROOT, preexec_fn=die_with_parent(signal.SIGTERM))
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
        except SystemExit:
            process.terminate()
            process.wait()
            raise


def _wait_for_health(programs: Group, url: str, patience: float = 90.0) -> None:
    deadline = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except urllib.error.HTTPError as error:
            problem = f"{url} answers {error.code}"
        except OSError as error:
            problem = f"{url} does not answer: {error}"
        web = next(child for child in programs.children if child.name == "web")
        if not web.alive or time.monotonic() > deadline:
            raise CannotStart(f"{problem}\n{tail(web.log, 30) if web.log else ''}")
        time.sleep(0.1)


def _watch(stack: Stack, programs: Group) -> int:
    """Wait for Ctrl-C. A server or program that ends by itself ends everything, with the end of its log."""
    while True:
        dead = stack.servers.first_dead() or programs.first_dead()
        if dead and dead.name == "demo data":
            say("Demo data is complete" if dead.process.returncode == 0 else "Demo data is NOT complete, see above")
            programs.children.remove(dead)
        elif dead:
            say(f"{dead.name} ended by itself (status {dead.process.returncode}):")
            print(tail(dead.log) if dead.log else "", flush=True)
            return 1
        time.sleep(0.3)
