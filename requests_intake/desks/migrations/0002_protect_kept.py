from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [
        ("desks", "0001_views_and_phrases"),
        ("grids", "0017_protect_stationed_street"),
        ("accounts", "0010_protect_notifications"),
    ]

    operations = [operations.ProtectTables("SavedView", "SavedPhrase")]
