from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models import Membership
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel
from requests_intake.models.ticket import Satisfaction, Ticket
from requests_intake.models.transition import TicketTransition
from requests_intake.models.work_order import WorkOrder


class Note(DistrictModel):
    """Free text of a move. Apart from the transition because it may hold personal data and must be erasable."""

    class Audience(models.TextChoices):
        PUBLIC = "public", _("告知居民")
        INTERNAL = "internal", _("内部")

    ticket = DistrictForeignKey(Ticket, related_name="notes")
    transition = DistrictForeignKey(TicketTransition, null=True, blank=True)
    audience = models.CharField(max_length=10, choices=Audience.choices)
    text = models.TextField()
    author = DistrictForeignKey(Membership, null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "ticket", "id"], name="note_ticket")]

    def __str__(self) -> str:
        return f"{self.pk}"


class Verification(DistrictModel):
    """Somebody looked on site whether it is really fixed (核查)."""

    ticket = DistrictForeignKey(Ticket, related_name="verifications")
    work_order = DistrictForeignKey(WorkOrder)
    passed = models.BooleanField()
    verifier = DistrictForeignKey(Membership)
    at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "ticket"], name="verification_ticket")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.passed}"


class VisitChannel(models.TextChoices):
    """How the requester was asked, or rated without being asked (``web``)."""

    PHONE = "phone", _("电话")
    DOOR = "door", _("上门")
    SMS_LINK = "sms_link", _("短信链接")
    WEB = "web", _("自己打开页面")


class Solved(models.TextChoices):
    """Whether it is solved, asked apart from whether one is satisfied (kpi E.2)."""

    SOLVED = "solved", _("已解决")
    PARTLY = "partly", _("部分解决")
    UNSOLVED = "unsolved", _("未解决")


class ReturnVisit(DistrictModel):
    """An attempt to ask the requester by phone or at the door (回访)."""

    class Answer(models.TextChoices):
        SATISFIED = "satisfied", _("满意")
        SO_SO = "so_so", _("还行")
        UNSOLVED = "unsolved", _("没解决")
        UNREACHABLE = "unreachable", _("没联系上")

    ticket = DistrictForeignKey(Ticket, related_name="return_visits")
    answer = models.CharField(max_length=12, choices=Answer.choices)
    solved = models.CharField(max_length=8, choices=Solved.choices, blank=True, default="")
    channel = models.CharField(max_length=8, choices=VisitChannel.choices, default=VisitChannel.PHONE)
    visitor = DistrictForeignKey(Membership)
    at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        indexes = [models.Index(fields=["district", "ticket"], name="returnvisit_ticket")]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.answer}"


class Rating(DistrictModel):
    """What the requester says of the result. The first stays beside the final one."""

    ticket = DistrictForeignKey(Ticket, related_name="ratings")
    face = models.CharField(max_length=10, choices=Satisfaction.choices)
    solved = models.CharField(max_length=8, choices=Solved.choices, blank=True, default="")
    channel = models.CharField(max_length=8, choices=VisitChannel.choices, default=VisitChannel.WEB)
    is_first = models.BooleanField()
    at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "ticket"], condition=models.Q(is_first=True), name="rating_one_first"
            )
        ]

    def __str__(self) -> str:
        return f"{self.ticket_id}: {self.face}"
