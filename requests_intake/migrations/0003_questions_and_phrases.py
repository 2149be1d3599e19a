import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.tenancy.context


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0004_protect_calendar_year"),
        ("requests_intake", "0002_protect"),
    ]

    operations = [
        migrations.AddField(
            model_name="category",
            name="questions",
            field=models.JSONField(
                blank=True, default=list, help_text="short questions to whoever reports it", verbose_name="要问的"
            ),
        ),
        migrations.CreateModel(
            name="ReplyPhrase",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("move", models.CharField(max_length=20)),
                ("text", models.CharField(max_length=60, verbose_name="常用语")),
                ("position", models.PositiveSmallIntegerField()),
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
                "constraints": [models.UniqueConstraint(fields=("district", "move", "text"), name="replyphrase_once")],
            },
        ),
    ]
