"""What a person asks for about their own data (PIPL art. 44 to 50)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.crypto import EncryptedTextField, KeyedHashField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from governance.privacy.models.retention import Certificate


class PersonRequest(DistrictModel):
    """A request to be given, to have corrected or to have erased what the district holds on one telephone number.

    It is about a person and so holds their number and name encrypted; an erasure takes these as well. ``due_on`` is
    the last of 15 working days.
    """

    class Wish(models.TextChoices):
        EXPORT = "export", _("要一份副本")
        CORRECT = "correct", _("更正")
        ERASE = "erase", _("删除")

    class State(models.TextChoices):
        OPEN = "open", _("待办理")
        DONE = "done", _("已办理")
        REFUSED = "refused", _("不予办理")

    class Proof(models.TextChoices):
        TICKET = "ticket", _("本人用编号和手机号查到的诉求")
        IDENTITY_CARD = "identity_card", _("当面核对居民身份证")
        PHONE_CALL = "phone_call", _("用登记的号码回拨核对")
        AUTHORIZED = "authorized", _("受托人持委托书和双方证件")

    number = models.PositiveIntegerField(_("申请编号"))
    wish = models.CharField(_("申请事项"), max_length=10, choices=Wish.choices)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.OPEN)
    proof = models.CharField(_("身份核对"), max_length=20, choices=Proof.choices)
    phone = EncryptedTextField(_("手机号"), of_person=True, blank=True, default="")
    phone_hash = KeyedHashField(of="phone", blank=True, default="")
    name = EncryptedTextField(_("称呼"), of_person=True, blank=True, default="")
    words = EncryptedTextField(_("说明"), blank=True, default="")
    proved_ticket = models.BigIntegerField(null=True, help_text="id of the ticket that was proved")
    recorded_by = DistrictForeignKey(Membership, null=True)
    created_at = models.DateTimeField()
    due_on = models.DateField(_("办理期限"))
    ended_at = models.DateTimeField(null=True)
    ended_by = DistrictForeignKey(Membership, null=True)
    answer = EncryptedTextField(_("答复"), blank=True, default="")
    certificate = DistrictForeignKey(Certificate, null=True)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "number"], name="personrequest_number")]
        indexes = [
            models.Index(fields=["district", "state", "due_on"], name="personrequest_due"),
            models.Index(
                fields=["district", "phone_hash"], name="personrequest_phone", condition=~models.Q(phone_hash="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.wish}"
