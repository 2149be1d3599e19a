from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [
        ("posts", "0003_lines_nominations_law"),
        ("posts", "0002_protect_forces"),
        ("households", "0002_protect_register"),
        ("accounts", "0010_protect_notifications"),
    ]

    operations = [
        operations.ProtectTables(
            "BusinessLine", "LineAssignment", "NominationRound", "Candidate", "HouseholdVote", "LawBuilding", "LawCheck"
        ),
        operations.AppendOnly("HouseholdVote", except_columns=("replaced_at",)),
        operations.AppendOnly("LawCheck"),
    ]
