from django.db import migrations

from governance.kernel.tenancy import operations, roles


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0014_whistle")]

    operations = [
        operations.ProtectTables(
            "Whistle", "WhistleLimits", "WhistleTarget", "WhistleTicket", "ReportIn", "WhistleTransition",
            "WhistleNote", "EvaluationEntry",
        ),
        operations.AppendOnly("WhistleLimits"),
        operations.AppendOnly("WhistleTransition", except_columns=("delivered_at",)),
        operations.AppendOnly("EvaluationEntry", except_columns=("comment",)),
        operations.ReadableAcrossDistricts("WhistleTarget", roles.SWEEP, ("district_id", "next_fire_at")),
        operations.ReadableAcrossDistricts("WhistleTransition", roles.SWEEP, ("district_id", "delivered_at")),
    ]  # fmt: skip
