"""Test databases: made by the administrator, migrated by the owner once per set of migrations, then copied.

All migrations take half a minute; copying a migrated database takes two seconds. The copy kept for that is named after
the text of everything a migration may read, so a changed migration makes a new one and drops the old.

Between transactional tests only the tables written to are emptied, and what the migrations put into some of them is put
back from a copy in a schema of its own: Django's flush truncates every table and has each app announce itself again,
which took longer than most tests.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import extensions, sql

from governance.kernel.management.commands.bootstrap_db import bootstrap

_PREFIX, _KEPT = "test_migrated_", "kept"
_LOCK = 4_021_978  # advisory lock: one of the parallel test processes migrates, the others copy
_ROOT = Path(__file__).resolve().parent.parent


def make(name: str, migrate: Callable[[], None]) -> None:
    """Make the database `name` anew. `migrate` is called where none is kept yet, to migrate it; it must leave
    no connection open. Raises `psycopg2.Error`."""
    kept = _PREFIX + _digest()
    with _administrator() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        _drop(cursor, name)
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [_PREFIX + "%"])
        databases = {row[0] for row in cursor.fetchall()}
        if kept not in databases:
            for stale in databases:
                _drop(cursor, stale)
            # It gets its lasting name only when it is whole: an interrupted run leaves no half of one.
            bootstrap(os.environ["ADMIN_DATABASE_URL"], dbname=name, passwords={})
            migrate()
            with _administrator(name) as inside:
                _keep(inside)
            cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*map(sql.Identifier, (name, kept))))
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*map(sql.Identifier, (name, kept))))
    bootstrap(os.environ["ADMIN_DATABASE_URL"], dbname=name, passwords={})  # the rights on a database are not copied


def restore(name: str) -> None:
    """Make the database what it was after its migrations. No transaction may be open in it."""
    cursor = _inside(name)
    kept = _tables(cursor, _KEPT)
    for table in _filled(cursor, _tables(cursor, "public")):
        _say(cursor, "DELETE FROM {}", table)
        if table in kept:
            _say(cursor, "INSERT INTO {} SELECT * FROM {}.{}", table, _KEPT, table)
    for table in kept:  # what a test emptied itself
        _say(cursor, "INSERT INTO {} SELECT * FROM {}.{} ON CONFLICT DO NOTHING", table, _KEPT, table)


def _keep(cursor: Any) -> None:
    _say(cursor, "CREATE SCHEMA {}", _KEPT)
    for table in _filled(cursor, _tables(cursor, "public")):
        _say(cursor, "CREATE TABLE {}.{} AS TABLE {}", _KEPT, table, table)


@functools.cache
def _inside(name: str) -> Any:
    """A lasting session, in which neither triggers nor keys nor row security stand in the way of emptying."""
    connection = psycopg2.connect(extensions.make_dsn(os.environ["ADMIN_DATABASE_URL"], dbname=name))
    connection.autocommit = True
    cursor = connection.cursor()
    cursor.execute("SET session_replication_role = replica")
    return cursor


def _tables(cursor: Any, schema: str) -> list[str]:
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = %s AND tablename <> 'django_migrations'", [schema]
    )
    return [row[0] for row in cursor.fetchall()]


def _filled(cursor: Any, tables: list[str]) -> list[str]:
    each = sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})")
    asked = sql.SQL(" UNION ALL ").join(each.format(sql.Literal(name), sql.Identifier(name)) for name in tables)
    cursor.execute(asked)
    return [row[0] for row in cursor.fetchall()]


def _say(cursor: Any, statement: str, *names: str) -> None:
    cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def drop(name: str) -> None:
    with _administrator() as cursor:
        _drop(cursor, name)


def _drop(cursor: Any, name: str) -> None:
    cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def _administrator(name: str = "postgres") -> Iterator[Any]:
    connection = psycopg2.connect(extensions.make_dsn(os.environ["ADMIN_DATABASE_URL"], dbname=name))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _digest() -> str:
    """Migrations read models only through their own state, but functions and data of the apps too: all of it counts."""
    read = hashlib.sha256()
    patterns = ("*/migrations/*.py", "*/*/migrations/*.py", "governance/kernel/**/*.py", "*/data/**/*", "*/*/data/**/*")
    read.update(Path(__file__).read_bytes())
    for path in sorted({path for pattern in patterns for path in _ROOT.glob(pattern) if path.is_file()}):
        if "__pycache__" not in path.parts and "node_modules" not in path.parts:
            read.update(str(path.relative_to(_ROOT)).encode() + b"\0" + path.read_bytes())
    return read.hexdigest()[:16]
