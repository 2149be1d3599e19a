"""The servers of one data folder, and the environment their clients need."""

from __future__ import annotations

import base64
import hashlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from governance.devstack import postgres, valkey
from governance.devstack.postgres import CannotStart
from governance.devstack.processes import Group
from governance.devstack.progress import say
from governance.kernel.management.commands.bootstrap_db import bootstrap
from governance.kernel.tenancy import roles

DATABASE = "governance"
_ROLE_URLS = {"DATABASE_URL": roles.APP, "OWNER_DATABASE_URL": roles.OWNER, "SWEEP_DATABASE_URL": roles.SWEEP}


def _encryption_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()


def _random_text() -> str:
    return secrets.token_urlsafe(48)


_SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": _random_text,
    "FIELD_HASH_KEY": _random_text,
    "FIELD_ENCRYPTION_KEYS": _encryption_key,
}


class Stack:
    """PostgreSQL and Valkey on `directory`, or those that DATABASE_URL and REDIS_URL name."""

    def __init__(self, directory: Path, *, durable: bool) -> None:
        self.directory = directory
        self.durable = durable
        self.servers = Group()
        self.environment: dict[str, str] = {}
        self.sockets = socket_folder(directory)
        self.log = directory / "log"

    def start(self) -> None:
        """Start the servers, make the database and its roles, and fill `environment`. Raises `CannotStart`."""
        self.log.mkdir(parents=True, exist_ok=True)
        self._secrets()
        self._database()
        self._redis()
        self.environment["MEDIA_ROOT"] = os.environ.get("MEDIA_ROOT") or str(self.directory / "media")

    def stop(self) -> None:
        self.servers.stop()
        shutil.rmtree(self.sockets, ignore_errors=True)

    def for_process(self, *extra: str) -> dict[str, str]:
        """A child's environment. Roles other than gov_app only where `extra` names their URLs' variables."""
        withheld = {"OWNER_DATABASE_URL", "SWEEP_DATABASE_URL", "ADMIN_DATABASE_URL"} - set(extra)
        merged = {**os.environ, **self.environment, "PYTHONUNBUFFERED": "1"}
        merged.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")
        return {name: value for name, value in merged.items() if name not in withheld}

    def _database(self) -> None:
        if given := os.environ.get("DATABASE_URL"):
            self.environment["DATABASE_URL"] = given
            for name in ("OWNER_DATABASE_URL", "SWEEP_DATABASE_URL", "ADMIN_DATABASE_URL"):
                if name not in os.environ:
                    raise CannotStart(f"DATABASE_URL is set, so {name} must be set too (see docs/operations.md).")
                self.environment[name] = os.environ[name]
            say("PostgreSQL: the one DATABASE_URL names")
            dbname = urlsplit(given).path.lstrip("/")
        else:
            prepare_sockets(self.sockets)
            admin, description = postgres.start(
                self.servers,
                directory=self.directory,
                sockets=self.sockets,
                log=self.log / "postgres.log",
                durable=self.durable,
            )
            self.environment["ADMIN_DATABASE_URL"] = admin
            for name, role in _ROLE_URLS.items():
                self.environment[name] = f"postgresql://{role}@/{DATABASE}?host={self.sockets}"
            say(f"{description} is ready")
            dbname = DATABASE
        bootstrap(self.environment["ADMIN_DATABASE_URL"], dbname=dbname, passwords=self._passwords())
        say("Database and roles are in place")

    def _passwords(self) -> dict[str, str]:
        urls = {role: urlsplit(self.environment[name]) for name, role in _ROLE_URLS.items()}
        return {role: url.password for role, url in urls.items() if url.username == role and url.password}

    def _redis(self) -> None:
        if given := os.environ.get("REDIS_URL"):
            self.environment["REDIS_URL"] = given
            say("Redis: the one REDIS_URL names")
            return
        prepare_sockets(self.sockets)
        self.environment["REDIS_URL"] = valkey.start(
            self.servers,
            directory=self.directory,
            sockets=self.sockets,
            log=self.log / "valkey.log",
            durable=self.durable,
        )
        say("Valkey is ready")

    def _secrets(self) -> None:
        """Keys are made once and stay in the data folder: what they encrypt lies there too."""
        place = self.directory / "secret"
        place.mkdir(mode=0o700, exist_ok=True)
        for name, make in _SECRETS.items():
            if name in os.environ or f"{name}_FILE" in os.environ:
                continue
            path = place / name.lower()
            if not path.exists():
                path.touch(mode=0o600)
                path.write_text(make() + "\n", encoding="utf-8")
            self.environment[f"{name}_FILE"] = str(path)


def socket_folder(directory: Path) -> Path:
    """A short folder for sockets, whose paths are limited to 107 bytes, under the temporary folder."""
    digest = hashlib.sha256(str(directory).encode()).hexdigest()[:10]
    return Path(tempfile.gettempdir()) / f"gov-{os.getuid()}-{digest}"


def prepare_sockets(sockets: Path) -> None:
    """Make the folder for this user alone: its name can be guessed, and servers in it ask for no password."""
    sockets.mkdir(mode=0o700, exist_ok=True)
    if sockets.is_symlink() or sockets.stat().st_uid != os.getuid():
        raise CannotStart(f"{sockets} belongs to another user: remove it, or set TMPDIR.")


@contextmanager
def started(directory: Path, *, durable: bool) -> Iterator[Stack]:
    """A running stack that is stopped in the end, whatever happens."""
    stack = Stack(directory, durable=durable)
    try:
        stack.start()
        yield stack
    finally:
        stack.stop()
