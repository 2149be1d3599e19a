from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("kernel", "0005_hours_and_features")]

    operations = [
        operations.ProtectTables("WorkHours", "FeaturePeriod"),
        operations.AppendOnly("WorkHours"),
        operations.AppendOnly("FeaturePeriod", except_columns=("ended_at", "ended_by")),
    ]
