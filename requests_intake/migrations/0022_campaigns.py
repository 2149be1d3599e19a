import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.tenancy.context
import governance.kernel.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_protect_residents"),
        ("grids", "0015_network_liaison"),
        ("kernel", "0010_protect_audit_kept"),
        ("requests_intake", "0021_protect_duplicates"),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=40, verbose_name="专项名称")),
                ("description", models.CharField(blank=True, default="", max_length=500, verbose_name="说明")),
                ("since", models.DateField(verbose_name="从哪天")),
                ("until", models.DateField(blank=True, null=True, verbose_name="到哪天")),
                ("is_active", models.BooleanField(default=True, verbose_name="在用")),
                ("created_at", models.DateTimeField()),
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
                    "owner",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.organization",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="BatchReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reported_at", models.DateTimeField()),
                ("number", models.PositiveSmallIntegerField(verbose_name="件数")),
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
                    "organization",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.organization",
                    ),
                ),
                (
                    "reported_by",
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
                    "sender",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.organization",
                    ),
                ),
                (
                    "campaign",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reports",
                        to="requests_intake.campaign",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="TicketCampaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("labelled_at", models.DateTimeField()),
                (
                    "campaign",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tickets",
                        to="requests_intake.campaign",
                    ),
                ),
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
                    "labelled_by",
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
                        related_name="campaigns",
                        to="requests_intake.ticket",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="BatchReportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state_then",
                    models.CharField(
                        choices=[
                            ("submitted", "待受理"),
                            ("accepted", "待派单"),
                            ("rejected", "不予受理"),
                            ("merged", "已合并"),
                            ("handling", "在办"),
                            ("resolved", "待核查"),
                            ("visiting", "待评价"),
                            ("closed", "已结案"),
                            ("archived", "已归档"),
                            ("withdrawn", "已撤回"),
                        ],
                        max_length=10,
                    ),
                ),
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
                    "report",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rows",
                        to="requests_intake.batchreport",
                    ),
                ),
                (
                    "ticket",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="batch_rows",
                        to="requests_intake.ticket",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("district", "report", "ticket"), name="batch_report_row_once")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.UniqueConstraint(fields=("district", "name"), name="campaign_name_once"),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                name="campaign_ends_later",
            ),
        ),
        migrations.AddIndex(
            model_name="batchreport",
            index=models.Index(fields=["district", "campaign", "-reported_at"], name="batch_report_campaign"),
        ),
        migrations.AddIndex(
            model_name="batchreport",
            index=models.Index(fields=["district", "organization", "-reported_at"], name="batch_report_to"),
        ),
        migrations.AddIndex(
            model_name="ticketcampaign",
            index=models.Index(fields=["district", "campaign", "ticket"], name="campaign_tickets"),
        ),
        migrations.AddConstraint(
            model_name="ticketcampaign",
            constraint=models.UniqueConstraint(fields=("district", "ticket", "campaign"), name="campaign_ticket_once"),
        ),
    ]
