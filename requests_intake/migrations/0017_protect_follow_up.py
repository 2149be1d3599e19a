from django.db import migrations

from governance.kernel.tenancy import operations, roles


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0016_follow_up")]

    operations = [
        operations.ProtectTables("DrawSeed", "SampleDraw", "FollowUp", "UnreasonableClaim"),
        # Only a change of keys rewrites the seed; another one would not fit its commitment.
        operations.AppendOnly("DrawSeed", except_columns=("seed",)),
        operations.AppendOnly("SampleDraw"),
        operations.ReadableAcrossDistricts(
            "FollowUp", roles.SWEEP, ("district_id", "kind", "level", "due_at", "ended_at")
        ),
    ]
