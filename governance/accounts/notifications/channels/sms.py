from __future__ import annotations

from governance.accounts.notifications.channels.base import Channel, Message, Permanent, Temporary
from governance.accounts.notifications.recipients import Recipient, kind_of
from governance.accounts.sms import GatewayError, gateway
from governance.kernel.crypto import MOBILE, normal_phone


class Sms(Channel):
    """Through the gateway that also brings sign-in codes (``governance.accounts.sms``)."""

    code = "sms"

    def is_available(self) -> bool:
        way = gateway()
        return way is not None and way.offers_text

    def address_of(self, recipient: Recipient) -> str:
        phone = kind_of(recipient).phones([recipient.id]).get(recipient.id, "")
        return normal_phone(phone)

    def send(self, address: str, message: Message) -> None:
        way = gateway()
        if way is None or not way.offers_text:
            raise Permanent("not_set_up")
        if not MOBILE.fullmatch(address):
            raise Permanent("no_mobile")
        try:
            way.send_text(address, f"{message.text}{message.link}")
        except GatewayError as error:
            raise (Temporary if error.may_retry else Permanent)("gateway") from None
