from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [
        ("patrols", "0003_building_round"),
        ("grids", "0017_protect_stationed_street"),
        ("accounts", "0010_protect_notifications"),
    ]

    operations = [
        operations.ProtectTables("BuildingRound"),
        operations.AppendOnly("BuildingRound", except_columns=("reported_at",)),
    ]
