from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("canvasses", "0001_canvasses"), ("households", "0002_protect_register")]

    operations = [
        operations.ProtectTables(
            "Canvass",
            "CanvassTag",
            "CanvassPlace",
            "CanvassField",
            "CanvassSlot",
            "CanvassAnswer",
            "CanvassValue",
            "CanvassTotal",
        )
    ]
