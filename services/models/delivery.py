from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.models import Transition
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Organization
from services.models.announcement import Announcement


class Delivery(DistrictModel):
    """One member of staff addressed, in the post they held when it was published.

    ``delivered_at``: it lies in the in-app inbox. ``read_at``: they said they have read it; a fact of delivery, never a
    figure to judge people by (read_first.md 1). ``read_version``: the version they confirmed.
    """

    announcement = DistrictForeignKey(Announcement, related_name="deliveries")
    membership = DistrictForeignKey(Membership)
    organization = DistrictForeignKey(Organization)
    post_kind = models.CharField(_("岗位"), max_length=24, help_text="a grids.PostKind")
    delivered_at = models.DateTimeField(_("送达"), null=True)
    read_at = models.DateTimeField(_("回执"), null=True)
    read_version = models.PositiveSmallIntegerField(null=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["district", "announcement", "membership"], name="delivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["district", "membership", "-announcement"], name="delivery_unread", condition=Q(read_at=None)
            )
        ]


class AnnouncementTransition(Transition):
    """Published, corrected, withdrawn: history and outbox."""

    announcement = DistrictForeignKey(Announcement, related_name="transitions")

    class Meta(Transition.Meta):
        abstract = False
        indexes = [
            models.Index(fields=["district", "announcement", "id"], name="announcement_history"),
            models.Index(fields=["district", "id"], name="announcement_outbox", condition=Q(delivered_at=None)),
        ]
