from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from requests_intake.models.ticket import Ticket


class Attachment(DistrictModel):
    """A photo, re-encoded, or a recording, both without metadata, served only to those who may see the ticket.

    ``file`` is the key in the storage (``tickets/<district>/<random>.jpg``); the name the sender gave is not kept.
    A recording has no thumbnail (empty), no width and no height (0).
    """

    class Purpose(models.TextChoices):
        REPORT = "report", _("反映情况")
        EVIDENCE = "evidence", _("办理结果")
        VERIFICATION = "verification", _("核查")
        PAPER = "paper", _("纸质原件")

    ticket = DistrictForeignKey(Ticket, related_name="attachments")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    file = models.CharField(max_length=120)
    thumbnail = models.CharField(max_length=120, blank=True, default="")
    media_type = models.CharField(max_length=20, default="image/jpeg", help_text="what it is served as")
    seconds = models.PositiveIntegerField(default=0, help_text="length of a recording; 0: a photo, or not known")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)
    uploaded_by = DistrictForeignKey(Membership, null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "ticket", "id"], name="attachment_ticket")]

    def __str__(self) -> str:
        return f"{self.pk}"

    @property
    def is_photo(self) -> bool:
        return self.media_type.startswith("image/")
