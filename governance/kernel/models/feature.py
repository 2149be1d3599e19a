from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.kernel.tenancy.models import DistrictModel


class FeaturePeriod(DistrictModel):
    """Days on which a restricted feature (``kernel.features``) is on, and the legal ground for it. Never deleted.

    It ends by itself after ``until_on``; ``ended_at`` is the moment somebody switched it off before.
    """

    code = models.CharField(max_length=40)
    document = models.CharField(_("依据的文件"), max_length=120)
    clause = models.CharField(_("条款"), max_length=60)
    document_date = models.DateField(_("文件日期"))
    decided_by = models.CharField(_("谁决定的"), max_length=80)
    from_on = models.DateField(_("从哪天起"))
    until_on = models.DateField(_("到哪天止"))
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=60, help_text="principal of the actor")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=60, blank=True, default="")

    class Meta(DistrictModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="featureperiod_ends_later"),
        ]
        indexes = [models.Index(fields=["district", "code"], name="featureperiod_code")]

    def __str__(self) -> str:
        return f"{self.code} {self.from_on} – {self.until_on}"
