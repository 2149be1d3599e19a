import django.db.models.deletion
from django.db import migrations, models

import governance.kernel.tenancy.context

DISTRICT = models.ForeignKey(
    db_index=False,
    default=governance.kernel.tenancy.context.current_district_id,
    editable=False,
    on_delete=django.db.models.deletion.PROTECT,
    related_name="+",
    to="kernel.district",
    verbose_name="区",
)
ID = models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


class Migration(migrations.Migration):
    dependencies = [("kernel", "0008_protect_throttle_count")]

    operations = [
        # The column stays; the key goes, because a link outlives the rows under it for as long as it is the anchor.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    'ALTER TABLE "kernel_auditseal" DROP CONSTRAINT "kernel_auditseal_last_event_id_dfk"',
                    migrations.RunSQL.noop,
                )
            ],
            state_operations=[
                migrations.RemoveField("auditseal", "last_event"),
                migrations.AddField("auditseal", "last_event_id", models.BigIntegerField(default=0), False),
            ],
        ),
        migrations.AddField(
            "auditseal",
            "entries",
            models.JSONField(null=True, help_text="[row id, digest] of every row under it; null: of an older kind"),
        ),
        migrations.RemoveIndex("auditevent", "audit_newest"),
        migrations.AddIndex("auditevent", models.Index(fields=["district", "-at", "-id"], name="audit_by_time")),
        migrations.AddIndex("auditevent", models.Index(fields=["district", "actor", "-at"], name="audit_by_actor")),
        migrations.AddIndex(
            "auditevent", models.Index(fields=["district", "object_kind", "object_id", "-at"], name="audit_by_object")
        ),
        migrations.CreateModel(
            name="AuditPruning",
            fields=[
                ("id", ID),
                ("pruned_at", models.DateTimeField()),
                ("kept_days", models.PositiveIntegerField()),
                ("removed", models.PositiveBigIntegerField()),
                ("newest_at", models.DateTimeField(help_text="moment of the newest row that was removed")),
                ("seal_number", models.PositiveBigIntegerField()),
                ("seal_digest", models.CharField(max_length=64)),
                ("last_transaction_id", models.BigIntegerField()),
                ("last_event_id", models.BigIntegerField()),
                ("district", DISTRICT),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["district", "-id"], name="auditpruning_newest")],
            },
        ),
        migrations.CreateModel(
            name="AuditCheck",
            fields=[
                ("id", ID),
                ("checked_at", models.DateTimeField()),
                ("seals", models.PositiveBigIntegerField()),
                ("events", models.PositiveBigIntegerField()),
                ("unsealed", models.PositiveBigIntegerField()),
                ("head_number", models.PositiveBigIntegerField()),
                ("head", models.CharField(max_length=64)),
                ("faults", models.JSONField(default=list)),
                ("district", DISTRICT.clone()),
            ],
            options={
                "abstract": False,
                "base_manager_name": "objects",
                "indexes": [models.Index(fields=["district", "-id"], name="auditcheck_newest")],
            },
        ),
    ]
