from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0026_restricted")]

    operations = [
        operations.ProtectTables("CaseMember"),
        operations.AddCompositeKey("Ticket", "about"),
    ]
