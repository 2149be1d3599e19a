"""Is this connection safe to serve districts with? Read from the catalogue, not from what the code believes."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from governance.kernel.tenancy import roles
from governance.kernel.tenancy.models import DistrictModel

_ROLE_SQL = "SELECT current_user, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"

_TABLES_SQL = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
       EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polname = 'district_isolation'),
       pg_has_role(current_user, c.relowner, 'MEMBER')
FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
"""


class UnsafeDatabase(RuntimeError):
    """Web and workers refuse to start: the database would not keep districts apart."""


def district_models() -> list[type[DistrictModel]]:
    return [model for model in apps.get_models(include_auto_created=True) if issubclass(model, DistrictModel)]


def tenancy_problems(connection: Any) -> list[str]:
    """Everything that would let one district see another through ``connection``; empty when safe."""
    problems = []
    with connection.cursor() as cursor:
        cursor.execute(_ROLE_SQL)
        user, is_super, bypasses = cursor.fetchone()
        if is_super or bypasses:
            problems.append(f"role {user} is a superuser or bypasses row security")
        cursor.execute(_TABLES_SQL)
        tables = {name: (forced, has_policy, owns) for name, forced, has_policy, owns in cursor.fetchall()}
    ours = {model._meta.db_table for model in district_models()}
    problems += [f"table {name} does not exist" for name in sorted(ours - tables.keys())]
    for name, (forced, has_policy, owns) in sorted(tables.items()):
        if owns and not is_super:
            problems.append(f"role {user} owns table {name}")
        if name in ours:
            if not forced:
                problems.append(f"table {name}: row security is not enabled and forced")
            if not has_policy:
                problems.append(f"table {name}: no district_isolation policy")
        elif name not in roles.GLOBAL_TABLES:
            problems.append(f"table {name} has no district and stands in no list of global tables")
    return problems


def startup_problems(connection: Any) -> list[str]:
    """``tenancy_problems``, and a shifted clock where that is not allowed."""
    from django.conf import settings

    problems = tenancy_problems(connection)
    if not settings.CLOCK_SHIFT_ALLOWED:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM kernel_clockshift WHERE seconds <> 0")
            if cursor.fetchone()[0]:
                problems.append("the clock is shifted, which production refuses: empty the table kernel_clockshift")
    return problems


def refuse_unsafe_start() -> None:
    """Called when a web process or a worker starts; raises ``UnsafeDatabase`` with every reason."""
    from django.db import connection

    problems = startup_problems(connection)
    connection.close()
    if problems:
        raise UnsafeDatabase("; ".join(problems))
