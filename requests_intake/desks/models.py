"""What people of a desk keep for themselves and for each other: views of the inbox, sentences they write often."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.models import Organization

NAME_LENGTH, TEXT_LENGTH = 20, 500


class Kept(DistrictModel):
    """Somebody's own (``owner``), or everybody's who serves an organization. Exactly one of both is set."""

    owner = DistrictForeignKey(Membership, null=True, blank=True)
    organization = DistrictForeignKey(Organization, null=True, blank=True)
    is_default = models.BooleanField(default=False)
    made_by = DistrictForeignKey(Membership, null=True, blank=True)
    made_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        abstract = True

    @property
    def is_shared(self) -> bool:
        return self.organization_id is not None


def _of_one() -> Q:
    return Q(owner=None, organization__isnull=False) | Q(owner__isnull=False, organization=None)


class SavedView(Kept):
    """Conditions of the inbox under a name: what its address says, not which tickets it found.

    ``query``: parameters as ``TicketFilter.as_query`` gives them. What a later version does not know any more is
    passed over when it is read, and said. ``is_default``: the desk opens with it; one's own before the organization's.
    """

    name = models.CharField(_("名字"), max_length=NAME_LENGTH)
    query = models.JSONField()

    class Meta(Kept.Meta):
        constraints = [
            models.CheckConstraint(condition=_of_one(), name="savedview_of_one"),
            models.UniqueConstraint(fields=["district", "owner", "name"], name="savedview_own_name"),
            models.UniqueConstraint(fields=["district", "organization", "name"], name="savedview_shared_name"),
            models.UniqueConstraint(
                fields=["district", "owner"], condition=Q(is_default=True), name="savedview_own_default"
            ),
            models.UniqueConstraint(
                fields=["district", "organization"], condition=Q(is_default=True), name="savedview_shared_default"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SavedPhrase(Kept):
    """A sentence for the form of one move, with placeholders (``{地点}``) that are filled for the ticket at hand.

    ``is_default``: it stands in the empty form of its move already; one's own before the organization's.
    """

    move = models.CharField(max_length=30)
    text = models.CharField(_("常用语"), max_length=TEXT_LENGTH)

    class Meta(Kept.Meta):
        constraints = [
            models.CheckConstraint(condition=_of_one(), name="savedphrase_of_one"),
            models.UniqueConstraint(fields=["district", "owner", "move", "text"], name="savedphrase_own_once"),
            models.UniqueConstraint(
                fields=["district", "organization", "move", "text"], name="savedphrase_shared_once"
            ),
            models.UniqueConstraint(
                fields=["district", "owner", "move"], condition=Q(is_default=True), name="savedphrase_own_default"
            ),
            models.UniqueConstraint(
                fields=["district", "organization", "move"],
                condition=Q(is_default=True),
                name="savedphrase_shared_default",
            ),
        ]

    def __str__(self) -> str:
        return self.text
