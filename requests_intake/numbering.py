"""Ticket numbers people read aloud, write on paper and type in again: ``260924-00173``.

Day (yymmdd), dash, running number of the day in the district (at least four digits), check digit. The check digit is
Damm's: like Verhoeff's it catches every single wrong digit and every swap of neighbours, which Luhn (09 and 90) and
ISO 7064 MOD 11,10 do not; and it needs one table and no positions, so the running number may grow longer.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

# The totally anti-symmetric quasigroup of order 10 published by H. Michael Damm (2004).
_DAMM = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
_SEPARATORS = re.compile(r"[\s\-_./·‐-―−ー]+")
_DIGITS = re.compile(r"(\d{6})(\d{4,})(\d)", re.ASCII)
_SEQUENCE_DIGITS = 4


class NumberError(ValueError):
    """No ticket number. ``code``: not_a_number (no such form), wrong_check_digit (mistyped), no_such_day."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class TicketNumber:
    """A number taken apart: the day it was given, in Shanghai, and which of that day's it is, from 1."""

    day: date
    sequence: int

    def __str__(self) -> str:
        """The one way it is stored and shown."""
        return make_number(self.day, self.sequence)


def _damm(digits: str) -> int:
    """Damm's interim digit: the check digit of ``digits``, or 0 when they end in a right one."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return interim


def make_number(day: date, sequence: int) -> str:
    """The number of the ``sequence``-th ticket of a day: ``260924-00173``.

    Raises ``ValueError`` for a sequence below 1 or a day outside 2000–2099.
    """
    if sequence < 1 or not 2000 <= day.year <= 2099:
        raise ValueError("tickets are counted from 1, in this century")
    head, tail = day.strftime("%y%m%d"), f"{sequence:0{_SEQUENCE_DIGITS}d}"
    return f"{head}-{tail}{_damm(head + tail)}"


def parse_number(text: str) -> TicketNumber:
    """Read a number as people type it: spaces, full-width digits, any dash or none. Raises ``NumberError``."""
    digits = _SEPARATORS.sub("", unicodedata.normalize("NFKC", text))
    found = _DIGITS.fullmatch(digits)
    if found is None:
        raise NumberError("not_a_number", "a ticket number looks like 260924-00173")
    if _damm(digits) != 0:
        raise NumberError("wrong_check_digit", "a digit of the ticket number is wrong")
    head, tail = found[1], found[2]
    try:
        day = date(2000 + int(head[:2]), int(head[2:4]), int(head[4:]))
    except ValueError as error:
        raise NumberError("no_such_day", "the ticket number begins with no day") from error
    if int(tail) == 0 or (len(tail) > _SEQUENCE_DIGITS and tail.startswith("0")):
        raise NumberError("not_a_number", "a ticket number looks like 260924-00173")
    return TicketNumber(day, int(tail))
