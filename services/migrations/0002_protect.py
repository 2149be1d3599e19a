from django.db import migrations

from governance.kernel.tenancy import operations, roles


class Migration(migrations.Migration):
    dependencies = [("services", "0001_announcements"), ("grids", "0002_protect"), ("accounts", "0002_protect")]

    operations = [
        operations.ProtectTables(
            "Announcement", "AnnouncementVersion", "AnnouncementTarget", "Delivery", "AnnouncementTransition"
        ),
        operations.AppendOnly("AnnouncementVersion"),
        operations.AppendOnly("AnnouncementTransition", except_columns=("delivered_at",)),
        operations.ReadableAcrossDistricts("AnnouncementTransition", roles.SWEEP, ("district_id", "delivered_at")),
    ]
