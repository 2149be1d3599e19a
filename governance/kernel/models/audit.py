from __future__ import annotations

from django.db import models

from governance.kernel.tenancy.models import DistrictModel


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
            models.Index(fields=["district", "-at", "-id"], name="audit_by_time"),
            models.Index(fields=["district", "actor", "-at"], name="audit_by_actor"),
            models.Index(fields=["district", "object_kind", "object_id", "-at"], name="audit_by_object"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%F %T} {self.actor} {self.action}"


class AuditSeal(DistrictModel):
    """A link of the district's chain: SHA-256 over the sealed rows and the link before."""

    number = models.PositiveBigIntegerField()
    sealed_at = models.DateTimeField()
    last_transaction_id = models.BigIntegerField()
    last_event_id = models.BigIntegerField()
    count = models.PositiveIntegerField()
    entries = models.JSONField(null=True, help_text="[row id, digest] of every row under it; null: of an older kind")
    digest = models.CharField(max_length=64)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "number"], name="auditseal_number")]

    def __str__(self) -> str:
        return f"{self.number}: {self.digest[:12]}"


class AuditPruning(DistrictModel):
    """What was removed after its time, and the link from which the chain goes on. Written by the database alone."""

    pruned_at = models.DateTimeField()
    kept_days = models.PositiveIntegerField()
    removed = models.PositiveBigIntegerField()
    newest_at = models.DateTimeField(help_text="moment of the newest row that was removed")
    seal_number = models.PositiveBigIntegerField()
    seal_digest = models.CharField(max_length=64)
    last_transaction_id = models.BigIntegerField()
    last_event_id = models.BigIntegerField()

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "-id"], name="auditpruning_newest")]

    def __str__(self) -> str:
        return f"{self.pruned_at:%F}: {self.removed}"


class AuditCheck(DistrictModel):
    """One run of the verification. ``faults``: [kind, seal, row id] of everything that did not fit."""

    checked_at = models.DateTimeField()
    seals = models.PositiveBigIntegerField()
    events = models.PositiveBigIntegerField()
    unsealed = models.PositiveBigIntegerField()
    head_number = models.PositiveBigIntegerField()
    head = models.CharField(max_length=64)
    faults = models.JSONField(default=list)

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "-id"], name="auditcheck_newest")]

    def __str__(self) -> str:
        return f"{self.checked_at:%F %T}: {len(self.faults)}"
