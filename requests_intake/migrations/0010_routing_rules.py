import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.tenancy.context
import governance.kernel.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_protect_residents"),
        ("kernel", "0010_protect_audit_kept"),
        ("requests_intake", "0009_protect_discipline"),
    ]

    operations = [
        migrations.CreateModel(
            name="RoutingFailure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("rule_key", models.CharField(blank=True, default="", max_length=12)),
                ("rule_title", models.CharField(blank=True, default="", max_length=40)),
                (
                    "code",
                    models.CharField(
                        choices=[
                            ("organization_gone", "规则里的单位已经撤销"),
                            ("no_department", "这个地方没有这类部门"),
                            ("unreadable", "这一版规则读不出来"),
                            ("error", "执行规则时出错"),
                        ],
                        max_length=20,
                    ),
                ),
                ("detail", models.CharField(blank=True, default="", max_length=60)),
                ("at", models.DateTimeField()),
                ("resolved_at", models.DateTimeField(blank=True, null=True)),
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
                    "resolved_by",
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
                        related_name="+",
                        to="requests_intake.ticket",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["district", "-at"], name="routingfailure_newest"),
                    models.Index(
                        condition=models.Q(("resolved_at", None)),
                        fields=["district", "rule_key"],
                        name="routingfailure_open",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RoutingRuleSet",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField()),
                ("document", models.JSONField()),
                ("valid_from", models.DateTimeField()),
                ("note", models.CharField(blank=True, default="", max_length=100, verbose_name="改了什么")),
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
                    "written_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [models.UniqueConstraint(fields=("district", "version"), name="routingruleset_version")],
            },
        ),
    ]
