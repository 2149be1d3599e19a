from django.db import migrations

from governance.kernel.crypto import encrypt
from governance.kernel.tenancy import operations

BATCH = 1_000
OF_DISTRICT = "district_id = current_setting('app.district')::int AND path <> ''"


def hide(apps, schema_editor):
    """What has left loses its link; what may still be sent keeps it, encrypted."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_delivery SET path = '' WHERE {OF_DISTRICT} AND state IN ('sent', 'skipped')")
        cursor.execute(f"SELECT id, path FROM accounts_delivery WHERE {OF_DISTRICT} ORDER BY id")
        rows = cursor.fetchall()
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            cursor.execute(
                "UPDATE accounts_delivery d SET path = n.path FROM unnest(%s::bigint[], %s::text[]) AS n (id, path) "
                "WHERE d.district_id = current_setting('app.district')::int AND d.id = n.id",
                [[pk for pk, _path in part], [encrypt(path) for _pk, path in part]],
            )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0011_delivery_path_encrypted")]

    operations = [operations.RunForEachDistrict(hide)]
