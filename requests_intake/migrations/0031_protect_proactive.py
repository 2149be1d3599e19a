from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0030_proactive")]

    operations = [operations.ProtectTables("SeasonTemplate", "ProactiveTask", "ProactiveOrigin")]
