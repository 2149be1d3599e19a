import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.crypto
import governance.kernel.tenancy.context
import governance.kernel.tenancy.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0005_protect_invitations"),
        ("kernel", "0004_protect_calendar_year"),
    ]

    operations = [
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="编号")),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("retention", "到期匿名"),
                            ("erasure", "依申请删除"),
                            ("export", "依申请提供副本"),
                            ("correction", "依申请更正"),
                        ],
                        max_length=12,
                        verbose_name="事项",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        help_text="kind of data, or 'person' for a person's request", max_length=20, verbose_name="数据"
                    ),
                ),
                ("person_request", models.PositiveIntegerField(null=True, verbose_name="申请编号")),
                ("rule_version", models.PositiveIntegerField(default=0, verbose_name="规则版本")),
                ("months", models.PositiveSmallIntegerField(default=0, verbose_name="保存期限（月）")),
                ("before", models.DateTimeField(null=True, verbose_name="早于")),
                ("objects_count", models.PositiveIntegerField(verbose_name="对象数")),
                ("removed", models.JSONField(default=dict, verbose_name="清除了什么")),
                ("kept", models.JSONField(default=dict, verbose_name="保留了什么")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("digest", models.CharField(max_length=64, verbose_name="校验值")),
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
                    "made_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
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
            },
        ),
        migrations.CreateModel(
            name="Disclosure",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("office", models.CharField(blank=True, default="", max_length=130, verbose_name="单位和岗位")),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("object_kind", models.CharField(max_length=40)),
                ("object_id", models.BigIntegerField()),
                ("field", models.CharField(max_length=20, verbose_name="看了什么")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("contact", "联系诉求人，了解情况"),
                            ("on_site", "上门处理，找不到地点"),
                            ("return_visit", "电话回访"),
                            ("answer", "答复本人"),
                            ("emergency", "紧急情况"),
                            ("other", "其他原因"),
                        ],
                        max_length=20,
                        verbose_name="原因",
                    ),
                ),
                ("words", governance.kernel.crypto.EncryptedTextField(blank=True, default="", verbose_name="补充说明")),
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
                    "membership",
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
            name="DisclosureAllowance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField(verbose_name="日期")),
                ("cap", models.PositiveIntegerField(verbose_name="当天上限")),
                ("reason", models.CharField(max_length=200, verbose_name="原因")),
                ("granted_at", models.DateTimeField()),
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
                    "granted_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "membership",
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
            name="DisclosureCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("number", models.PositiveIntegerField()),
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
                    "membership",
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
            name="LegalHold",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("object_kind", models.CharField(max_length=40)),
                ("object_id", models.BigIntegerField()),
                ("label", models.CharField(max_length=40, verbose_name="编号")),
                ("reason", models.CharField(max_length=200, verbose_name="冻结原因")),
                ("placed_at", models.DateTimeField()),
                ("lifted_at", models.DateTimeField(null=True)),
                ("lift_reason", models.CharField(blank=True, default="", max_length=200, verbose_name="解除原因")),
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
                    "lifted_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "placed_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
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
            },
        ),
        migrations.CreateModel(
            name="PersonRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField(verbose_name="申请编号")),
                (
                    "wish",
                    models.CharField(
                        choices=[("export", "要一份副本"), ("correct", "更正"), ("erase", "删除")],
                        max_length=10,
                        verbose_name="申请事项",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "待办理"), ("done", "已办理"), ("refused", "不予办理")],
                        default="open",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "proof",
                    models.CharField(
                        choices=[
                            ("ticket", "本人用编号和手机号查到的诉求"),
                            ("identity_card", "当面核对居民身份证"),
                            ("phone_call", "用登记的号码回拨核对"),
                            ("authorized", "受托人持委托书和双方证件"),
                        ],
                        max_length=20,
                        verbose_name="身份核对",
                    ),
                ),
                ("phone", governance.kernel.crypto.EncryptedTextField(blank=True, default="", verbose_name="手机号")),
                ("phone_hash", models.CharField(blank=True, default="", max_length=64)),
                ("name", governance.kernel.crypto.EncryptedTextField(blank=True, default="", verbose_name="称呼")),
                ("words", governance.kernel.crypto.EncryptedTextField(blank=True, default="", verbose_name="说明")),
                ("proved_ticket", models.BigIntegerField(help_text="id of the ticket that was proved", null=True)),
                ("created_at", models.DateTimeField()),
                ("due_on", models.DateField(verbose_name="办理期限")),
                ("ended_at", models.DateTimeField(null=True)),
                ("answer", governance.kernel.crypto.EncryptedTextField(blank=True, default="", verbose_name="答复")),
                (
                    "certificate",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="privacy.certificate",
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
                    "ended_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "recorded_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
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
            },
        ),
        migrations.CreateModel(
            name="RetentionRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=20)),
                ("version", models.PositiveIntegerField(verbose_name="版本")),
                ("months", models.PositiveSmallIntegerField(verbose_name="保存几个月")),
                ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="说明")),
                ("set_at", models.DateTimeField()),
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
                    "set_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
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
            },
        ),
        migrations.AddConstraint(
            model_name="certificate",
            constraint=models.UniqueConstraint(fields=("district", "number"), name="certificate_number"),
        ),
        migrations.AddIndex(
            model_name="disclosure",
            index=models.Index(fields=["district", "object_kind", "object_id", "-at"], name="disclosure_object"),
        ),
        migrations.AddIndex(
            model_name="disclosure",
            index=models.Index(fields=["district", "-at"], name="disclosure_newest"),
        ),
        migrations.AddIndex(
            model_name="disclosureallowance",
            index=models.Index(fields=["district", "day", "membership"], name="allowance_day"),
        ),
        migrations.AddConstraint(
            model_name="disclosurecount",
            constraint=models.UniqueConstraint(fields=("district", "membership", "day"), name="disclosurecount_once"),
        ),
        migrations.AddConstraint(
            model_name="legalhold",
            constraint=models.UniqueConstraint(
                condition=models.Q(("lifted_at", None)),
                fields=("district", "object_kind", "object_id"),
                name="legalhold_one_open",
            ),
        ),
        migrations.AddIndex(
            model_name="personrequest",
            index=models.Index(fields=["district", "state", "due_on"], name="personrequest_due"),
        ),
        migrations.AddIndex(
            model_name="personrequest",
            index=models.Index(
                condition=models.Q(("phone_hash", ""), _negated=True),
                fields=["district", "phone_hash"],
                name="personrequest_phone",
            ),
        ),
        migrations.AddConstraint(
            model_name="personrequest",
            constraint=models.UniqueConstraint(fields=("district", "number"), name="personrequest_number"),
        ),
        migrations.AddConstraint(
            model_name="retentionrule",
            constraint=models.UniqueConstraint(fields=("district", "kind", "version"), name="retentionrule_version"),
        ),
    ]
