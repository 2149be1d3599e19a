import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.crypto
import governance.kernel.tenancy.context
import governance.kernel.tenancy.models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_protect_notifications"),
        ("grids", "0020_mediator"),
        ("kernel", "0010_protect_audit_kept"),
        ("requests_intake", "0036_protect_circulars"),
    ]

    operations = [
        migrations.CreateModel(
            name="MediationCommittee",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                (
                    "kind",
                    models.CharField(
                        choices=[("people", "人民调解"), ("administrative", "行政调解"), ("judicial", "司法调解")],
                        max_length=16,
                        verbose_name="类型",
                    ),
                ),
                ("trade", models.CharField(blank=True, default="", max_length=20, verbose_name="行业")),
                ("place", models.CharField(max_length=100, verbose_name="调解室在哪儿")),
                ("phone", models.CharField(blank=True, default="", max_length=30, verbose_name="办公电话")),
                ("hours", models.CharField(blank=True, default="", max_length=80, verbose_name="开门时间")),
                ("since", models.DateField(verbose_name="从哪天起")),
                ("until", models.DateField(blank=True, null=True, verbose_name="到哪天")),
                ("created_at", models.DateTimeField()),
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
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="CommitteeMember",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", governance.kernel.crypto.EncryptedTextField(blank=True, default="", verbose_name="姓名")),
                (
                    "profession",
                    models.CharField(
                        choices=[
                            ("mediator", "专职调解员"),
                            ("community", "社区干部"),
                            ("property", "物业"),
                            ("procurator", "检察官"),
                            ("judge", "法官"),
                            ("police", "民警"),
                            ("lawyer", "律师"),
                            ("elder", "“五老”"),
                            ("other", "其他"),
                        ],
                        max_length=12,
                        verbose_name="身份",
                    ),
                ),
                ("is_keeper", models.BooleanField(default=False, verbose_name="内勤：管预约和档案")),
                ("since", models.DateField(verbose_name="从哪天起")),
                ("until", models.DateField(blank=True, null=True, verbose_name="到哪天")),
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
                    "membership",
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
                    "committee",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="requests_intake.mediationcommittee",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ClinicDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "mode",
                    models.CharField(
                        choices=[("clinic", "坐诊"), ("outreach", "出诊")], max_length=8, verbose_name="方式"
                    ),
                ),
                ("place", models.CharField(max_length=100, verbose_name="在哪儿")),
                ("day", models.DateField(verbose_name="哪天")),
                ("opens_at", models.TimeField(verbose_name="从几点")),
                ("closes_at", models.TimeField(verbose_name="到几点")),
                ("slot_minutes", models.PositiveSmallIntegerField(verbose_name="每人几分钟")),
                ("created_at", models.DateTimeField()),
                ("cancelled_at", models.DateTimeField(blank=True, null=True)),
                ("cancel_reason", models.CharField(blank=True, default="", max_length=100, verbose_name="为什么取消")),
                (
                    "created_by",
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
                    "committee",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clinics",
                        to="requests_intake.mediationcommittee",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="ClinicBooking",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("slot", models.PositiveSmallIntegerField(verbose_name="几号")),
                (
                    "person_name",
                    governance.kernel.crypto.EncryptedTextField(blank=True, default="", verbose_name="称呼"),
                ),
                ("phone", governance.kernel.crypto.EncryptedTextField(blank=True, default="", verbose_name="电话")),
                ("phone_hash", models.CharField(blank=True, default="", max_length=64)),
                ("words", governance.kernel.crypto.EncryptedTextField(blank=True, default="", verbose_name="是什么事")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("booked", "约好了"),
                            ("arrived", "到场"),
                            ("missed", "未到"),
                            ("case", "转为调解案件"),
                            ("cancelled", "本人取消"),
                            ("called_off", "这天取消了"),
                        ],
                        default="booked",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("privacy_version", models.PositiveIntegerField(blank=True, null=True)),
                ("consent_version", models.PositiveIntegerField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
                (
                    "case",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="requests_intake.mediationcase",
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
                    "recorded_by",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="staff who booked for the person",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.membership",
                    ),
                ),
                (
                    "clinic",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="bookings",
                        to="requests_intake.clinicday",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [
                    models.Index(fields=["district", "phone_hash", "-day"], name="clinic_booking_person"),
                    models.Index(fields=["district", "day"], name="clinic_booking_day"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["booked", "arrived", "missed", "case"])),
                        fields=("district", "clinic", "slot"),
                        name="clinic_slot_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "booked"), models.Q(("phone_hash", ""), _negated=True)),
                        fields=("district", "phone_hash", "day"),
                        name="clinic_person_once_a_day",
                    ),
                    models.CheckConstraint(condition=models.Q(("slot__gte", 1)), name="clinic_slot_counted_from_one"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ClinicDuty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "clinic",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duties",
                        to="requests_intake.clinicday",
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
                    "member",
                    governance.kernel.tenancy.models.DistrictForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="duties",
                        to="requests_intake.committeemember",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "constraints": [
                    models.UniqueConstraint(fields=("district", "clinic", "member"), name="clinic_duty_once")
                ],
            },
        ),
        migrations.AddIndex(
            model_name="mediationcommittee",
            index=models.Index(fields=["district", "street", "name"], name="committee_street"),
        ),
        migrations.AddConstraint(
            model_name="mediationcommittee",
            constraint=models.UniqueConstraint(fields=("district", "name"), name="committee_name_once"),
        ),
        migrations.AddConstraint(
            model_name="mediationcommittee",
            constraint=models.CheckConstraint(
                condition=models.Q(("community", None), ("street__isnull", False), _connector="OR"),
                name="committee_community_in_a_street",
            ),
        ),
        migrations.AddConstraint(
            model_name="mediationcommittee",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                name="committee_ends_later",
            ),
        ),
        migrations.AddIndex(
            model_name="committeemember",
            index=models.Index(fields=["district", "membership"], name="committee_member_account"),
        ),
        migrations.AddConstraint(
            model_name="committeemember",
            constraint=models.UniqueConstraint(
                condition=models.Q(("membership__isnull", False), ("until", None)),
                fields=("district", "committee", "membership"),
                name="committee_member_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="committeemember",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                name="committee_member_ends_later",
            ),
        ),
        migrations.AddConstraint(
            model_name="committeemember",
            constraint=models.CheckConstraint(
                condition=models.Q(("is_keeper", False), ("membership__isnull", False), _connector="OR"),
                name="committee_keeper_has_an_account",
            ),
        ),
        migrations.AddIndex(
            model_name="clinicday",
            index=models.Index(fields=["district", "day", "opens_at"], name="clinic_day"),
        ),
        migrations.AddConstraint(
            model_name="clinicday",
            constraint=models.UniqueConstraint(
                condition=models.Q(("cancelled_at", None)),
                fields=("district", "committee", "day", "opens_at"),
                name="clinic_day_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="clinicday",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes_at__gt", models.F("opens_at"))), name="clinic_closes_later"
            ),
        ),
        migrations.AddConstraint(
            model_name="clinicday",
            constraint=models.CheckConstraint(
                condition=models.Q(("slot_minutes__gte", 10)), name="clinic_slot_long_enough"
            ),
        ),
        migrations.AddConstraint(
            model_name="clinicday",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cancelled_at", None), models.Q(("cancel_reason", ""), _negated=True), _connector="OR"
                ),
                name="clinic_cancelled_for_a_reason",
            ),
        ),
    ]
