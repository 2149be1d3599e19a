from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models

from governance.kernel.tenancy.models import DistrictModel


class SearchEntry(DistrictModel):
    """The bigram tokens of one object. Read only through the function ``gov_search_ids`` (kernel.search)."""

    kind = models.CharField(max_length=40)
    object_id = models.BigIntegerField()
    tokens = ArrayField(models.TextField())

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "kind", "object_id"], name="searchentry_object")]
        indexes = [GinIndex(fields=["tokens"], name="searchentry_tokens")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"
