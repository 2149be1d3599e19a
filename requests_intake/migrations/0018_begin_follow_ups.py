from django.db import migrations

from governance.kernel.tenancy import operations

WAITING = """
INSERT INTO requests_intake_followup (district_id, ticket_id, kind, level, started_at, due_at)
SELECT t.district_id, t.id,
       CASE t.state WHEN 'resolved' THEN 'check' ELSE 'visit' END,
       CASE WHEN t.state = 'visiting' THEN '' WHEN t.grid_id IS NULL THEN 'district' ELSE 'grid' END,
       coalesce(t.resolved_at, now()),
       now() + CASE t.state WHEN 'resolved' THEN interval '2 days' ELSE interval '3 days' END
FROM requests_intake_ticket t
WHERE t.district_id = current_setting('app.district')::int AND t.state IN ('resolved', 'visiting')
"""


def begin(apps, schema_editor):
    """What already waits for a look or a visit gets its task, due from today."""
    schema_editor.execute(WAITING)


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0017_protect_follow_up")]

    operations = [operations.RunForEachDistrict(begin)]
