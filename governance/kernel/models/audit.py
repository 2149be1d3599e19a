from __future__ import annotations

from django.db import models

from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


class AuditEvent(DistrictModel):
    """Who did what to which object, without any personal value. The application can only insert.

    ``transaction_id`` is PostgreSQL's own; the sealer uses it to seal only what can no longer be overtaken.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=60)
    action = models.CharField(max_length=60)
    object_kind = models.CharField(max_length=40, blank=True, default="")
    object_id = models.BigIntegerField(null=True)
    succeeded = models.BooleanField(default=True)
    detail = models.JSONField(default=dict)
    transaction_id = models.BigIntegerField(
        db_default=models.Func(
            models.Func(function="pg_current_xact_id"), template="(pg_current_xact_id()::text::bigint)"
        )
    )

    class Meta(DistrictModel.Meta):
        indexes = [
            models.Index(fields=["district", "transaction_id", "id"], name="audit_seal_order"),
            models.Index(fields=["district", "-at"], name="audit_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.actor} {self.action}"


class AuditSeal(DistrictModel):
    """A link of the district's chain: SHA-256 over the sealed rows and the link before."""

    number = models.PositiveBigIntegerField()
    sealed_at = models.DateTimeField()
    last_transaction_id = models.BigIntegerField()
    last_event = DistrictForeignKey(AuditEvent)
    count = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "number"], name="auditseal_number")]

    def __str__(self) -> str:
        return f"{self.number}: {self.digest[:12]}"
