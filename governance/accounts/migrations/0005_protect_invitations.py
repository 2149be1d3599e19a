from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_invitations")]

    operations = [operations.ProtectTables("Invitation")]
