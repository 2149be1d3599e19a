"""Bringing the register in from files: upload, start, go on, undo."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import partial

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.models import Membership
from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.queue import enqueue
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import current_district_id
from grids.importing.reading import read_upload
from grids.importing.undoing import take_back, uses
from grids.models import RegisterImport, RegisterImportRow

State = RegisterImport.State
STALLED_AFTER = timedelta(seconds=60)
"""A job that has not moved for so long may be sent again."""
GIVEN_UP_AFTER = timedelta(hours=6)
"""A job that takes longer than this ends its workers, and is sent no more."""
KEPT_FOR = timedelta(days=7)
"""A file holds names and phones: nobody having gone on with it for so long, it is deleted."""


@transaction.atomic
def upload_register(*, name: str, content: bytes, actor: Actor) -> RegisterImport:
    """Keep a file and have it checked. Raises ``NotAllowed``, and ``Invalid`` where it cannot be taken at all."""
    require_administrator(actor)
    read_upload(name, content)
    ending = name.lower().rpartition(".")[2]  # one of those that could be read
    key = f"register/{current_district_id()}/{secrets.token_hex(16)}.{ending}"
    now = clock.now()
    job = RegisterImport.objects.create(
        file=default_storage.save(key, ContentFile(content)),
        file_name=name[-120:],
        size=len(content),
        uploaded_by=Membership.objects.get(pk=actor.membership_id),
        uploaded_at=now,
        progress_at=now,
    )
    _told("register.upload", job, actor)
    _send(job)
    return job


@transaction.atomic
def start_import(job: RegisterImport, *, actor: Actor) -> RegisterImport:
    """Begin to write a checked file.

    Raises ``NotAllowed`` and ``DomainError`` ``wrong_state``, ``nothing_to_do``, ``another_running``.
    """
    found = _locked(job, actor, State.CHECKED)
    if not any(count for each in found.counts.values() for kind, count in each.items() if kind in ("new", "update")):
        raise DomainError("nothing_to_do", _("文件里没有需要新增或更新的行。"))
    if RegisterImport.objects.filter(state=State.RUNNING).exists():
        raise DomainError("another_running", _("另一次导入还在进行，请等它完成。"))
    RegisterImportRow.objects.filter(register_import=found).delete()
    found.state, found.counts, found.row_done = State.RUNNING, {}, 0
    found.started_at = found.progress_at = clock.now()
    found.save(update_fields=["state", "counts", "row_done", "started_at", "progress_at"])
    _told("register.start", found, actor)
    _send(found)
    return found


@transaction.atomic
def resume_import(job: RegisterImport, *, actor: Actor) -> RegisterImport:
    """Send a job again that stopped. Raises ``DomainError`` ``still_running`` and ``wrong_state``."""
    found = _locked(job, actor, State.UPLOADED, State.RUNNING, State.FAILED)
    if found.state == State.FAILED:
        if found.started_at is None:
            raise DomainError("wrong_state", _("这个文件没有通过核对，请改好后重新上传。"))
        if not found.file:
            raise DomainError("file_gone", _("文件已过期删除，请重新上传；已导入的行不会重复。"))
        found.state, found.error = State.RUNNING, ""
    elif not is_stalled(found):
        raise DomainError("still_running", _("任务还在进行，请稍候。"))
    found.progress_at = clock.now()
    found.save(update_fields=["state", "error", "progress_at"])
    _told("register.resume", found, actor)
    _send(found)
    return found


@transaction.atomic
def undo_import(job: RegisterImport, *, actor: Actor) -> RegisterImport:
    """Take the last import back. Raises ``DomainError`` ``not_last``, and ``in_use`` with what depends on it."""
    found = _locked(job, actor, State.DONE, State.FAILED)
    if found.started_at is None:
        raise DomainError("wrong_state", _("这个文件没有写入任何内容，不需要撤销。"))
    later = RegisterImport.objects.filter(pk__gt=found.pk).exclude(started_at=None).exclude(state=State.UNDONE)
    if later.exists():
        raise DomainError("not_last", _("只能撤销最近一次导入。"))
    used = uses(found)
    if used:
        raise DomainError("in_use", _("不能撤销：{uses}。").format(uses="；".join(used)))
    left = take_back(found)
    found.state, found.progress_at = State.UNDONE, clock.now()
    if left:
        found.error = _("有 {count} 处更新后来又被改过，保持现状。").format(count=left)
    found.save(update_fields=["state", "progress_at", "error"])
    if found.file:
        transaction.on_commit(lambda: default_storage.delete(found.file))
    _told("register.undo", found, actor)
    bump_reference()
    return found


def continue_stalled() -> int:
    """Send the jobs of the district in scope that nobody works at: their worker died, or the broker lost them.

    A job somebody works at is locked, and left alone. Returns how many were sent.
    """
    now = clock.now()
    stalled = RegisterImport.objects.filter(state__in=(State.UPLOADED, State.RUNNING))
    sent = 0
    for job in stalled.filter(progress_at__lt=now - STALLED_AFTER).select_for_update(skip_locked=True):
        job.progress_at = now
        if now - (job.started_at or job.uploaded_at) > GIVEN_UP_AFTER:
            job.state, job.error = State.FAILED, _("任务一再中断，没有做完。请把文件分成几份再试。")
        else:
            _send(job)
            sent += 1
        job.save(update_fields=["state", "error", "progress_at"])
    return sent


def expire_uploads() -> int:
    """Delete files that nobody went on with; what was found in them stays. Returns how many."""
    waiting = RegisterImport.objects.filter(
        state__in=(State.CHECKED, State.FAILED), progress_at__lt=clock.now() - KEPT_FOR
    )
    expired = 0
    for job in waiting.exclude(file="").select_for_update(skip_locked=True):
        transaction.on_commit(partial(default_storage.delete, job.file))
        job.file = ""
        if job.state == State.CHECKED:
            job.state = State.EXPIRED
        job.save(update_fields=["file", "state"])
        audit.record("register.expire", actor=Actor.system("upkeep"), object_kind="register_import", object_id=job.pk)
        expired += 1
    return expired


def is_stalled(job: RegisterImport) -> bool:
    return job.state in (State.UPLOADED, State.RUNNING) and clock.now() - job.progress_at > STALLED_AFTER


def _locked(job: RegisterImport, actor: Actor, *states: str) -> RegisterImport:
    require_administrator(actor)
    found = RegisterImport.objects.select_for_update().get(pk=job.pk)
    if found.state not in states:
        raise DomainError(
            "wrong_state", _("这次导入现在是“{state}”，不能这样做。").format(state=found.get_state_display())
        )
    return found


def _told(action: str, job: RegisterImport, actor: Actor) -> None:
    audit.record(action, actor=actor, object_kind="register_import", object_id=job.pk)


def _send(job: RegisterImport) -> None:
    from grids.tasks import run_register_import

    district_id = current_district_id()
    transaction.on_commit(lambda: enqueue(run_register_import, job.pk, headers={"district_id": district_id}))
