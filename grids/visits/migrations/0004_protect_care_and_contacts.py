from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("visits", "0003_care_and_contacts")]

    operations = [
        operations.ProtectTables(
            "MustVisitRule",
            "MustVisit",
            "CareObject",
            "CareBenefit",
            "CareLink",
            "CareContact",
            "ContactMember",
            "ContactLink",
            "ContactMessage",
            "BuildingSponsor",
            "SponsorHelp",
            "PartyHub",
            "HubReach",
        ),
    ]
