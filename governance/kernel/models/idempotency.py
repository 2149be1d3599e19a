from __future__ import annotations

from django.db import models

from governance.kernel.tenancy.models import DistrictModel


class IdempotencyRecord(DistrictModel):
    """A write that was already done: the same key answers with the same object. Kept 30 days."""

    principal = models.CharField(max_length=80)
    key = models.CharField(max_length=80)
    request_hash = models.CharField(max_length=64)
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "principal", "key"], name="idempotency_once")]
        indexes = [models.Index(fields=["district", "created_at"], name="idempotency_age")]

    def __str__(self) -> str:
        return f"{self.principal} {self.key}"
