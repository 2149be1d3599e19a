"""Nothing in the database leads past row security: read from the catalogue, and tried table by table."""

from __future__ import annotations

import pytest
from django.db import DataError, ProgrammingError, connection, transaction

from governance.kernel.models import District
from governance.kernel.tenancy import roles
from governance.kernel.tenancy.context import district_scope, no_district
from governance.kernel.tenancy.guard import district_models
from tests.world import World, make_district

# Functions that run with another role's rights, and what keeps each inside its bounds.
DEFINER_FUNCTIONS = {
    "gov_search_ids": "district_id = current_setting(''app.district'')::int",
    "gov_districts_of_user": "user_id = ",
    "gov_prune_audit": "v_district int := current_setting('app.district')::int",
}
# Row security binds the owner as it binds the application; everything else belongs to the role that only reads.
OWNERS_FUNCTIONS = {"gov_prune_audit"}
# What a list of tickets is ordered and counted by, kept with the row (ADR 43): with the writer's own rights, so that
# row security binds it, on the ticket of the changed row and nothing else.
TRIGGERS = {("gov_ticket_lead", "requests_intake_workorder"), ("gov_ticket_promise", "requests_intake_clock")}
# Of extensions: statistics about statements, without their values.
FOREIGN_VIEWS = {"pg_stat_statements", "pg_stat_statements_info"}


def rows(query: str, values: list[object] | None = None) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


@pytest.mark.django_db
def test_only_known_functions_run_with_anothers_rights_and_each_stays_in_bounds() -> None:
    found = rows(
        "SELECT p.proname, pg_get_userbyid(p.proowner), p.proconfig, prosrc, "
        "has_function_privilege('public', p.oid, 'EXECUTE') FROM pg_proc p "
        "WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef"
    )
    assert {row[0] for row in found} == DEFINER_FUNCTIONS.keys()
    for name, owner, config, body, for_everybody in found:
        assert owner == (roles.OWNER if name in OWNERS_FUNCTIONS else roles.SEARCH), name
        assert config == ["search_path=public, pg_temp"], name
        assert DEFINER_FUNCTIONS[str(name)] in " ".join(str(body).split()), name
        assert not for_everybody, name


@pytest.mark.django_db
def test_no_view_shows_tables_with_its_owners_rights() -> None:
    views = rows(
        "SELECT relname, coalesce(reloptions::text, '') FROM pg_class "
        "WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')"
    )
    assert [
        name for name, options in views if name not in FOREIGN_VIEWS and "security_invoker=true" not in options
    ] == []


@pytest.mark.django_db
def test_no_rule_or_trigger_of_ours_writes_elsewhere() -> None:
    found = rows(
        "SELECT p.proname, c.relname, p.prosecdef FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"
    )
    assert {(name, table) for name, table, _definer in found} == TRIGGERS
    assert not any(definer for _name, _table, definer in found)
    assert rows("SELECT tablename FROM pg_rules WHERE schemaname = 'public'") == []


@pytest.mark.django_db
def test_the_roles_of_the_product_are_nobodys_members_and_bypass_nothing() -> None:
    names = [roles.APP, roles.SWEEP, roles.SEARCH]
    assert (
        rows(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolbypassrls OR rolcreaterole)",
            [names],
        )
        == []
    )
    assert rows("SELECT m.roleid::regrole::text FROM pg_auth_members m WHERE m.member = %s::regrole", [roles.APP]) == []


@pytest.mark.django_db
@pytest.mark.parametrize("model", district_models(), ids=lambda model: model._meta.label)
@pytest.mark.parametrize("statement", ["SELECT * FROM {}", "UPDATE {} SET district_id = district_id", "DELETE FROM {}"])
def test_raw_sql_without_a_scope_is_an_error_on_every_table(model: type, statement: str) -> None:
    table = model._meta.db_table  # type: ignore[attr-defined]
    # DataError: the policy finds no district. ProgrammingError: the right itself is missing, as for the audit.
    with no_district(), pytest.raises((DataError, ProgrammingError)) as refused, transaction.atomic():
        rows(statement.format(table))
    assert "integer" in str(refused.value) or "permission denied" in str(refused.value)


@pytest.fixture
def two(db: None) -> tuple[World, World]:
    return make_district("one", 1), make_district("two", 2)


def test_with_the_wrong_scope_no_table_shows_or_gives_up_a_row(two: tuple[World, World]) -> None:
    stranger = District(id=999, code="x", name="x", area_code="990199")
    filled, failures = 0, []
    for model in district_models():
        table = model._meta.db_table
        with district_scope(two[0].district):
            filled += bool(rows(f"SELECT 1 FROM {table} LIMIT 1"))
        with district_scope(stranger), connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
            if cursor.fetchone() != (0,):
                failures.append(table)
            cursor.execute(f"SELECT count(*) FROM {table} WHERE district_id = %s", [two[0].district.pk])
            if cursor.fetchone() != (0,):
                failures.append(table)
    assert failures == []
    assert filled > 10, "too few tables held rows to say anything"
