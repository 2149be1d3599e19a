from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("kernel", "0003_calendar_year")]

    operations = [operations.ProtectTables("CalendarYear")]
