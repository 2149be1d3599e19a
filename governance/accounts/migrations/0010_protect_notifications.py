from django.db import migrations

from governance.kernel.tenancy import operations, roles


class Migration(migrations.Migration):
    dependencies = [("accounts", "0009_notifications"), ("grids", "0014_protect_building_heads")]

    operations = [
        operations.ProtectTables("NotificationSettings", "NotificationPreference", "Robot", "Delivery"),
        operations.ReadableAcrossDistricts("Delivery", roles.SWEEP, ("district_id", "state", "next_try_at")),
    ]
