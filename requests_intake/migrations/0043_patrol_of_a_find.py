import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.tenancy.models
from governance.kernel.tenancy import operations


class Migration(migrations.Migration):
    dependencies = [
        ("patrols", "0002_protect_patrols"),
        ("requests_intake", "0042_protect_photo_upload"),
    ]

    operations = [
        migrations.AddField(
            model_name="ticket",
            name="patrol",
            field=governance.kernel.tenancy.models.DistrictForeignKey(
                blank=True,
                db_index=False,
                help_text="the patrol during which it was found",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="patrols.patrol",
            ),
        ),
        operations.AddCompositeKey("Ticket", "patrol"),
        migrations.AddIndex(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("patrol__isnull", False)), fields=["district", "patrol"], name="ticket_patrol"
            ),
        ),
    ]
