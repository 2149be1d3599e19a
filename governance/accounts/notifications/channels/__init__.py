"""Every way out, one file each behind one small interface."""

from __future__ import annotations

from governance.accounts.notifications.channels.base import Channel, DeliveryError, Message, Permanent, Temporary
from governance.accounts.notifications.channels.email import Email
from governance.accounts.notifications.channels.robots import DingTalkRobot, WecomRobot
from governance.accounts.notifications.channels.sms import Sms

__all__ = ["Channel", "DeliveryError", "Message", "Permanent", "Temporary", "channel", "channels"]

_ALL: dict[str, Channel] = {each.code: each for each in (Sms(), Email(), WecomRobot(), DingTalkRobot())}


def channels() -> tuple[Channel, ...]:
    return tuple(_ALL.values())


def channel(code: str) -> Channel:
    """Raises ``LookupError`` for a code no channel has."""
    return _ALL[code]
