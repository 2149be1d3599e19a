from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar


class GatewayError(Exception):
    """The message was not taken. ``may_retry``: the reason may pass. Its text names neither number nor code."""

    def __init__(self, reason: str, *, may_retry: bool) -> None:
        super().__init__(reason)
        self.may_retry = may_retry


class Gateway(ABC):
    """Brings a code to a phone. ``offers_voice``: it can also ring and say it. Raises ``GatewayError``."""

    offers_voice: bool = False
    shows_codes: ClassVar[bool] = False
    """Nothing is really sent: in a demo the page itself shows the code."""

    @abstractmethod
    def send_code(self, phone: str, code: str, *, minutes: int, voice: bool = False) -> None:
        """``minutes``: how long the code lives, for the words of the message."""
