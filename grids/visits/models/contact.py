"""联系党员 (S4-07), 包保楼栋 (S4-17), 党员中心户 (S2-04). No register of the party: who agreed to be spoken to."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField, KeyedHashField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from grids.households.models import Household
from grids.models import Area, Building


class ContactMember(DistrictModel):
    """A member who agreed to be the contact of neighbours, under the name residents read (``public_name``).

    Their own name and number are for the staff of the place, masked; no identity number, no branch, no dues.
    """

    grid = DistrictForeignKey(Area)
    full_name = EncryptedTextField(_("姓名"), of_person=True, blank=True, default="")
    public_name = EncryptedTextField(_("居民看到的称呼"), of_person=True, blank=True, default="")
    phone = EncryptedTextField(_("电话"), of_person=True, blank=True, default="")
    phone_hash = KeyedHashField(of="phone", blank=True, default="")
    agreed_on = models.DateField(_("本人同意的日子"))
    since = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on=None) | Q(ended_on__gte=F("since")), name="contactmember_ends_later"
            )
        ]
        indexes = [
            models.Index(fields=["district", "grid"], name="contactmember_grid"),
            models.Index(fields=["district", "phone_hash"], name="contactmember_phone"),
        ]

    def __str__(self) -> str:
        return f"contact member {self.pk}"


class ContactLink(DistrictModel):
    """A member is the contact of a household (1+N)."""

    member = DistrictForeignKey(ContactMember)
    household = DistrictForeignKey(Household)
    since = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "member", "household"], condition=Q(ended_on=None), name="contactlink_once"
            )
        ]
        indexes = [models.Index(fields=["district", "household"], name="contactlink_of")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.household_id}"


class ContactMessage(DistrictModel):
    """A word between a household and its member, passed on by the staff of the grid: nobody learns a number by it."""

    link = DistrictForeignKey(ContactLink)
    from_household = models.BooleanField()
    words = EncryptedTextField(_("说什么"), blank=True, default="")
    at = models.DateTimeField()
    written_by = DistrictForeignKey(Membership, null=True, blank=True)
    passed_at = models.DateTimeField(null=True, blank=True)
    passed_by = DistrictForeignKey(Membership, null=True, blank=True)
    reply = EncryptedTextField(_("回话"), blank=True, default="")
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        indexes = [
            models.Index(fields=["district", "link", "-at"], name="contactmessage_of"),
            models.Index(fields=["district", "at"], condition=Q(passed_at=None), name="contactmessage_waiting"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"


class BuildingSponsor(DistrictModel):
    """包保: a member answers for a building, from ``since`` on."""

    building = DistrictForeignKey(Building)
    member = DistrictForeignKey(ContactMember)
    since = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "building", "member"], condition=Q(ended_on=None), name="buildingsponsor_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.building_id} {self.member_id}"


class SponsorHelp(DistrictModel):
    """What a sponsor did in the building, for a household or for all. Rows are only added."""

    sponsor = DistrictForeignKey(BuildingSponsor)
    household = DistrictForeignKey(Household, null=True, blank=True)
    on = models.DateField(_("哪天"))
    words = EncryptedTextField(_("帮了什么"), blank=True, default="")
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)
    recorded_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "sponsor", "-on"], name="sponsorhelp_of")]

    def __str__(self) -> str:
        return f"help {self.pk}"


class PartyHub(DistrictModel):
    """党员中心户: a household where neighbours meet. ``building``: where it lived when it was named."""

    household = DistrictForeignKey(Household)
    building = DistrictForeignKey(Building)
    since = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    agreed_on = models.DateField()
    recorded_by = DistrictForeignKey(Membership, null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "household"], condition=Q(ended_on=None), name="partyhub_household_once"
            )
        ]

    def __str__(self) -> str:
        return f"hub {self.pk}"


class HubReach(DistrictModel):
    """A building whose neighbours a hub serves."""

    hub = DistrictForeignKey(PartyHub)
    building = DistrictForeignKey(Building)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "hub", "building"], name="hubreach_once")]

    def __str__(self) -> str:
        return f"{self.hub_id} {self.building_id}"
