from __future__ import annotations

from django.db import models

from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


class Transition(DistrictModel):
    """One move: history, outbox and source of statistics in one row.

    Append-only except for ``delivered_at``, which the fan-out sets. ``at`` is when the move happened in the field,
    ``recorded_at`` when it reached the database (they differ for replayed and offline moves). ``payload`` holds no
    personal data; free text lives in note rows that can be erased.
    """

    move = models.CharField(max_length=40)
    from_state = models.CharField(max_length=20, blank=True, default="")
    to_state = models.CharField(max_length=20, blank=True, default="")
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    actor = DistrictForeignKey("accounts.Membership", null=True, blank=True)
    actor_name = models.CharField(max_length=40, help_text="named system actor, or the role acted in")
    payload = models.JSONField(default=dict)
    delivered_at = models.DateTimeField(null=True)

    class Meta(DistrictModel.Meta):
        abstract = True

    def __str__(self) -> str:
        return f"{self.move} {self.from_state}→{self.to_state}"
