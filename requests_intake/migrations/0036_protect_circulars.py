from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0035_circulars"), ("grids", "0002_protect")]

    operations = [
        operations.ProtectTables("Circular"),
        operations.AddCompositeKey("Supervision", "circular"),
        operations.AppendOnly("Circular"),
    ]
