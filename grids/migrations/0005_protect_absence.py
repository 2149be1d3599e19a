from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("grids", "0004_absence")]

    operations = [operations.ProtectTables("Absence")]
