from django.db import migrations

from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [("grids", "0001_initial"), ("accounts", "0002_protect")]

    operations = [
        operations.ProtectTables(
            "Area",
            "AreaBorder",
            "Organization",
            "Compound",
            "Building",
            "Unit",
            "Room",
            "Post",
            "PostAssignment",
            "AreaGrant",
            "OrganizationGrant",
        ),  # fmt: skip
    ]
