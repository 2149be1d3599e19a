import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.crypto
import governance.kernel.tenancy.context
import governance.kernel.tenancy.models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0002_protect"), ("grids", "0005_protect_absence")]

    operations = [
        migrations.CreateModel(
            name="RegisterImport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("file", models.CharField(max_length=120)),
                ("file_name", models.CharField(max_length=120, verbose_name="文件")),
                ("size", models.PositiveIntegerField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("uploaded", "核对中"),
                            ("checked", "待导入"),
                            ("running", "导入中"),
                            ("done", "已导入"),
                            ("failed", "未能完成"),
                            ("undone", "已撤销"),
                        ],
                        default="uploaded",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("kinds", models.JSONField(default=list, help_text="文件里有哪些表")),
                ("counts", models.JSONField(default=dict, help_text="每张表新增、更新、不变、有误的行数")),
                ("notes", models.JSONField(default=list, help_text="关于整张表的话")),
                ("row_total", models.PositiveIntegerField(default=0)),
                ("row_done", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, default="", max_length=300)),
                ("uploaded_at", models.DateTimeField()),
                ("progress_at", models.DateTimeField()),
                ("started_at", models.DateTimeField(blank=True, null=True)),
                ("finished_at", models.DateTimeField(blank=True, null=True)),
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
                    "uploaded_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="RegisterImportChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(max_length=60)),
                ("object_id", models.BigIntegerField()),
                ("is_new", models.BooleanField()),
                ("before", governance.kernel.crypto.EncryptedTextField(blank=True, default="")),
                ("after", governance.kernel.crypto.EncryptedTextField(blank=True, default="")),
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
                    "register_import",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.registerimport",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="RegisterImportRow",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveIntegerField()),
                ("sheet", models.CharField(max_length=20)),
                ("number", models.PositiveIntegerField(verbose_name="行号")),
                ("label", models.CharField(blank=True, default="", max_length=120)),
                (
                    "outcome",
                    models.CharField(
                        choices=[("new", "新增"), ("update", "更新"), ("same", "不变"), ("bad", "有误")], max_length=8
                    ),
                ),
                ("reasons", models.TextField(blank=True, default="")),
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
                    "register_import",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="grids.registerimport",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="registerimport",
            index=models.Index(fields=["district", "-uploaded_at"], name="registerimport_latest"),
        ),
        migrations.AddIndex(
            model_name="registerimportchange",
            index=models.Index(fields=["district", "register_import", "model"], name="registerimportchange_of"),
        ),
        migrations.AddIndex(
            model_name="registerimportrow",
            index=models.Index(fields=["district", "register_import", "outcome"], name="registerimportrow_outcome"),
        ),
        migrations.AddConstraint(
            model_name="registerimportrow",
            constraint=models.UniqueConstraint(
                fields=("district", "register_import", "position"), name="registerimportrow_once"
            ),
        ),
    ]
