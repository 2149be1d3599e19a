"""Checking a file and applying it: batches that commit with the count of rows done, so that a killed worker's job goes
on where it stopped."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.reference import bump_reference
from grids.importing.planning import Planner, Result
from grids.importing.reading import Row, read_upload
from grids.importing.register import Register
from grids.importing.writing import Writer
from grids.models import RegisterImport, RegisterImportRow

logger = logging.getLogger(__name__)

BATCH = 500
State = RegisterImport.State


def content_of(job: RegisterImport) -> bytes:
    with default_storage.open(job.file) as file:
        return bytes(file.read())


def check(job_id: int, *, actor: Actor) -> None:
    """Plan every row without writing; the job is then ready to start, or failed with the reason."""
    with transaction.atomic():
        job = RegisterImport.objects.select_for_update().get(pk=job_id)
        if job.state != State.UPLOADED:
            return
        try:
            upload = read_upload(job.file_name, content_of(job))
        except DomainError as error:
            _fail(job, error.message)
            transaction.on_commit(lambda: default_storage.delete(job.file))
            return
        planner = Planner(Register(), Writer(None), actor)
        results = [planner.plan(row) for row in upload.rows]
        _keep_rows(job, upload.rows, results, start=0)
        job.kinds, job.counts = upload.kinds, counted(upload.rows, results, {})
        job.notes = [*upload.notes, *(planner.border_notes() if "borders" in upload.kinds else [])]
        job.row_total, job.state, job.progress_at = len(upload.rows), State.CHECKED, clock.now()
        job.save()


def apply(job_id: int, *, actor: Actor) -> None:
    """Write the rows that are not done yet, batch after batch. Safe to call again at any time, and twice at once."""
    with transaction.atomic():
        job = RegisterImport.objects.get(pk=job_id)
    upload = read_upload(job.file_name, content_of(job))
    done, writer = job.row_done, Writer(job)
    planner = Planner(Register(), writer, actor)
    while True:
        with transaction.atomic():
            job = RegisterImport.objects.select_for_update().get(pk=job_id)
            if job.state != State.RUNNING or job.row_done != done:
                return  # another worker goes on with it, or it is over
            if done >= len(upload.rows):
                _finish(job, actor)
                return
            rows = upload.rows[done : done + BATCH]
            results = [planner.plan(row) for row in rows]
            writer.flush()
            _keep_rows(job, rows, results, start=done)
            done += len(rows)
            job.row_done, job.progress_at = done, clock.now()
            job.counts = counted(rows, results, job.counts)
            job.save(update_fields=["row_done", "progress_at", "counts"])


def run(job_id: int, *, actor: Actor) -> None:
    """Whatever the job waits for. Its district's scope is open, a transaction is not."""
    try:
        with transaction.atomic():
            state = RegisterImport.objects.values_list("state", flat=True).get(pk=job_id)
        if state == State.UPLOADED:
            check(job_id, actor=actor)
        elif state == State.RUNNING:
            apply(job_id, actor=actor)
    except Exception as error:  # whatever it is, the page must say so, and nobody may try it for ever
        logger.exception("register import %s stopped", job_id)
        with transaction.atomic():
            job = RegisterImport.objects.select_for_update().get(pk=job_id)
            _fail(job, error.message if isinstance(error, DomainError) else _stopped(job))


def _stopped(job: RegisterImport) -> str:
    if job.started_at is None:
        return _("系统出错，没有核对完。请重新上传；再出错请告诉平台管理员。")
    return _("系统出错，停在第 {row} 行之后，可以继续。").format(row=job.row_done)


def _fail(job: RegisterImport, reason: str) -> None:
    job.state, job.error, job.progress_at = State.FAILED, reason[:300], clock.now()
    job.save(update_fields=["state", "error", "progress_at"])


def _finish(job: RegisterImport, actor: Actor) -> None:
    job.state, job.finished_at, job.progress_at = State.DONE, clock.now(), clock.now()
    job.save(update_fields=["state", "finished_at", "progress_at"])
    # The file holds names and phones; everything needed later is in the rows and the journal.
    transaction.on_commit(lambda: default_storage.delete(job.file))
    audit.record("register.import", actor=actor, object_kind="register_import", object_id=job.pk, counts=job.counts)
    bump_reference()


def counted(rows: list[Row], results: list[Result], before: dict[str, Any]) -> dict[str, dict[str, int]]:
    """Rows by sheet and outcome, added to ``before``."""
    sums: dict[str, Counter[str]] = defaultdict(Counter, {kind: Counter(each) for kind, each in before.items()})
    for row, result in zip(rows, results, strict=True):
        sums[row.sheet][result.outcome] += 1
    return {kind: dict(each) for kind, each in sums.items()}


def _keep_rows(job: RegisterImport, rows: list[Row], results: list[Result], *, start: int) -> None:
    RegisterImportRow.objects.bulk_create(
        (
            RegisterImportRow(
                register_import=job, position=position, sheet=row.sheet, number=row.number,
                label=result.label, outcome=result.outcome, reasons=result.reasons,
            )
            for position, (row, result) in enumerate(zip(rows, results, strict=True), start=start)
        ),
        batch_size=2000,
    )  # fmt: skip
