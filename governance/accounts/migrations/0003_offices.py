from django.db import migrations

from governance.kernel.tenancy import operations, roles

REGISTERS = ("accounts_impactassessment", "accounts_securityincident")


class Migration(migrations.Migration):
    # Apart from the tables: their plain keys are made at the end of that migration, before row security is forced.
    dependencies = [("accounts", "0003_office_tables")]

    operations = [
        operations.ProtectTables("LegalText", "PlatformFeedback", "ImpactAssessment", "SecurityIncident"),
        operations.AppendOnly("LegalText"),
        operations.AppendOnly("PlatformFeedback", except_columns=("state", "answer", "answered_at", "answered_by_id")),
        # The registers are kept for three years and more: entries are completed, never taken out.
        migrations.RunSQL(
            [f"REVOKE DELETE ON {table} FROM {roles.APP}" for table in REGISTERS],
            [f"GRANT DELETE ON {table} TO {roles.APP}" for table in REGISTERS],
        ),
    ]
