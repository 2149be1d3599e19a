"""PgBouncer in transaction mode in front of the test database. Deselected where it is not installed; CI installs it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connections

from governance.devstack.postgres import preparation_for

PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
POOL = 5


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    ours = [item for item in items if here in item.path.parents]
    if PROGRAM is None and ours:
        config.hook.pytest_deselected(items=ours)
        items[:] = [item for item in items if item not in ours]


@pytest.fixture
def pooled(transactional_db: None) -> Iterator[None]:
    """Every connection of this process goes through a pool of five."""
    assert PROGRAM
    settings = connections["default"].settings_dict
    folder = Path(tempfile.mkdtemp(prefix="pool-"))
    port = _free_port()
    (folder / "pgbouncer.ini").write_text(
        "[databases]\n"
        f"pooled = host={settings['HOST']} port={settings['PORT'] or 5432} dbname={settings['NAME']} "
        f"user={settings['USER']}{_password(settings)}\n"
        "[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {POOL}\nmax_client_conn = 200\n"
        "ignore_startup_parameters = extra_float_digits,options\n"
    )
    folder.chmod(0o755)  # for whoever it runs as
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [PROGRAM, folder / "pgbouncer.ini"], stdout=log, stderr=log, preexec_fn=preparation_for(Path(PROGRAM))
        )
    direct = {key: settings[key] for key in ("HOST", "PORT", "NAME")}
    try:
        _wait_for(port, process, folder / "log")
        # Every thread makes its own connection from these settings.
        connections["default"].close()
        settings.update(HOST="127.0.0.1", PORT=str(port), NAME="pooled")
        yield
    finally:
        settings.update(direct)
        connections["default"].close()
        process.terminate()
        process.wait(timeout=10)
        shutil.rmtree(folder, ignore_errors=True)


def _password(settings: dict[str, str]) -> str:
    return f" password='{settings['PASSWORD']}'" if settings["PASSWORD"] else ""


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    pytest.fail(f"PgBouncer did not start: {log.read_text()}")
