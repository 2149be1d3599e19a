from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0041_photo_upload")]

    operations = [operations.ProtectTables("PhotoUpload")]
