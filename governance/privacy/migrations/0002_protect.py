"""Row security; proofs and histories that can only be added to; and encrypted columns that may be written again."""

from django.db import migrations

from governance.kernel.tenancy import roles
from governance.kernel.tenancy.operations import AppendOnly, ProtectTables

_FEEDBACK = "content, contact, answer"


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_people_data"), ("accounts", "0005_protect_invitations")]

    operations = [
        ProtectTables(
            "Certificate",
            "Disclosure",
            "DisclosureAllowance",
            "DisclosureCount",
            "LegalHold",
            "PersonRequest",
            "RetentionRule",
        ),
        AppendOnly("Certificate"),
        AppendOnly("Disclosure", except_columns=("words",)),
        AppendOnly("DisclosureAllowance"),
        AppendOnly("LegalHold", except_columns=("lifted_by_id", "lifted_at", "lift_reason")),
        AppendOnly(
            "PersonRequest",
            except_columns=(
                "state", "phone", "phone_hash", "name", "words", "ended_at", "ended_by_id", "answer", "certificate_id",
            ),
        ),
        AppendOnly("RetentionRule"),
        # What somebody said of the platform goes after its term, and its contact may be encrypted with another key.
        migrations.RunSQL(
            f"GRANT UPDATE ({_FEEDBACK}) ON accounts_platformfeedback TO {roles.APP}",
            f"REVOKE UPDATE ({_FEEDBACK}) ON accounts_platformfeedback FROM {roles.APP}",
        ),
    ]  # fmt: skip
