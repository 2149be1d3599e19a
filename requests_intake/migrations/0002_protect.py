from django.db import migrations

from governance.kernel.tenancy import operations, roles


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0001_initial"), ("grids", "0002_protect")]

    operations = [
        operations.ProtectTables(
            "Category",
            "LimitPolicy",
            "NumberCounter",
            "Requester",
            "Ticket",
            "WorkOrder",
            "Clock",
            "TicketTransition",
            "Note",
            "Verification",
            "ReturnVisit",
            "Rating",
            "Attachment",
        ),  # fmt: skip
        operations.AppendOnly("TicketTransition", except_columns=("delivered_at",)),
        operations.ReadableAcrossDistricts("Clock", roles.SWEEP, ("district_id", "next_fire_at", "stopped_at")),
        operations.ReadableAcrossDistricts("TicketTransition", roles.SWEEP, ("district_id", "delivered_at")),
    ]
