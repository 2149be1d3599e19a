"""Intake by file: a row becomes a ticket through the same action as the public form, or a line of the error file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.db import DataError, IntegrityError, transaction
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from requests_intake.actions.replay import Handlers, replay_ticket
from requests_intake.actions.submit import submit_ticket
from requests_intake.importing.error_file import ErrorFile
from requests_intake.importing.mapping import Mapping, detect_mapping
from requests_intake.importing.rows import Problem, Reading, RowReader
from requests_intake.importing.tables import Row, Table, open_table
from requests_intake.models import Ticket
from requests_intake.policies import require_recorder
from requests_intake.reference import rules

IMPORTER = Actor.system("import")
# One transaction holds the day's number counter, for which the public form waits: so it must be short.
BATCH = 25


@dataclass
class ImportResult:
    """What became of the rows: ``rows`` = ``created`` + ``existing`` + ``failed``.

    ``refs``: the source's numbers that are tickets now.
    """

    mapping: Mapping
    rows: int = 0
    created: int = 0
    existing: int = 0
    failed: int = 0
    refs: list[str] = field(default_factory=list)


def import_tickets(
    file: Path,
    *,
    actor: Actor,
    errors: ErrorFile,
    mapping: Mapping | None = None,
    replay: bool = False,
    dry_run: bool = False,
    progress: Callable[[int, int | None], None] = lambda done, total: None,
) -> ImportResult:
    """Import a CSV or XLSX file into the district in scope.

    A row whose number the source has given before is left alone, so importing twice changes nothing; the same number
    with other words is an error line. Without ``replay`` a ticket is submitted now, and the source's time is when it
    occurred; with it, answered rows go through their whole history (``replay.py``) and rows without an answer, or with
    one earlier than the message, are error lines: an open ticket of years ago would only be overdue. ``dry_run`` does
    everything and keeps nothing. Runs its own short transactions; ``progress`` gets rows done and in all (None where
    unknown). Raises ``DomainError`` where the file as a whole cannot be imported.
    """
    if not actor.is_system:
        require_recorder(actor)
    with open_table(file) as table:
        found = mapping or detect_mapping(table.header)
        run = _Run(found, table, actor, errors, replay=replay, dry_run=dry_run)
        for batch in _batches(table.rows):
            run.take(batch)
            progress(run.result.rows, table.total)
    if run.result.created and not dry_run:
        with transaction.atomic():
            counts = {key: getattr(run.result, key) for key in ("rows", "created", "existing", "failed")}
            audit.record("import_tickets", actor=actor, source=found.source, replay=replay, **counts)
    return run.result


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while batch := list(islice(rows, BATCH)):
        yield batch


class _Run:
    def __init__(
        self, mapping: Mapping, table: Table, actor: Actor, errors: ErrorFile, *, replay: bool, dry_run: bool
    ) -> None:
        columns = mapping.bind(table.header)
        if replay and not {"reply", "replied_at"} <= columns.keys():
            raise Invalid("nothing_to_replay", _("这个文件没有答复和答复时间两列，不能回放。"))
        self.result = ImportResult(mapping)
        self.actor, self.errors, self.replay, self.dry_run = actor, errors, replay, dry_run
        self.handlers = Handlers()
        self.first_row: dict[str, int] = {}  # the source's number → row it was first seen in
        with transaction.atomic():
            if replay:
                self.handlers.require_center()
            self.reader = RowReader(mapping, columns, _category_codes(), clock.now(), replay)

    def take(self, batch: list[Row]) -> None:
        """One transaction; each ticket in a savepoint of its own, so that a bad row takes nothing with it."""
        with transaction.atomic():
            readings = [(row, self.reader.read(row)) for row in batch]
            refs = [reading.source_ref for _row, reading in readings if reading.report is not None]
            stored = Ticket.objects.filter(source=self.result.mapping.source, source_ref__in=refs)
            there = dict(stored.values_list("source_ref", "content"))
            for row, reading in readings:
                self.result.rows += 1
                self._take(row, reading, there)
            transaction.set_rollback(self.dry_run)

    def _take(self, row: Row, reading: Reading, there: dict[str, str]) -> None:
        if reading.report is None:
            return self._fail(row, reading, reading.problems)
        earlier = self.first_row.setdefault(reading.source_ref, row.number)
        if earlier != row.number:
            return self._fail(row, reading, [Problem("source_ref", _("与第 {row} 行编号重复").format(row=earlier))])
        if reading.source_ref in there:
            if there[reading.source_ref] != reading.report.content:
                return self._fail(row, reading, [Problem("source_ref", _("这个编号已经登记过，但内容不同"))])
            self.result.existing += 1
            self.result.refs.append(reading.source_ref)
            return None
        try:
            self._submit(reading)
        except DomainError as error:
            fields = {name: "；".join(said) for name, said in error.fields.items()} or {"": error.message}
            return self._fail(row, reading, [Problem(name, said) for name, said in fields.items()])
        except (DataError, IntegrityError) as error:
            if "ticket_source_once" in str(error):  # another import was faster by a moment
                self.result.existing += 1
                self.result.refs.append(reading.source_ref)
                return None
            said = _("数据库不接受这一行（{kind}）").format(kind=type(error).__name__)
            return self._fail(row, reading, [Problem("", said)])
        self.result.created += 1
        self.result.refs.append(reading.source_ref)
        return None

    def _submit(self, reading: Reading) -> None:
        assert reading.report is not None
        if self.replay:
            assert reading.replied_at is not None
            replay_ticket(reading.report, reply=reading.reply, replied_at=reading.replied_at, handlers=self.handlers)
        else:
            submit_ticket(reading.report, actor=self.actor)

    def _fail(self, row: Row, reading: Reading, problems: tuple[Problem, ...] | list[Problem]) -> None:
        self.result.failed += 1
        titles = {problem: self.reader.title_of(problem.field) if problem.field else "" for problem in problems}
        columns = dict.fromkeys(title for title in titles.values() if title)
        several = len(problems) > 1
        reasons = [
            f"{title}：{problem.reason}" if several and title else problem.reason for problem, title in titles.items()
        ]
        self.errors.add(row.number, reading.source_ref, "、".join(columns), "；".join(reasons))


def _category_codes() -> dict[str, str]:
    """Codes and names of the district's categories → code; a name that two of them bear decides nothing."""
    found: dict[str, str] = {}
    for code, ref in rules().by_code.items():
        found[ref.name] = "" if ref.name in found else code
    return {**found, **{code: code for code in rules().by_code}}
