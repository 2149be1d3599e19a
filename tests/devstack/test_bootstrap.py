"""`bootstrap_db`: the roles have the rights they need, and no others."""

import os

import psycopg2
import pytest
from psycopg2 import sql
from psycopg2.extensions import make_dsn

from governance.kernel.management.commands.bootstrap_db import bootstrap

NAME = f"test_gov_bootstrap_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"


def execute(statement, *, role=None, dbname=NAME):
    """Run one statement as `role` (default: the administrator) and return its rows."""
    connection = psycopg2.connect(make_dsn(os.environ["ADMIN_DATABASE_URL"], dbname=dbname))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            if role:
                cursor.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


@pytest.fixture(scope="module", autouse=True)
def database():
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(NAME))
    execute(drop, dbname="postgres")
    bootstrap(os.environ["ADMIN_DATABASE_URL"], dbname=NAME)
    bootstrap(os.environ["ADMIN_DATABASE_URL"], dbname=NAME)  # again: nothing may break
    execute("CREATE TABLE thing (id int GENERATED ALWAYS AS IDENTITY, name text)", role="gov_owner")
    yield
    execute(drop, dbname="postgres")


def test_no_role_of_ours_is_a_superuser_or_bypasses_row_security():
    rows = execute(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolcanlogin"
        " FROM pg_roles WHERE rolname IN ('gov_owner', 'gov_app', 'gov_sweep', 'gov_search') ORDER BY 1"
    )
    assert rows == [
        ("gov_app", False, False, False, False, True),
        ("gov_owner", False, False, False, False, True),
        ("gov_search", False, False, False, False, False),
        ("gov_sweep", False, False, False, False, True),
    ]


@pytest.mark.parametrize("role", ["gov_app", "gov_sweep"])
def test_only_the_owner_is_or_can_become_the_owner(role):
    assert execute("SELECT pg_has_role(current_user, 'gov_owner', 'MEMBER')", role=role) == [(False,)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        execute("SET ROLE gov_owner", role=role)
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        execute("CREATE TABLE mine (id int)", role=role)


def test_the_application_reads_and_writes_what_the_owner_makes_but_never_truncates():
    execute("INSERT INTO thing (name) VALUES ('路灯')", role="gov_app")
    execute("UPDATE thing SET name = '井盖'", role="gov_app")
    assert execute("SELECT name FROM thing", role="gov_app") == [("井盖",)]
    execute("DELETE FROM thing", role="gov_app")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        execute("TRUNCATE thing", role="gov_app")


def test_the_sweeper_has_no_right_of_its_own_on_a_table():
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        execute("SELECT * FROM thing", role="gov_sweep")


def test_the_owner_hands_a_function_to_the_search_role():
    execute("CREATE FUNCTION seek() RETURNS int LANGUAGE sql AS 'SELECT 1'", role="gov_owner")
    execute("ALTER FUNCTION seek() OWNER TO gov_search", role="gov_owner")
    assert execute("SELECT pg_get_userbyid(proowner) FROM pg_proc WHERE proname = 'seek'") == [("gov_search",)]


def test_the_database_knows_chinese_letters():
    assert execute("SELECT '路灯' ~ '^[[:alpha:]]+$'", role="gov_app") == [(True,)]
