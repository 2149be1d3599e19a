from __future__ import annotations

import logging

from governance.accounts.sms.base import Gateway

logger = logging.getLogger(__name__)


class ConsoleGateway(Gateway):
    """For development and the demo: the code stands in the log of whoever sends it. Refused in production."""

    offers_voice = True
    offers_text = True
    shows_codes = True

    def send_code(self, phone: str, code: str, *, minutes: int, voice: bool = False) -> None:
        way = "rings and says" if voice else "message"
        logger.warning("%s to the number ending in %s: sign-in code %s, %s minutes", way, phone[-4:], code, minutes)

    def send_text(self, phone: str, text: str) -> None:
        logger.warning("message to the number ending in %s: %s", phone[-4:], text)
