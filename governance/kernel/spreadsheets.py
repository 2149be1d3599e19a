"""Tables that people open in a spreadsheet, and files that claim to be one: the one place for both guards."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable
from typing import Any, Protocol

_FORMULA = tuple("=+-@\t\r\n＝＋－＠")

MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 200
MAX_PARTS = 500


class NoWorkbook(ValueError):
    """The bytes are no ZIP archive at all."""


class ZipBomb(ValueError):
    """They unpack to far more than they are."""


def harmless(value: Any) -> Any:
    """Text a spreadsheet shows instead of running it: what could begin a formula gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


class Writes(Protocol):
    """A text file, or anything else that takes lines."""

    def write(self, text: str, /) -> Any: ...


class TableWriter:
    """CSV in which no cell is a formula. Nothing else in the product writes CSV."""

    def __init__(self, file: Writes) -> None:
        self._writer = csv.writer(file)

    def row(self, cells: Iterable[Any]) -> Any:
        """Write one line; what the file's own ``write`` gave comes back, which is how a line is streamed."""
        return self._writer.writerow([harmless(cell) for cell in cells])


def check_zip(content: bytes) -> None:
    """Look at an archive's own table of contents before anything is unpacked. Raises ``NoWorkbook``, ``ZipBomb``."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise NoWorkbook from error
    unpacked = sum(part.file_size for part in parts)
    swollen = any(part.file_size > 1_000_000 and part.file_size > MAX_RATIO * part.compress_size for part in parts)
    if unpacked > MAX_UNPACKED or len(parts) > MAX_PARTS or swollen:
        raise ZipBomb
