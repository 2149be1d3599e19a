from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [
        ("households", "0001_register"),
        ("grids", "0017_protect_stationed_street"),
        ("accounts", "0010_protect_notifications"),
    ]

    operations = [
        operations.ProtectTables(
            "Household",
            "HouseholdMove",
            "Person",
            "HouseholdTag",
            "HouseholdTagging",
            "ServiceRole",
            "BaseFigure",
            "BuildingGap",
            "GridElement",
        ),
        operations.AppendOnly("HouseholdMove"),
        operations.AppendOnly("BaseFigure"),
        operations.AppendOnly("BuildingGap"),
    ]
