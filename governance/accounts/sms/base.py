from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar


class GatewayError(Exception):
    """The message was not taken. ``may_retry``: the reason may pass. Its text names neither number nor code."""

    def __init__(self, reason: str, *, may_retry: bool) -> None:
        super().__init__(reason)
        self.may_retry = may_retry


class Gateway(ABC):
    """Brings words to a phone. ``offers_voice``: it can also ring and say a code; ``offers_text``: it takes other
    sentences than codes. Raises ``GatewayError``."""

    offers_voice: bool = False
    offers_text: bool = False
    shows_codes: ClassVar[bool] = False
    """Nothing is really sent: in a demo the page itself shows the code."""

    @abstractmethod
    def send_code(self, phone: str, code: str, *, minutes: int, voice: bool = False) -> None:
        """``minutes``: how long the code lives, for the words of the message."""

    @abstractmethod
    def send_text(self, phone: str, text: str) -> None:
        """One sentence, where ``offers_text``."""
