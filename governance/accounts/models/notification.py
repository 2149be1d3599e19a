"""What leaves the platform to tell people: how a district wants it, who wants it where, and each message on its way."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.accounts.models.membership import Membership
from governance.kernel.crypto import EncryptedTextField
from governance.kernel.tenancy.models import DistrictForeignKey, DistrictModel


def default_digests() -> list[str]:
    return ["08:30", "13:30", "17:00"]


class NotificationSettings(DistrictModel):
    """How a district tells people outside the inbox. No row: it does not."""

    sms_to_residents = models.BooleanField(default=False)
    sms_to_staff = models.BooleanField(default=False)
    email_to_staff = models.BooleanField(default=False)
    email_sender = models.EmailField(blank=True, default="")
    pushes_a_day = models.PositiveSmallIntegerField(default=3, help_text="for one person or robot, critical apart")
    digest_times = models.JSONField(default=default_digests, help_text="HH:MM in Shanghai, on working days")

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district"], name="notificationsettings_once")]

    def __str__(self) -> str:
        return f"settings {self.pk}"


class PushBudget(models.Model):
    """How much somebody was pushed today. Its row is also the lock under which that is decided."""

    push_day = models.DateField(null=True, blank=True)
    push_count = models.PositiveSmallIntegerField(default=0)
    counted_digest = models.DateTimeField(null=True, blank=True, help_text="the last digest that was counted")

    class Meta:
        abstract = True


class NotificationPreference(PushBudget, DistrictModel):
    """Which ways a member of staff wants to be reached by. No row: the inbox alone."""

    membership = DistrictForeignKey(Membership)
    email = EncryptedTextField(_("邮箱"), of_person=True, blank=True, default="")
    by_email = models.BooleanField(default=False)
    by_sms = models.BooleanField(default=False)

    class Meta(DistrictModel.Meta):
        constraints = [models.UniqueConstraint(fields=["district", "membership"], name="notificationpreference_once")]

    def __str__(self) -> str:
        return f"preference {self.pk}"


class Robot(PushBudget, DistrictModel):
    """A robot in the group chat of one organization. Whoever knows its address can write there, so it is a secret."""

    class Service(models.TextChoices):
        WECOM = "wecom", _("企业微信群机器人")
        DINGTALK = "dingtalk", _("钉钉群机器人")

    # The organization's table lies in an app above; only its row is referred to.
    organization = DistrictForeignKey("grids.Organization")
    service = models.CharField(_("平台"), max_length=10, choices=Service.choices)
    title = models.CharField(_("群"), max_length=40)
    webhook = EncryptedTextField(_("机器人地址"))
    secret = EncryptedTextField(_("加签密钥"), blank=True, default="")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta(DistrictModel.Meta):
        indexes = [
            models.Index(
                fields=["district", "organization"], name="robot_organization", condition=models.Q(is_active=True)
            )
        ]

    def __str__(self) -> str:
        return self.title


class Delivery(DistrictModel):
    """One message to one recipient by one channel, once per ``source``: the plan, its tries and what became of it.

    The address is not here: it is read when the message is sent. ``text`` is empty where a notice holds the words.
    ``path`` is encrypted, and gone once the message has left: with a link to rate, whoever has it is the requester.
    ``digest_at``: gathered with others and sent with them at that time. ``at_once``: neither quiet hours nor the daily
    number hold it back. ``attempts`` is also the claim: only who raised it to its value records the result.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("等待发送")
        SENT = "sent", _("已发出")
        FAILED = "failed", _("没发出，会再试")
        DEAD = "dead", _("没发出，不再试")
        SKIPPED = "skipped", _("不用发了")
        GIVEN_UP = "given_up", _("已放弃")

    class Channel(models.TextChoices):
        SMS = "sms", _("短信")
        EMAIL = "email", _("邮件")
        WECOM = "wecom", _("企业微信群")
        DINGTALK = "dingtalk", _("钉钉群")

    WAITING = ("queued", "failed")

    source = models.CharField(max_length=80, help_text="what it is about, e.g. notice:12 or ticket-transition:123")
    kind = models.CharField(max_length=30)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    recipient_kind = models.CharField(max_length=12, help_text="member, robot, or what an app above has registered")
    recipient_id = models.PositiveBigIntegerField()
    text = models.CharField(max_length=200, blank=True, default="")
    path = EncryptedTextField(blank=True, default="")
    at_once = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    digest_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=40, blank=True, default="", help_text="a code, never what was said")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(DistrictModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["district", "source", "channel", "recipient_kind", "recipient_id"], name="message_delivery_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["district", "next_try_at"],
                name="delivery_due",
                condition=models.Q(state__in=("queued", "failed")),
            ),
            models.Index(
                fields=["district", "recipient_kind", "recipient_id"],
                name="delivery_waiting",
                condition=models.Q(state__in=("queued", "failed")),
            ),
            models.Index(
                fields=["district", "-id"],
                name="delivery_troubled",
                condition=models.Q(state__in=("failed", "dead", "given_up")),
            ),
            models.Index(fields=["district", "ended_at"], name="delivery_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.source} → {self.recipient_kind}:{self.recipient_id}"
