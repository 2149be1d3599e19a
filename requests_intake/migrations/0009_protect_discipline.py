from django.db import migrations

from governance.kernel.tenancy import operations

TAKE_OVER = """
INSERT INTO requests_intake_clockentry (district_id, ticket_id, clock_id, kind, at, recorded_at, due_at, facts)
SELECT district_id, ticket_id, id, 'taken_over', started_at, started_at, due_at, '{}'::jsonb
FROM requests_intake_clock WHERE stopped_at IS NULL AND district_id = current_setting('app.district')::int
"""


def take_over(apps, schema_editor):
    """Clocks that ran before there was a ledger: their deadline is taken over as it stood."""
    schema_editor.execute(TAKE_OVER)


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0008_discipline"), ("grids", "0002_protect")]

    operations = [
        operations.ProtectTables("Application", "Supervision", "ClockEntry"),
        operations.AddCompositeKey("Clock", "application"),
        operations.AddCompositeKey("Clock", "supervision"),
        operations.AppendOnly("ClockEntry"),
        operations.RunForEachDistrict(take_over),
    ]
