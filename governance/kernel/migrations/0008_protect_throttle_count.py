from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("kernel", "0007_throttle_count")]

    operations = [operations.ProtectTables("ThrottleCount")]
