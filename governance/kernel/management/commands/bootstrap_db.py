"""`manage.py bootstrap_db`: the database and its roles, made with an administrator's URL. Safe to run again.

The function `bootstrap` is the same thing for the launcher and the tests; it needs no Django settings.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg2
from django.core.management.base import BaseCommand, CommandError
from psycopg2 import extensions, sql

from governance.kernel.tenancy import roles

# Who may sign in. None of them is a superuser or bypasses row security; gov_search only owns functions.
_LOGIN = {roles.OWNER: True, roles.APP: True, roles.SWEEP: True, roles.SEARCH: False}
_LOCK = 4_021_977  # advisory lock: parallel test processes make the same roles
_TRUSTED_EXTENSIONS = ("pg_trgm", "btree_gist")


def bootstrap(admin_url: str, *, dbname: str, passwords: Mapping[str, str] | None = None) -> None:
    """Make the database `dbname` and the roles, with exactly the rights they need (docs/architecture.md).

    `admin_url` is a role that may create roles and databases (a superuser, or CREATEROLE CREATEDB on a managed
    server). `passwords` maps role names to passwords; a role without one keeps what it has. Raises `psycopg2.Error`.
    """
    with _session(admin_url) as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        for role, login in _LOGIN.items():
            _make_role(cursor, role, login=login, password=(passwords or {}).get(role))
        _let_owner_hand_functions_to_search(cursor)
        _make_database(cursor, dbname)
        with _session(admin_url, dbname=dbname) as inside:
            _grant(inside, dbname)
            _make_extensions(inside)


@contextmanager
def _session(url: str, **overrides: str) -> Iterator[Any]:
    connection = psycopg2.connect(extensions.make_dsn(url, **overrides))
    connection.set_isolation_level(extensions.ISOLATION_LEVEL_AUTOCOMMIT)
    try:
        with connection.cursor() as cursor:
            yield cursor
    finally:
        connection.close()


def _run(cursor: Any, statement: str, *, values: list[Any] | None = None, **names: str) -> None:
    cursor.execute(sql.SQL(statement).format(**{key: sql.Identifier(name) for key, name in names.items()}), values)


def _one(cursor: Any, query: str, values: list[Any] | None = None) -> Any:
    cursor.execute(query, values)
    return cursor.fetchone()


def _make_role(cursor: Any, role: str, *, login: bool, password: str | None) -> None:
    found = _one(cursor, "SELECT rolsuper OR rolbypassrls, rolcanlogin FROM pg_roles WHERE rolname = %s", [role])
    if found is None:
        _run(cursor, "CREATE ROLE {role} NOLOGIN", role=role)
        found = (False, False)
    too_strong, can_login = found
    if too_strong:
        _run(cursor, "ALTER ROLE {role} NOSUPERUSER NOBYPASSRLS", role=role)
    if can_login != login:
        _run(cursor, "ALTER ROLE {role} LOGIN" if login else "ALTER ROLE {role} NOLOGIN", role=role)
    if password and login:
        _run(cursor, "ALTER ROLE {role} PASSWORD %s", role=role, values=[password])


def _let_owner_hand_functions_to_search(cursor: Any) -> None:
    """The owner's migrations say ALTER FUNCTION … OWNER TO gov_search, which takes membership."""
    options = " WITH INHERIT TRUE, SET TRUE" if cursor.connection.server_version >= 160_000 else ""
    _run(cursor, "GRANT {search} TO {owner}" + options, search=roles.SEARCH, owner=roles.OWNER)
    (is_super,) = _one(cursor, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if not is_super:
        # Without being a superuser one may create objects only for roles one belongs to.
        _run(cursor, "GRANT {owner} TO CURRENT_USER" + options, owner=roles.OWNER)
    for role in (roles.APP, roles.SWEEP):
        _run(cursor, "REVOKE {owner} FROM {role}", owner=roles.OWNER, role=role)


def _make_database(cursor: Any, dbname: str) -> None:
    row = _one(cursor, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = %s", [dbname])
    if row is None:
        # Under LC_CTYPE=C PostgreSQL knows no Chinese letters, and pg_trgm is silently always 0.
        locale = (
            "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8'"
            if cursor.connection.server_version >= 170_000
            else "LOCALE 'C.UTF-8'"
        )
        _run(
            cursor,
            "CREATE DATABASE {dbname} OWNER {owner} TEMPLATE template0 ENCODING 'UTF8' " + locale,
            dbname=dbname,
            owner=roles.OWNER,
        )
    elif row[0] != roles.OWNER:
        _run(cursor, "ALTER DATABASE {dbname} OWNER TO {owner}", dbname=dbname, owner=roles.OWNER)


_AS_DEFAULT = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public "
_GRANTS = (
    "REVOKE ALL ON DATABASE {dbname} FROM PUBLIC",
    "GRANT CONNECT, TEMPORARY ON DATABASE {dbname} TO {app}",  # bulk loads go through a temporary table
    "GRANT CONNECT ON DATABASE {dbname} TO {sweep}",
    "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
    "GRANT USAGE ON SCHEMA public TO {app}, {sweep}",
    "GRANT USAGE, CREATE ON SCHEMA public TO {search}",  # owning a function takes CREATE on its schema
    # Never TRUNCATE: it ignores row security. gov_sweep gets its few columns in the migrations that know them.
    _AS_DEFAULT + "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
    _AS_DEFAULT + "GRANT USAGE, SELECT ON SEQUENCES TO {app}",
)


def _grant(cursor: Any, dbname: str) -> None:
    _run(cursor, "SET ROLE {owner}", owner=roles.OWNER)
    for statement in _GRANTS:
        _run(
            cursor,
            statement,
            dbname=dbname,
            owner=roles.OWNER,
            app=roles.APP,
            sweep=roles.SWEEP,
            search=roles.SEARCH,
        )
    cursor.execute("RESET ROLE")


def _make_extensions(cursor: Any) -> None:
    _run(cursor, "SET ROLE {owner}", owner=roles.OWNER)
    for name in _TRUSTED_EXTENSIONS:
        if _one(cursor, "SELECT 1 FROM pg_available_extensions WHERE name = %s", [name]):
            _run(cursor, "CREATE EXTENSION IF NOT EXISTS {name}", name=name)
    cursor.execute("RESET ROLE")
    preloaded, is_super = _one(
        cursor,
        "SELECT current_setting('shared_preload_libraries') LIKE '%pg_stat_statements%', rolsuper"
        " FROM pg_roles WHERE rolname = current_user",
    )
    if preloaded and is_super:
        _run(cursor, "CREATE EXTENSION IF NOT EXISTS pg_stat_statements")


class Command(BaseCommand):
    help = "Make the database and its roles, using ADMIN_DATABASE_URL. Safe to run again."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        from governance.settings import env

        admin_url = env.secret("ADMIN_DATABASE_URL", "")
        if not admin_url:
            raise CommandError(
                "Set ADMIN_DATABASE_URL to a role that may create roles and databases, e.g. "
                "postgresql://postgres:…@host:5432/postgres"
            )
        dbname = env.parse_database_url(env.text("DATABASE_URL"))["NAME"]
        passwords = _passwords_from_environment(env)
        try:
            bootstrap(admin_url, dbname=dbname, passwords=passwords)
        except psycopg2.Error as error:
            raise CommandError(f"The database refused: {error}") from error
        self.stdout.write(f"Database {dbname} and roles {', '.join(_LOGIN)} are in place.")


def _passwords_from_environment(env: Any) -> dict[str, str]:
    """GOV_APP_PASSWORD, GOV_OWNER_PASSWORD, GOV_SWEEP_PASSWORD (or …_FILE), else what the roles' URLs say."""
    variables = {roles.APP: "DATABASE_URL", roles.OWNER: "OWNER_DATABASE_URL", roles.SWEEP: "SWEEP_DATABASE_URL"}
    passwords = {}
    for role, variable in variables.items():
        parts = urlsplit(os.environ.get(variable, ""))
        from_url = unquote(parts.password or "") if parts.username == role else ""
        passwords[role] = env.secret(f"{role.upper()}_PASSWORD", from_url)
    return {role: password for role, password in passwords.items() if password}
