from django.db import migrations

from governance.kernel.tenancy import operations, roles


class Migration(migrations.Migration):
    dependencies = [("analytics", "0001_facts")]

    operations = [
        operations.ProtectTables("FactDelta", "DayFact", "MonthFact"),
        operations.ReadableAcrossDistricts("FactDelta", roles.SWEEP, ("district_id",)),
    ]
