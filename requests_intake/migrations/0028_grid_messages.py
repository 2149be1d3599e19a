import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.crypto
import governance.kernel.tenancy.context
import governance.kernel.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_protect_notifications"),
        ("grids", "0018_report_officer_and_mediator"),
        ("kernel", "0010_protect_audit_kept"),
        ("requests_intake", "0027_protect_restricted"),
    ]

    operations = [
        migrations.CreateModel(
            name="GridMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField(verbose_name="内容")),
                ("poster_name", governance.kernel.crypto.EncryptedTextField(blank=True, default="")),
                ("poster_phone", governance.kernel.crypto.EncryptedTextField(blank=True, default="")),
                ("poster_hash", models.CharField(blank=True, default="", max_length=64)),
                ("created_at", models.DateTimeField()),
                ("hidden_at", models.DateTimeField(blank=True, null=True)),
                (
                    "hidden_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("private", "写了别人的隐私"),
                            ("insult", "骂人、攻击别人"),
                            ("advert", "广告"),
                            ("false", "不实消息"),
                            ("other", "与本网格无关"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
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
                    "grid",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="grids.area"
                    ),
                ),
                (
                    "hidden_by",
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
                    "member",
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
                    "parent",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="requests_intake.gridmessage",
                    ),
                ),
                (
                    "ticket",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grid_messages",
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
            name="GridMessageFlag",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("flagger_hash", models.CharField(help_text="keyed hash of the number signed in with", max_length=80)),
                ("at", models.DateTimeField()),
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
                    "message",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="flags",
                        to="requests_intake.gridmessage",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.AddIndex(
            model_name="gridmessage",
            index=models.Index(
                condition=models.Q(("parent", None)),
                fields=["district", "grid", "-created_at"],
                name="grid_message_grid",
            ),
        ),
        migrations.AddIndex(
            model_name="gridmessage",
            index=models.Index(fields=["district", "parent"], name="grid_message_answers"),
        ),
        migrations.AddIndex(
            model_name="gridmessage",
            index=models.Index(
                condition=models.Q(("poster_hash", ""), _negated=True),
                fields=["district", "poster_hash", "created_at"],
                name="grid_message_poster",
            ),
        ),
        migrations.AddConstraint(
            model_name="gridmessage",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ticket__isnull", False)),
                fields=("district", "ticket"),
                name="grid_message_ticket_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="gridmessage",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("hidden_at", None), ("hidden_reason", "")),
                    models.Q(("hidden_at__isnull", False), models.Q(("hidden_reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="grid_message_hidden_for_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="gridmessageflag",
            constraint=models.UniqueConstraint(
                fields=("district", "message", "flagger_hash"), name="grid_message_flag_once"
            ),
        ),
    ]
