import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.tenancy.context
import governance.kernel.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_protect_notifications"),
        ("grids", "0018_report_officer_and_mediator"),
        ("kernel", "0010_protect_audit_kept"),
        ("requests_intake", "0029_protect_grid_messages"),
    ]

    operations = [
        migrations.CreateModel(
            name="SeasonTemplate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=20, verbose_name="名称")),
                ("text", models.CharField(max_length=300, verbose_name="做什么")),
                ("checklist", models.JSONField(blank=True, default=list, verbose_name="要查的")),
                ("starts_on", models.CharField(max_length=5, verbose_name="从")),
                ("ends_on", models.CharField(max_length=5, verbose_name="到")),
                (
                    "scope",
                    models.CharField(
                        choices=[("community", "每个社区"), ("compound", "每个小区"), ("building", "每栋楼")],
                        default="compound",
                        max_length=10,
                        verbose_name="给谁",
                    ),
                ),
                ("due_days", models.PositiveSmallIntegerField(default=14, verbose_name="几天内做完")),
                ("is_active", models.BooleanField(default=True, verbose_name="启用")),
                (
                    "category",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.category",
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
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ProactiveTask",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        choices=[("hotspot", "诉求热点"), ("season", "季节安排"), ("repeat", "反复反映")],
                        max_length=10,
                        verbose_name="来源",
                    ),
                ),
                ("source_key", models.CharField(max_length=60)),
                ("title", models.CharField(max_length=120, verbose_name="标题")),
                ("text", models.CharField(max_length=300, verbose_name="做什么")),
                ("checklist", models.JSONField(blank=True, default=list, verbose_name="要查的")),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待办"), ("doing", "在办"), ("done", "已完成"), ("dropped", "不办了")],
                        default="open",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("solved", "问题已经解决"),
                            ("not_here", "这里没有这种情况"),
                            ("elsewhere", "别的单位已经在办"),
                            ("duplicate", "和另一项重复"),
                        ],
                        default="",
                        max_length=10,
                        verbose_name="为什么不办",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("due_on", models.DateField(verbose_name="最晚")),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "building",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.building",
                    ),
                ),
                (
                    "category",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.category",
                    ),
                ),
                (
                    "changed_by",
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
                    "community",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.area",
                    ),
                ),
                (
                    "compound",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.compound",
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
                    "opened_ticket",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="the ticket it was brought in as",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.ticket",
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
                    "street",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.area",
                    ),
                ),
                (
                    "template",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.seasontemplate",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ProactiveOrigin",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
                    "ticket",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.ticket",
                    ),
                ),
                (
                    "task",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="origins",
                        to="requests_intake.proactivetask",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["district", "ticket"], name="proactive_origin_ticket")],
                "constraints": [
                    models.UniqueConstraint(fields=("district", "task", "ticket"), name="proactive_origin_once")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="seasontemplate",
            constraint=models.UniqueConstraint(fields=("district", "name"), name="seasontemplate_name_once"),
        ),
        migrations.AddIndex(
            model_name="proactivetask",
            index=models.Index(fields=["district", "community", "state", "due_on"], name="proactive_community"),
        ),
        migrations.AddIndex(
            model_name="proactivetask",
            index=models.Index(fields=["district", "street", "state", "due_on"], name="proactive_street"),
        ),
        migrations.AddIndex(
            model_name="proactivetask",
            index=models.Index(fields=["district", "source", "-created_at"], name="proactive_lately"),
        ),
        migrations.AddConstraint(
            model_name="proactivetask",
            constraint=models.UniqueConstraint(fields=("district", "source_key"), name="proactive_source_once"),
        ),
        migrations.AddConstraint(
            model_name="proactivetask",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at__isnull", False), ("state__in", ["done", "dropped"])),
                    models.Q(("closed_at", None), ("state__in", ["open", "doing"])),
                    _connector="OR",
                ),
                name="proactive_closed_when_ended",
            ),
        ),
    ]
