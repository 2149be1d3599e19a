from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("grids", "0009_household_band")]

    operations = [operations.ProtectTables("HouseholdBand")]
