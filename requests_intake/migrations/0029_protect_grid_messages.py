from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0028_grid_messages")]

    operations = [operations.ProtectTables("GridMessage", "GridMessageFlag")]
