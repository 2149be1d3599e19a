from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0001_forces"),
        ("grids", "0021_advisers"),
        ("accounts", "0010_protect_notifications"),
    ]

    operations = [operations.ProtectTables("Force", "ForceSkill")]
