from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [
        ("territory", "0001_changes"),
        ("grids", "0017_protect_stationed_street"),
        ("accounts", "0010_protect_notifications"),
    ]

    operations = [
        operations.ProtectTables("GridChange", "GridChangePart", "GridChangeBuilding", "LegacyGridRef"),
    ]
