from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("visits", "0001_visits")]

    operations = [operations.ProtectTables("VisitOutcome", "VisitPlan", "Visit")]
