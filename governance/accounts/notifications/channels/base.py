from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from governance.accounts.notifications.recipients import Recipient


class DeliveryError(Exception):
    """It was not delivered. ``code`` says why in one word; it never holds an address or what was said."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code[:40]


class Temporary(DeliveryError):
    """The reason may pass: it is tried again."""


class Permanent(DeliveryError):
    """It will never get there like this: somebody has to look."""


@dataclass(frozen=True)
class Message:
    """What is said. ``text`` is whole by itself; ``lines`` are the single matters of a digest."""

    text: str
    lines: tuple[str, ...] = ()
    link: str = ""


class Channel(ABC):
    """A way out. ``send`` returns when the other side has taken the message and raises ``DeliveryError`` otherwise.

    No transaction is open while it sends; it takes ten seconds at most.
    """

    code: ClassVar[str]

    @abstractmethod
    def is_available(self) -> bool:
        """Whether this installation is set up for it."""

    @abstractmethod
    def address_of(self, recipient: Recipient) -> str:
        """Where the recipient can be reached now; empty where they cannot. Reads the database."""

    @abstractmethod
    def send(self, address: str, message: Message) -> None:
        """Raises ``Temporary`` or ``Permanent``."""
