from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("grids", "0006_register_import")]

    operations = [operations.ProtectTables("RegisterImport", "RegisterImportRow", "RegisterImportChange")]
