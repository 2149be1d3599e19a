from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0044_recordings_and_consent")]

    operations = [operations.ProtectTables("Consent")]
