import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.tenancy.context


class Migration(migrations.Migration):
    dependencies = [
        ("grids", "0008_ended_places"),
        ("kernel", "0005_hours_and_features"),
    ]

    operations = [
        migrations.CreateModel(
            name="HouseholdBand",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "grid_kind",
                    models.CharField(
                        choices=[("basic", "基础网格"), ("exclusive", "专属网格"), ("micro", "微网格")], max_length=10
                    ),
                ),
                ("minimum", models.PositiveIntegerField(verbose_name="至少")),
                ("maximum", models.PositiveIntegerField(verbose_name="至多")),
                (
                    "district",
                    models.ForeignKey(
                        db_index=False,
                        default=governance.kernel.tenancy.context.current_district_id,
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="kernel.district",
                        verbose_name="区",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("district", "grid_kind"), name="householdband_kind"),
                    models.CheckConstraint(
                        condition=models.Q(("maximum__gte", models.F("minimum"))), name="householdband_order"
                    ),
                ],
            },
        ),
    ]
