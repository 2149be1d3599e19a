"""Deciding how people are told: the district's settings, one's own wishes, robots, and what could not be delivered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.models import Delivery, NotificationPreference, NotificationSettings, Robot, Staff
from governance.accounts.notifications.channels import DeliveryError, Message, channel
from governance.accounts.notifications.channels.robots import may_call
from governance.accounts.notifications.recipients import ROBOT, Recipient
from governance.accounts.notifications.rhythm import QUIET_FROM, QUIET_UNTIL
from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.crypto import MOBILE, normal_phone
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import District
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import current_district

MOST_PUSHES = 10
MOST_DIGESTS = 6
KEPT = timedelta(days=90)
"""How long what became of a message is kept."""


# ---------------------------------------------------------------- the district
@dataclass(frozen=True)
class Wanted:
    """``digest_times``: HH:MM, in any order."""

    sms_to_residents: bool = False
    sms_to_staff: bool = False
    email_to_staff: bool = False
    email_sender: str = ""
    pushes_a_day: int = 3
    digest_times: tuple[str, ...] = ("08:30", "13:30", "17:00")


@transaction.atomic
def change_notification_settings(wanted: Wanted, *, actor: Actor) -> NotificationSettings:
    """From now on messages go out like this; what waits for a channel that is switched off is not sent.

    Raises ``NotAllowed`` and ``Invalid`` with the sentences by field: a channel can only be switched on where the
    installation has it.
    """
    require_administrator(actor)
    fields = _problems(wanted)
    if fields:
        raise Invalid("bad_settings", _("有的地方要改。"), fields=fields)
    # The district's row is the lock: its settings are one row.
    District.objects.select_for_update().get(pk=current_district().pk)
    row = NotificationSettings.objects.first() or NotificationSettings()
    row.sms_to_residents, row.sms_to_staff = wanted.sms_to_residents, wanted.sms_to_staff
    row.email_to_staff, row.email_sender = wanted.email_to_staff, wanted.email_sender.strip()
    row.pushes_a_day, row.digest_times = wanted.pushes_a_day, sorted(set(wanted.digest_times))
    row.save()
    bump_reference()
    audit.record(
        "settings.notifications", actor=actor, sms_to_residents=row.sms_to_residents, sms_to_staff=row.sms_to_staff,
        email_to_staff=row.email_to_staff, pushes_a_day=row.pushes_a_day, digest_times=row.digest_times,
    )  # fmt: skip
    return row


def _problems(wanted: Wanted) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    if not channel("sms").is_available():
        sentence = _("平台还没有接短信网关，开不了。请运维先配置。")
        found |= {name: [sentence] for name in ("sms_to_residents", "sms_to_staff") if getattr(wanted, name)}
    if wanted.email_to_staff and not channel("email").is_available():
        found["email_to_staff"] = [_("平台还没有接邮件服务器，开不了。请运维先配置。")]
    if wanted.email_sender.strip() and not _is_email(wanted.email_sender.strip()):
        found["email_sender"] = [_("请填一个邮箱，例如 tongzhi@example.gov.cn。")]
    if not 1 <= wanted.pushes_a_day <= MOST_PUSHES:
        found["pushes_a_day"] = [_("填 1 到 {most}。").format(most=MOST_PUSHES)]
    first, last = f"{QUIET_UNTIL:%H:%M}", f"{QUIET_FROM:%H:%M}"
    if not 1 <= len(set(wanted.digest_times)) <= MOST_DIGESTS or any(
        not first <= each < last for each in wanted.digest_times
    ):
        sentence = _("写 1 到 {most} 个时间，在 {first} 到 {last} 之间，例如 08:30。")
        found["digest_times"] = [sentence.format(most=MOST_DIGESTS, first=first, last=last)]
    return found


def _is_email(value: str) -> bool:
    try:
        validate_email(value)
    except ValidationError:
        return False
    return True


# ---------------------------------------------------------------- a member of staff
@transaction.atomic
def set_preference(*, email: str, by_email: bool, by_sms: bool, actor: Actor) -> NotificationPreference:
    """Where one wants to be reached beside the inbox: one's own wish, changed by nobody else.

    Raises ``NotAllowed`` and ``Invalid`` with the sentences by field.
    """
    if actor.membership_id is None:
        raise NotAllowed("staff_only", _("只有工作人员可以设置。"))
    email = email.strip()
    fields = {}
    if email and not _is_email(email):
        fields["email"] = [_("这个邮箱写得不对，请检查。")]
    elif by_email and not email:
        fields["email"] = [_("要收邮件，请填邮箱。")]
    if by_sms and not MOBILE.fullmatch(_own_phone(actor.membership_id)):
        fields["by_sms"] = [_("您没有登记手机号，收不了短信。请找区管理员登记。")]
    if fields:
        raise Invalid("bad_preference", _("有的地方要改。"), fields=fields)
    row, _made = NotificationPreference.objects.select_for_update().get_or_create(membership_id=actor.membership_id)
    row.email, row.by_email, row.by_sms = email, by_email, by_sms
    row.save(update_fields=["email", "by_email", "by_sms"])
    audit.record("notification_preference", actor=actor, by_email=by_email, by_sms=by_sms)
    return row


def _own_phone(membership_id: int) -> str:
    row = Staff.objects.filter(membership_id=membership_id).first()
    return normal_phone(row.phone) if row else ""


# ---------------------------------------------------------------- robots
@dataclass(frozen=True)
class RobotRules:
    """An empty ``webhook`` or ``secret`` keeps the one that is there: neither is ever shown again."""

    organization_id: int
    service: str
    title: str
    webhook: str = ""
    secret: str = ""
    is_active: bool = True


@transaction.atomic
def save_robot(robot: Robot | None, wanted: RobotRules, *, actor: Actor) -> Robot:
    """A group robot of an organization, new where ``robot`` is None. Raises ``NotAllowed`` and ``Invalid``."""
    require_administrator(actor)
    row = Robot(created_at=clock.now()) if robot is None else Robot.objects.select_for_update().get(pk=robot.pk)
    fields = {}
    if wanted.service not in Robot.Service.values:
        fields["service"] = [_("请选平台。")]
    if not wanted.title.strip():
        fields["title"] = [_("请写群的名字。")]
    # Another service has other addresses: the old one would never work there.
    keeps = bool(row.pk) and row.service == wanted.service
    if not wanted.webhook.strip() and not keeps:
        fields["webhook"] = [_("请粘贴机器人的完整地址。")]
    elif wanted.webhook.strip() and not may_call(wanted.webhook.strip()):
        fields["webhook"] = [_("只能用企业微信、钉钉给的地址，以 https:// 开头。请重新复制。")]
    if fields:
        raise Invalid("bad_robot", _("有的地方要改。"), fields=fields)
    row.organization_id, row.service, row.title = wanted.organization_id, wanted.service, wanted.title.strip()
    row.is_active = wanted.is_active
    row.webhook = wanted.webhook.strip() or row.webhook
    row.secret = wanted.secret.strip() or (row.secret if keeps and not wanted.webhook.strip() else "")
    row.save()
    action = "robot.add" if robot is None else "robot.change"
    audit.record(action, actor=actor, object_kind="robot", object_id=row.pk, is_active=row.is_active)
    return row


def test_robot(robot: Robot, *, actor: Actor) -> str:
    """Send one sentence to the group now. Returns the code of what went wrong, empty where the group has it.

    Waits for the other side, ten seconds at most. Raises ``NotAllowed``, and ``DomainError`` for one switched off.
    """
    require_administrator(actor)
    if not robot.is_active:
        raise DomainError("robot_off", _("这个机器人停用了，启用后再试。"))
    way = channel(robot.service)
    error = ""
    try:
        text = _("【{district}】测试消息：这个群能收到平台的提醒。").format(district=current_district().name)
        way.send(way.address_of(Recipient(ROBOT, robot.pk)), Message(text))
    except DeliveryError as failed:
        error = failed.code
    audit.record("robot.test", actor=actor, object_kind="robot", object_id=robot.pk, succeeded=not error, error=error)
    return error


# ---------------------------------------------------------------- what could not be delivered
@transaction.atomic
def retry_deliveries(ids: Sequence[int], *, actor: Actor) -> int:
    """Try these again from the beginning, at once. Returns how many: those that ended unsent, given up or not.

    What still fails is tried again by itself; a worker may be sending it this moment, and it must not go out twice.
    """
    require_administrator(actor)
    rows = Delivery.objects.filter(pk__in=ids, state__in=(Delivery.State.DEAD, Delivery.State.GIVEN_UP))
    pks = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
    count = Delivery.objects.filter(pk__in=pks).update(
        state=Delivery.State.QUEUED, attempts=0, next_try_at=clock.now(), digest_at=None, ended_at=None
    )
    if count:
        from governance.accounts.tasks import send_notifications
        from governance.kernel.queue import enqueue

        transaction.on_commit(lambda: enqueue(send_notifications))
        audit.record("delivery.retry", actor=actor, count=count)
    return count


@transaction.atomic
def give_up_deliveries(ids: Sequence[int], *, actor: Actor) -> int:
    """Nothing is to be done about these any more; they leave the list of what needs somebody. Returns how many."""
    require_administrator(actor)
    rows = Delivery.objects.filter(pk__in=ids, state=Delivery.State.DEAD)
    pks = list(rows.select_for_update(skip_locked=True).values_list("pk", flat=True))
    count = Delivery.objects.filter(pk__in=pks).update(
        state=Delivery.State.GIVEN_UP, next_try_at=None, ended_at=clock.now()
    )
    if count:
        audit.record("delivery.give_up", actor=actor, count=count)
    return count


def forget_old_deliveries() -> int:
    """Delete what ended more than 90 days ago; returns how many."""
    return Delivery.objects.filter(ended_at__lt=clock.now() - KEPT).delete()[0]
