import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.tenancy.context


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0002_protect"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarYear",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("year", models.PositiveSmallIntegerField(verbose_name="年份")),
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
                "constraints": [models.UniqueConstraint(fields=("district", "year"), name="calendaryear_once")],
            },
        ),
    ]
