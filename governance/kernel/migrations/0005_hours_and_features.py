import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.tenancy.context


class Migration(migrations.Migration):
    dependencies = [
        ("kernel", "0004_protect_calendar_year"),
    ]

    operations = [
        migrations.CreateModel(
            name="FeaturePeriod",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40)),
                ("document", models.CharField(max_length=120, verbose_name="依据的文件")),
                ("clause", models.CharField(max_length=60, verbose_name="条款")),
                ("document_date", models.DateField(verbose_name="文件日期")),
                ("decided_by", models.CharField(max_length=80, verbose_name="谁决定的")),
                ("from_on", models.DateField(verbose_name="从哪天起")),
                ("until_on", models.DateField(verbose_name="到哪天止")),
                ("recorded_at", models.DateTimeField()),
                ("recorded_by", models.CharField(help_text="principal of the actor", max_length=60)),
                ("ended_at", models.DateTimeField(null=True)),
                ("ended_by", models.CharField(blank=True, default="", max_length=60)),
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
                "indexes": [models.Index(fields=["district", "code"], name="featureperiod_code")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until_on__gte", models.F("from_on"))), name="featureperiod_ends_later"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WorkHours",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("starts_on", models.DateField(verbose_name="从哪天起")),
                ("hours", models.JSONField()),
                ("seasons", models.JSONField(default=list)),
                ("note", models.CharField(blank=True, default="", max_length=200)),
                ("made_at", models.DateTimeField()),
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
                "constraints": [models.UniqueConstraint(fields=("district", "version"), name="workhours_version")],
            },
        ),
    ]
