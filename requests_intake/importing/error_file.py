"""The rows that could not be taken, as a CSV a person can open, mend and send again."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from django.utils.translation import gettext as _

from governance.kernel.errors import Invalid
from governance.kernel.spreadsheets import TableWriter


class ErrorFile:
    """One line per bad row: its number in the file, the source's own number, the columns and the reasons.

    It repeats no contents: names, phones and words stay in the file they came in. Written with a byte-order mark, by
    which Excel knows UTF-8. A file that was not asked for by name is removed again when it stays empty.
    """

    def __init__(self, path: Path, *, keep_empty: bool) -> None:
        self.path = path
        self.lines = 0
        self._keep_empty = keep_empty
        try:
            self._file = path.open("w", encoding="utf-8-sig", newline="")
        except OSError as error:
            raise Invalid("no_error_file", _("写不了错误文件 {path}：{error}").format(path=path, error=error))
        self._writer = TableWriter(self._file)
        self._writer.row([_("行号"), _("来源编号"), _("列"), _("原因")])

    def __enter__(self) -> ErrorFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        if not self.lines and not self._keep_empty:
            self.path.unlink()

    def add(self, row_number: int, source_ref: str, columns: str, reasons: str) -> None:
        self.lines += 1
        self._writer.row([row_number, source_ref[:60], columns, reasons])
        self._file.flush()  # what is known so far survives an interruption
