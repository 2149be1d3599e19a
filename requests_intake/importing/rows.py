"""A row of a file as a report, or what is wrong with it, said per column."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingType
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel import clock
from governance.kernel.masking import looks_masked, masked_words
from requests_intake.actions.submit import CONTENT_LENGTH, EXTERNAL_LENGTH, Report
from requests_intake.importing.mapping import REQUIRED, Mapping
from requests_intake.importing.tables import Cell, Row
from requests_intake.models import Ticket

NAME_LENGTH = 40
CODED = ("request_type", "urgency", "is_confidential", "is_anonymous")
_TIME = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*"
    r"(\d{1,2})[:：时](\d{2})(?:[:：分](\d{2})(?:\.\d+)?秒?|分)?",
    re.ASCII,
)
# Longer ones would be refused by the database, or (title, name) silently cut on the way in.
LENGTHS = {
    "source_ref": Ticket._meta.get_field("source_ref").max_length,
    "title": Ticket._meta.get_field("title").max_length,
    "address": Ticket._meta.get_field("address_text").max_length,
    "content": CONTENT_LENGTH,
    "name": NAME_LENGTH,
    "external_number": EXTERNAL_LENGTH,
}


@dataclass(frozen=True)
class Problem:
    """``field`` is ours (``content``), or empty for the row as a whole."""

    field: str
    reason: str


@dataclass(frozen=True)
class Reading:
    """What a row says. ``report`` is None where there are problems."""

    source_ref: str
    report: Report | None
    problems: tuple[Problem, ...] = ()
    reply: str = ""
    replied_at: datetime | None = None


def parse_time(cell: Cell) -> datetime:
    """A moment of the source, which writes local time: ``2019-04-25 09:32:09``, ``2020/1/6 12:09:38``.

    Judged in Asia/Shanghai. Raises ``ValueError`` for anything that does not say day, hour and minute.
    """
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=clock.SHANGHAI) if cell.tzinfo is None else cell
    match = _TIME.fullmatch(cell.strip())
    if match is None:
        raise ValueError(cell)
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    return datetime(year, month, day, hour, minute, second, tzinfo=clock.SHANGHAI)


@dataclass(frozen=True)
class RowReader:
    """Reads the rows of one file by one mapping. ``columns``: our field → this file's header.

    ``category_codes``: names and codes of the district's categories → code; a name that is not ours is no mistake of
    the row, the category is then suggested from the words. ``replay``: reply and its time are required.
    """

    mapping: Mapping
    columns: MappingType[str, str]
    category_codes: MappingType[str, str]
    now: datetime
    replay: bool = False

    def read(self, row: Row) -> Reading:
        problems: list[Problem] = []
        texts = {name: self._text(row, name) for name in self.columns}
        if row.surplus:
            problems.append(Problem("", _("这一行的列数比表头多，可能少了引号")))
        problems += self._missing(texts)
        problems += self._unfit(texts)
        occurred_at = self._time(row, "occurred_at", problems)
        external_due_at = self._time(row, "external_due_at", problems, to_come=True)
        replied_at = self._time(row, "replied_at", problems) if self.replay else None
        if occurred_at and replied_at and replied_at < occurred_at:
            problems.append(Problem("replied_at", _("答复时间早于提出时间")))
        meant = {name: self._meaning(name, texts.get(name, ""), problems) for name in CODED}
        source_ref = texts.get("source_ref", "")
        if problems:
            return Reading(source_ref, None, tuple(problems))
        report = Report(
            content=texts["content"],
            title=texts.get("title", ""),
            channel=self.mapping.channel,
            category_code=self.category_codes.get(texts.get("category", ""), ""),
            address=texts.get("address", ""),
            name=texts.get("name", ""),
            phone=texts.get("phone", ""),
            occurred_at=occurred_at,
            source=self.mapping.source,
            source_ref=source_ref,
            external_number=texts.get("external_number", ""),
            external_due_at=external_due_at,
            request_type=meant["request_type"] or "",
            urgency=meant["urgency"] or "",
            is_confidential=bool(meant["is_confidential"]),
            is_anonymous=bool(meant["is_anonymous"]),
        )
        return Reading(source_ref, report, (), texts.get("reply", ""), replied_at)

    def title_of(self, field: str) -> str:
        """The file's header for one of our fields; the field's own name where the file has no such column."""
        return self.columns.get(field, field)

    def _text(self, row: Row, name: str) -> str:
        cell = row.cells.get(self.columns[name], "")
        return cell.strip() if isinstance(cell, str) else str(cell)

    def _missing(self, texts: MappingType[str, str]) -> list[Problem]:
        required = (*REQUIRED, "reply", "replied_at") if self.replay else REQUIRED
        return [Problem(name, _("没有填写")) for name in required if not texts.get(name)]

    @staticmethod
    def _unfit(texts: MappingType[str, str]) -> list[Problem]:
        problems = []
        for name, text in texts.items():
            limit = LENGTHS.get(name)
            if limit is not None and len(text) > limit:
                said = _("最多 {limit} 字，现在 {length} 字").format(limit=limit, length=len(text))
                problems.append(Problem(name, said))
            if name in ("name", "phone") and looks_masked(text):
                problems.append(Problem(name, masked_words()))
            if "\x00" in text:
                problems.append(Problem(name, _("含有无法保存的字符")))
        return problems

    def _time(self, row: Row, name: str, problems: list[Problem], *, to_come: bool = False) -> datetime | None:
        cell = row.cells.get(self.columns.get(name, ""), "")
        if isinstance(cell, str) and not cell.strip():
            return None  # reported as missing where it is required
        try:
            moment = parse_time(cell)
        except ValueError:
            said = _("看不懂的时间“{text}”，应像 2019-04-25 09:32:09").format(text=str(cell)[:30])
            problems.append(Problem(name, said))
            return None
        if moment > self.now and not to_come:
            problems.append(Problem(name, _("时间在将来：{text}").format(text=str(cell)[:30])))
            return None
        return moment

    def _meaning(self, name: str, text: str, problems: list[Problem]) -> Any:
        """What a coded value means here. A value nobody listed is a bad row: guessing 保密 wrong would harm people."""
        known = self.mapping.values.get(name, {})
        if not text:
            return None
        if text in known:
            return known[text]
        if text.lower() in known:
            return known[text.lower()]
        problems.append(Problem(name, _("不认识的值“{text}”").format(text=text[:20])))
        return None
