from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0020_duplicates")]

    operations = [operations.ProtectTables("TicketMerge", "TicketSplit", "TicketRepeat")]
