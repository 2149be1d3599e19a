from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField, KeyedHashField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Area
from requests_intake.models.ticket import Ticket


class GridMessage(DistrictModel):
    """A message in a grid's circle (网格圈, S2-20a), or an answer to one (``parent``).

    A resident who signed in wrote it, or a member of staff (``member``). What the resident is called and their number
    are kept with the message, encrypted: the account may go before it. ``ticket``: the one it was turned into.
    """

    class Hidden(models.TextChoices):
        PRIVATE = "private", _("写了别人的隐私")
        INSULT = "insult", _("骂人、攻击别人")
        ADVERT = "advert", _("广告")
        FALSE = "false", _("不实消息")
        OTHER = "other", _("与本网格无关")

    grid = DistrictForeignKey(Area)
    parent = DistrictForeignKey("self", null=True, blank=True, related_name="answers")
    text = models.TextField(_("内容"))
    poster_name = EncryptedTextField(of_person=True, blank=True, default="")
    poster_phone = EncryptedTextField(of_person=True, blank=True, default="")
    poster_hash = KeyedHashField(of="poster_phone", blank=True, default="")
    member = DistrictForeignKey(Membership, null=True, blank=True)
    created_at = models.DateTimeField()
    ticket = DistrictForeignKey(Ticket, null=True, blank=True, related_name="grid_messages")
    hidden_at = models.DateTimeField(null=True, blank=True)
    hidden_by = DistrictForeignKey(Membership, null=True, blank=True)
    hidden_reason = models.CharField(max_length=10, choices=Hidden.choices, blank=True, default="")
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "ticket"], condition=Q(ticket__isnull=False), name="grid_message_ticket_once"
            ),
            models.CheckConstraint(
                condition=Q(hidden_at=None, hidden_reason="") | (Q(hidden_at__isnull=False) & ~Q(hidden_reason="")),
                name="grid_message_hidden_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["district", "grid", "-created_at"], name="grid_message_grid", condition=Q(parent=None)
            ),
            models.Index(fields=["district", "parent"], name="grid_message_answers"),
            models.Index(
                fields=["district", "poster_hash", "created_at"], name="grid_message_poster",
                condition=~Q(poster_hash=""),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.pk}"


class GridMessageFlag(DistrictModel):
    """A resident says that a message should not stand there; once for each message."""

    message = DistrictForeignKey(GridMessage, related_name="flags")
    flagger_hash = models.CharField(max_length=80, help_text="keyed hash of the number signed in with")
    at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "message", "flagger_hash"], name="grid_message_flag_once")
        ]

    def __str__(self) -> str:
        return f"{self.message_id}"
