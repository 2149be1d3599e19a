import json
from pathlib import Path

from django.db import migrations

from governance.kernel.tenancy import operations

FILE = Path(__file__).resolve().parent.parent / "data" / "season_templates.json"
INSERT = """
INSERT INTO requests_intake_seasontemplate
    (district_id, name, category_id, text, checklist, starts_on, ends_on, scope, due_days, is_active)
SELECT current_setting('app.district')::int, %s,
       (SELECT id FROM requests_intake_category
        WHERE district_id = current_setting('app.district')::int AND code = %s),
       %s, %s::jsonb, %s, %s, %s, %s, true
"""


def ship(apps, schema_editor):
    """Districts that were there before get the shipped seasons; new ones get them with their categories."""
    for row in json.loads(FILE.read_text(encoding="utf-8"))["templates"]:
        values = [row["name"], row["category"], row["text"], json.dumps(row["checklist"], ensure_ascii=False)]
        schema_editor.execute(INSERT, [*values, row["starts_on"], row["ends_on"], row["scope"], row["due_days"]])


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0031_protect_proactive")]

    operations = [operations.RunForEachDistrict(ship)]
