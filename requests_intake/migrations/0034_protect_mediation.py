from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0033_mediation")]

    operations = [
        operations.ProtectTables(
            "MediationCase",
            "MediationParty",
            "MediationMember",
            "MediationSession",
            "MediationExtension",
            "MediationAgreement",
            "MediationVisit",
        ),
        operations.AppendOnly("MediationExtension"),
        operations.AppendOnly("MediationVisit", except_columns=("words",)),
    ]
