"""Migration operations that turn a plain table into a district's table."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation

from governance.kernel.tenancy import roles
from governance.kernel.tenancy.models import DistrictForeignKey


class _DatabaseOnly(Operation):
    """Changes the database and not the model state."""

    reduces_to_sql = True
    reversible = True

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    @staticmethod
    def _model(app_label: str, state: Any, name: str) -> Any:
        return state.apps.get_model(app_label, name)


def _add_composite_keys(schema_editor: Any, fields: list[Any]) -> None:
    """Add the composite foreign keys of ``fields``.

    Adding one reads both tables to validate them, which forced row security would refuse to the owner as well: it is
    lifted for the owner inside this transaction, under the exclusive lock the change takes anyway.
    """
    tables = {
        table for field in fields for table in (field.model._meta.db_table, field.remote_field.model._meta.db_table)
    }
    for table in sorted(tables):
        schema_editor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
    for field in fields:
        table, target = field.model._meta.db_table, field.remote_field.model._meta.db_table
        schema_editor.execute(
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{field.column}_dfk" '
            f'FOREIGN KEY (district_id, "{field.column}") REFERENCES "{target}" (district_id, id) '
            f"DEFERRABLE INITIALLY DEFERRED"
        )
    for table in sorted(tables):
        schema_editor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')


class ProtectTables(_DatabaseOnly):
    """Composite primary keys, composite foreign keys and forced row security for the named models."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def deconstruct(self) -> Any:
        return self.__class__.__name__, list(self.names), {}

    def describe(self) -> str:
        return f"Protect {', '.join(self.names)} by district"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        models = [self._model(app_label, to_state, name) for name in self.names]
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for model in models:
            table = model._meta.db_table
            schema_editor.execute(
                f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_pkey", '
                f'ADD CONSTRAINT "{table}_pkey" PRIMARY KEY (district_id, id)'
            )
            schema_editor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY')
            schema_editor.execute(
                f'CREATE POLICY district_isolation ON "{table}" TO {roles.OWNER}, {roles.APP} '
                f"USING ({roles.POLICY}) WITH CHECK ({roles.POLICY})"
            )
        _add_composite_keys(
            schema_editor,
            [field for model in models for field in model._meta.local_fields if isinstance(field, DistrictForeignKey)],
        )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        models = [self._model(app_label, from_state, name) for name in self.names]
        for model in models:
            table = model._meta.db_table
            for field in model._meta.local_fields:
                if isinstance(field, DistrictForeignKey):
                    schema_editor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_{field.column}_dfk"')
        for model in models:
            table = model._meta.db_table
            schema_editor.execute(f'DROP POLICY district_isolation ON "{table}"')
            schema_editor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY')
            schema_editor.execute(
                f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_pkey", ADD CONSTRAINT "{table}_pkey" PRIMARY KEY (id)'
            )


class AddCompositeKey(_DatabaseOnly):
    """The composite foreign key of one field that was added to a protected table later."""

    def __init__(self, model_name: str, field: str) -> None:
        self.model_name, self.field = model_name, field

    def describe(self) -> str:
        return f"Composite key of {self.model_name}.{self.field}"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = self._model(app_label, to_state, self.model_name)
        _add_composite_keys(schema_editor, [model._meta.get_field(self.field)])

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = self._model(app_label, from_state, self.model_name)
        table, column = model._meta.db_table, model._meta.get_field(self.field).column
        schema_editor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{table}_{column}_dfk"')


class AppendOnly(_DatabaseOnly):
    """The application may insert into the table but change nothing in it, save the named columns."""

    def __init__(self, model_name: str, *, except_columns: tuple[str, ...] = ()) -> None:
        self.model_name, self.except_columns = model_name, except_columns

    def describe(self) -> str:
        return f"Make {self.model_name} append-only"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = self._model(app_label, to_state, self.model_name)._meta.db_table
        schema_editor.execute(f'REVOKE UPDATE, DELETE ON "{table}" FROM {roles.APP}')
        if self.except_columns:
            schema_editor.execute(f'GRANT UPDATE ({", ".join(self.except_columns)}) ON "{table}" TO {roles.APP}')

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        table = self._model(app_label, from_state, self.model_name)._meta.db_table
        schema_editor.execute(f'GRANT UPDATE, DELETE ON "{table}" TO {roles.APP}')


class ReadableAcrossDistricts(_DatabaseOnly):
    """Lets one narrow role (the sweep's, or the search functions') read some columns of all districts."""

    def __init__(self, model_name: str, role: str, columns: tuple[str, ...]) -> None:
        self.model_name, self.role, self.columns = model_name, role, columns

    def describe(self) -> str:
        return f"Let {self.role} read {', '.join(self.columns)} of {self.model_name}"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = self._model(app_label, to_state, self.model_name)
        table = model._meta.db_table
        schema_editor.execute(f'GRANT SELECT ({", ".join(self.columns)}) ON "{table}" TO {self.role}')
        if any(field.name == "district" for field in model._meta.local_fields):
            schema_editor.execute(
                f'CREATE POLICY {self.role}_reads ON "{table}" FOR SELECT TO {self.role} USING (true)'
            )

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = self._model(app_label, from_state, self.model_name)
        table = model._meta.db_table
        schema_editor.execute(f'REVOKE SELECT ({", ".join(self.columns)}) ON "{table}" FROM {self.role}')
        schema_editor.execute(f'DROP POLICY IF EXISTS {self.role}_reads ON "{table}"')


class RunForEachDistrict(_DatabaseOnly):
    """A data migration: ``function(apps, schema_editor)`` runs once in the scope of every district."""

    reduces_to_sql = False

    def __init__(self, function: Any) -> None:
        self.function = function

    def describe(self) -> str:
        return f"Run {self.function.__name__} for each district"

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        connection = schema_editor.connection
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM kernel_district ORDER BY id")
            ids = [row[0] for row in cursor.fetchall()]
        for district_id in ids:
            schema_editor.execute(f"SET LOCAL app.district = '{int(district_id)}'")
            self.function(from_state.apps, schema_editor)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        pass
