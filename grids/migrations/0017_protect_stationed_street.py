from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("grids", "0016_stationed_street")]

    operations = [operations.AddCompositeKey("Organization", "stationed_street")]
