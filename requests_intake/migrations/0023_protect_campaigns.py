from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0022_campaigns")]

    operations = [
        operations.ProtectTables("Campaign", "TicketCampaign", "BatchReport", "BatchReportRow"),
        operations.AppendOnly("BatchReport"),
        operations.AppendOnly("BatchReportRow"),
    ]
