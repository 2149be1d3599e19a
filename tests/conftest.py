"""Test databases are made by the administrator, migrated by the owner and used as ``gov_app``, like the product."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.urls import set_script_prefix

from governance.kernel import reference
from governance.kernel.tenancy.context import district_scope
from tests.world import World, make_district


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest) -> Iterator[None]:
    import psycopg2
    from psycopg2 import sql

    from governance.kernel.management.commands.bootstrap_db import bootstrap

    admin_url = os.environ.get("ADMIN_DATABASE_URL")
    if not admin_url:
        pytest.exit("no database: run `make test`, or start one with `make services` first", returncode=2)
    name = f"test_gov_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    _drop(psycopg2, sql, admin_url, name)
    bootstrap(admin_url, dbname=name, passwords={})
    for alias in ("default", "owner", "sweep"):
        settings.DATABASES[alias]["NAME"] = name
        connections[alias].settings_dict["NAME"] = name
    # Between transactional tests only the application's own connection empties the tables.
    for alias in ("owner", "sweep"):
        connections[alias].settings_dict["TEST"]["MIRROR"] = "default"
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        call_command("migrate", verbosity=0)
        with connections["owner"].cursor() as cursor:
            # Only here: transactional tests empty the tables between them.
            cursor.execute("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO gov_app")
        connections["owner"].close()
    yield
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        for alias in ("default", "owner", "sweep"):
            connections[alias].close()
    _drop(psycopg2, sql, admin_url, name)


def _drop(psycopg2, sql, admin_url: str, name: str) -> None:
    connection = psycopg2.connect(admin_url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
    finally:
        connection.close()


@pytest.fixture(autouse=True)
def _fresh_reference_data() -> Iterator[None]:
    """Tests roll back, which no version of the reference data sees; and a test client leaves its prefix behind."""
    reference.forget_everything()
    yield
    reference.forget_everything()
    set_script_prefix("/")


@pytest.fixture
def world(db: None) -> Iterator[World]:
    """The standing cast (``tests.world``) in one district.

    Its scope stays open for the test, unless the test is transactional: then nothing may lean on an open scope, and
    the test opens ``district_transaction(world.district)`` itself.
    """
    made = make_district()
    if connections["default"].in_atomic_block:
        with district_scope(made.district):
            yield made
    else:
        yield made
