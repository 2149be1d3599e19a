import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.tenancy.context
import governance.kernel.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0012_encrypt_delivery_paths"),
        ("kernel", "0010_protect_audit_kept"),
        ("requests_intake", "0043_patrol_of_a_find"),
    ]

    operations = [
        migrations.AddField(
            model_name="attachment",
            name="media_type",
            field=models.CharField(default="image/jpeg", help_text="what it is served as", max_length=20),
        ),
        migrations.AddField(
            model_name="attachment",
            name="seconds",
            field=models.PositiveIntegerField(default=0, help_text="length of a recording; 0: a photo, or not known"),
        ),
        migrations.AlterField(
            model_name="attachment",
            name="thumbnail",
            field=models.CharField(blank=True, default="", max_length=120),
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "how",
                    models.CharField(
                        choices=[
                            ("face", "当面说的"),
                            ("phone", "电话里说的"),
                            ("online", "网上聊天说的"),
                            ("writing", "书面写的"),
                        ],
                        max_length=10,
                        verbose_name="怎么同意的",
                    ),
                ),
                (
                    "helper",
                    models.CharField(
                        choices=[
                            ("family", "家人"),
                            ("neighbour", "邻居"),
                            ("carer", "照护人、志愿者"),
                            ("staff", "工作人员"),
                        ],
                        max_length=10,
                        verbose_name="替报的人",
                    ),
                ),
                ("text_version", models.PositiveIntegerField(default=0, help_text="of the text agreed to; 0: our own")),
                ("at", models.DateTimeField(verbose_name="同意时间")),
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
                (
                    "recorded_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "ticket",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="requests_intake.ticket",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("district", "ticket"), name="consent_once")],
            },
        ),
    ]
