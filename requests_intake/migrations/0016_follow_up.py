import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.crypto
import governance.kernel.tenancy.context
import governance.kernel.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0008_protect_residents"),
        ("kernel", "0010_protect_audit_kept"),
        ("requests_intake", "0015_protect_whistle"),
    ]

    operations = [
        migrations.AddField(
            model_name="rating",
            name="channel",
            field=models.CharField(
                choices=[("phone", "电话"), ("door", "上门"), ("sms_link", "短信链接"), ("web", "自己打开页面")],
                default="web",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="rating",
            name="solved",
            field=models.CharField(
                blank=True,
                choices=[("solved", "已解决"), ("partly", "部分解决"), ("unsolved", "未解决")],
                default="",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="returnvisit",
            name="channel",
            field=models.CharField(
                choices=[("phone", "电话"), ("door", "上门"), ("sms_link", "短信链接"), ("web", "自己打开页面")],
                default="phone",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="returnvisit",
            name="solved",
            field=models.CharField(
                blank=True,
                choices=[("solved", "已解决"), ("partly", "部分解决"), ("unsolved", "未解决")],
                default="",
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="DrawSeed",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField(help_text="its first day")),
                ("commitment", models.CharField(help_text="SHA-256 of the seed", max_length=64)),
                ("seed", governance.kernel.crypto.EncryptedTextField()),
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
            },
        ),
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=[("check", "核查"), ("visit", "回访")], max_length=6)),
                (
                    "level",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("grid", "网格"),
                            ("community", "社区"),
                            ("street", "街道"),
                            ("department", "部门"),
                            ("district", "区"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("started_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("raised_at", models.DateTimeField(blank=True, null=True)),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("claimed_until", models.DateTimeField(blank=True, null=True)),
                (
                    "claimed_by",
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
                    "handled_by",
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
                        related_name="follow_ups",
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
            name="SampleDraw",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "turn",
                    models.PositiveSmallIntegerField(help_text="1, 2, 3 …: how often the ticket was reported done"),
                ),
                (
                    "rule",
                    models.CharField(
                        choices=[
                            ("urgency", "特急、紧急必查"),
                            ("safety", "涉及安全必查"),
                            ("again", "上次核查没通过，必查"),
                            ("organization", "按承办单位抽查"),
                            ("category", "按事项抽查"),
                            ("sample", "一般抽查"),
                            ("own_find", "网格自己发现、自己办好，不查"),
                        ],
                        max_length=12,
                    ),
                ),
                ("percent", models.PositiveSmallIntegerField()),
                ("value", models.PositiveSmallIntegerField(blank=True, null=True)),
                ("chosen", models.BooleanField()),
                ("drawn_at", models.DateTimeField()),
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
                    "seed",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.drawseed",
                    ),
                ),
                (
                    "ticket",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="draws",
                        to="requests_intake.ticket",
                    ),
                ),
                (
                    "work_order",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="requests_intake.workorder",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="UnreasonableClaim",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("asked_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("granted", models.BooleanField(blank=True, null=True)),
                (
                    "asked_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "decided_by",
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
                        related_name="unreasonable_claims",
                        to="requests_intake.ticket",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddConstraint(
            model_name="drawseed",
            constraint=models.UniqueConstraint(fields=("district", "month"), name="drawseed_month"),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(
                condition=models.Q(("ended_at", None)), fields=["district", "kind", "due_at"], name="followup_due"
            ),
        ),
        migrations.AddIndex(
            model_name="followup",
            index=models.Index(fields=["district", "ticket"], name="followup_ticket"),
        ),
        migrations.AddConstraint(
            model_name="followup",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("district", "ticket"), name="followup_one_open"
            ),
        ),
        migrations.AddIndex(
            model_name="sampledraw",
            index=models.Index(fields=["district", "-drawn_at", "-id"], name="sampledraw_newest"),
        ),
        migrations.AddConstraint(
            model_name="sampledraw",
            constraint=models.UniqueConstraint(fields=("district", "ticket", "turn"), name="sampledraw_turn"),
        ),
        migrations.AddConstraint(
            model_name="unreasonableclaim",
            constraint=models.UniqueConstraint(
                condition=models.Q(("decided_at", None)), fields=("district", "ticket"), name="unreasonable_one_open"
            ),
        ),
    ]
