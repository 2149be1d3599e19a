"""The launcher itself: what it starts ends with it, however it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg2
import pytest

from governance.devstack import state


def clean_environment(directory: Path) -> dict[str, str]:
    """Without the addresses of the servers these tests themselves run on."""
    names = {"REDIS_URL", "DJANGO_SETTINGS_MODULE"}
    kept = {name: value for name, value in os.environ.items() if name not in names and "DATABASE_URL" not in name}
    return kept | {"DEVSTACK_DIR": str(directory)}


class Launcher:
    """`python -m governance.devstack services` in a folder of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.output = directory / "output"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "governance.devstack", "services"],
                cwd=state.ROOT,
                env=clean_environment(directory),
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def wait_until_ready(self) -> "Launcher":
        wait_for(lambda: "Ready;" in self.output.read_text() or self.process.poll() is not None)
        assert self.process.poll() is None, self.output.read_text()
        return self

    def offspring(self) -> set[tuple[int, str]]:
        """Every living process below the launcher, with its start time (a number may be given out again)."""
        parents = {pid: parent for pid, parent, _ in processes()}
        return {
            (pid, started)
            for pid, _, started in processes()
            if pid != self.process.pid and self._is_below(pid, parents)
        }

    def _is_below(self, pid: int, parents: dict[int, int]) -> bool:
        while pid and pid != self.process.pid:
            pid = parents.get(pid, 0)
        return pid == self.process.pid


def processes() -> list[tuple[int, int, str]]:
    """(number, parent, start time) of what runs; dead processes nobody has asked about yet are left out."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if entry.name.isdigit() and fields[0] != "Z":
            found.append((int(entry.name), int(fields[1]), fields[19]))
    return found


def still_running(before: set[tuple[int, str]]) -> set[tuple[int, str]]:
    return before & {(pid, started) for pid, _, started in processes()}


def wait_for(condition, patience: float = 30.0) -> None:
    deadline = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def launcher(tmp_path):
    started: list[Launcher] = []

    def start() -> Launcher:
        started.append(Launcher(tmp_path))
        return started[-1].wait_until_ready()

    yield start
    for each in started:
        if each.process.poll() is None:
            each.process.terminate()
            each.process.wait(20)
    # Where PostgreSQL runs as nobody its data lies outside tmp_path.
    clean = [sys.executable, "-m", "governance.devstack", "clean-data"]
    subprocess.run(clean, cwd=state.ROOT, env=clean_environment(tmp_path), check=True, stdout=subprocess.DEVNULL)


def test_a_killed_launcher_leaves_no_process_and_the_next_start_works(launcher):
    first = launcher()
    before = first.offspring()
    assert len(before) > 2  # PostgreSQL with its own children, and Valkey
    first.process.kill()
    first.process.wait()
    wait_for(lambda: not still_running(before))

    second = launcher()
    url = json.loads((second.directory / "run.json").read_text())["environment"]["DATABASE_URL"]
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("gov_app",)
    connection.close()


@pytest.mark.parametrize("stop_signal", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_launcher_stops_its_servers_and_forgets_its_state(launcher, stop_signal):
    running = launcher()
    before = running.offspring()
    running.process.send_signal(stop_signal)
    running.process.wait(20)
    assert not still_running(before)
    assert not (running.directory / "run.json").exists()


def test_a_second_start_says_that_the_first_is_running(launcher):
    running = launcher()
    second = subprocess.run(
        [sys.executable, "-m", "governance.devstack", "services"],
        cwd=state.ROOT,
        env=clean_environment(running.directory),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert second.returncode == 1
    assert f"process {running.process.pid}" in second.stderr
    assert running.process.poll() is None


def test_run_passes_the_commands_exit_status_on(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "governance.devstack", "run", "--", "sh", "-c", 'test -n "$OWNER_DATABASE_URL"; exit 7'],
        cwd=state.ROOT,
        env=clean_environment(tmp_path),
        timeout=60,
    )
    assert done.returncode == 7


def test_a_command_that_needs_the_database_says_how_to_start_the_demo(tmp_path):
    done = subprocess.run(
        [sys.executable, "manage.py", "showmigrations", "kernel"],
        cwd=state.ROOT,
        env=clean_environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert "make demo" in done.stderr
    assert "Traceback" not in done.stderr
