import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.crypto
import governance.kernel.tenancy.context
import governance.kernel.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_protect"),
        ("kernel", "0002_protect"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImpactAssessment",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=100, verbose_name="评估事项")),
                (
                    "trigger",
                    models.CharField(
                        choices=[
                            ("sensitive", "处理敏感个人信息"),
                            ("automated", "自动化决策"),
                            ("sharing", "委托处理、向他人提供"),
                            ("disclosure", "公开个人信息"),
                            ("other", "其他有重大影响的处理"),
                        ],
                        max_length=20,
                        verbose_name="为什么要评估",
                    ),
                ),
                ("assessed_on", models.DateField(verbose_name="评估日期")),
                ("assessors", models.CharField(max_length=100, verbose_name="评估人")),
                ("data_kinds", models.TextField(verbose_name="涉及哪些个人信息")),
                ("purpose", models.TextField(verbose_name="目的、方式是否合法、正当、必要")),
                ("impact", models.TextField(verbose_name="对个人权益的影响和安全风险")),
                ("measures", models.TextField(verbose_name="保护措施是否合法、有效、与风险相适应")),
                (
                    "conclusion",
                    models.CharField(
                        choices=[("proceed", "可以开展"), ("with_measures", "落实措施后开展"), ("stop", "不开展")],
                        max_length=20,
                        verbose_name="结论",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "created_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
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
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["district", "-assessed_on"], name="assessment_by_day")],
            },
        ),
        migrations.CreateModel(
            name="LegalText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("privacy", "个人信息处理规则"),
                            ("consent", "代为登记的同意书"),
                            ("filing", "备案号"),
                        ],
                        max_length=20,
                        verbose_name="文本",
                    ),
                ),
                ("version", models.PositiveIntegerField(verbose_name="版本")),
                ("text", models.TextField(verbose_name="正文")),
                ("valid_from", models.DateField(verbose_name="生效日期")),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
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
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("district", "kind", "version"), name="legal_text_version")
                ],
            },
        ),
        migrations.CreateModel(
            name="PlatformFeedback",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("suggestion", "建议"), ("complaint", "投诉")], max_length=20, verbose_name="类型"
                    ),
                ),
                ("content", models.TextField(verbose_name="内容")),
                (
                    "contact",
                    governance.kernel.crypto.EncryptedTextField(blank=True, default="", verbose_name="联系方式"),
                ),
                ("code_hash", models.CharField(max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待答复"), ("answered", "已答复")],
                        default="open",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("created_at", models.DateTimeField()),
                ("answer", models.TextField(blank=True, default="", verbose_name="答复")),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "answered_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
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
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["district", "state", "-created_at"], name="feedback_inbox")],
                "constraints": [models.UniqueConstraint(fields=("district", "code_hash"), name="feedback_code")],
            },
        ),
        migrations.CreateModel(
            name="SecurityIncident",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=100, verbose_name="事件")),
                ("occurred_at", models.DateTimeField(blank=True, null=True, verbose_name="发生时间")),
                ("discovered_at", models.DateTimeField(verbose_name="发现时间")),
                ("data_kinds", models.TextField(verbose_name="涉及的信息种类")),
                ("people_count", models.PositiveIntegerField(blank=True, null=True, verbose_name="涉及多少人")),
                ("cause", models.TextField(verbose_name="原因")),
                ("harm", models.TextField(verbose_name="可能造成的危害")),
                ("measures", models.TextField(verbose_name="已采取的补救措施")),
                ("advice", models.TextField(blank=True, default="", verbose_name="个人可以采取的减轻危害的措施")),
                ("contact", models.CharField(max_length=100, verbose_name="联系方式")),
                ("authority_told_at", models.DateTimeField(blank=True, null=True, verbose_name="通知主管部门的时间")),
                ("people_told_at", models.DateTimeField(blank=True, null=True, verbose_name="通知个人的时间")),
                ("not_told_reason", models.TextField(blank=True, default="", verbose_name="不通知个人的理由")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="处置完毕的时间")),
                ("created_at", models.DateTimeField()),
                ("changed_at", models.DateTimeField()),
                (
                    "created_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
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
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["district", "-discovered_at"], name="incident_by_time")],
            },
        ),
    ]
