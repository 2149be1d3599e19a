from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [
        ("patrols", "0001_patrols"),
        ("grids", "0017_protect_stationed_street"),
        ("accounts", "0010_protect_notifications"),
    ]

    operations = [
        operations.ProtectTables(
            "PatrolPlan", "PatrolShift", "PatrolPoint", "Patrol", "PatrolCrew", "PatrolPointCheck"
        ),
        operations.AppendOnly("PatrolCrew"),
        operations.AppendOnly("PatrolPointCheck"),
    ]
