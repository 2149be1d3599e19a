from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0037_clinics")]

    operations = [
        operations.ProtectTables("MediationCommittee", "CommitteeMember", "ClinicDay", "ClinicDuty", "ClinicBooking")
    ]
