from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_residents")]

    operations = [operations.ProtectTables("Resident", "ResidentSession", "SmsCode")]
