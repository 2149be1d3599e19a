from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0046_visit_ticket"), ("visits", "0002_protect_visits")]

    operations = [operations.ProtectTables("VisitTicket"), operations.AppendOnly("VisitTicket")]
