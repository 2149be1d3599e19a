"""What happens to imports nobody looks after: the work of a dead worker goes on, and unused files go."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from governance.kernel import clock
from governance.kernel.errors import DomainError
from governance.kernel.models import AuditEvent
from governance.kernel.tasks import districts_with
from governance.kernel.tenancy.context import district_scope, district_transaction
from grids.actions.register_imports import (
    GIVEN_UP_AFTER,
    KEPT_FOR,
    STALLED_AFTER,
    continue_stalled,
    expire_uploads,
    resume_import,
    start_import,
    undo_import,
    upload_register,
)
from grids.importing import running
from grids.models import Building, RegisterImport
from grids.tasks import STALLED, due_imports, expire_register_uploads
from tests.manage.test_register_import import checked, run, workbook
from tests.workers import own_queue, own_worker
from tests.world import World

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def _own_files(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def buildings(world: World, count: int = 3) -> bytes:
    return workbook(buildings=[{"网格代码": world.grid.code, "楼号": f"{900 + n}"} for n in range(count)])


def later(span: timedelta) -> Any:
    return time_machine.travel(clock.now() + span, tick=False)


def in_time(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + 60
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.1)
    return True


# ---------------------------------------------------------------- on the real broker
@pytest.fixture
def lost(world: World) -> RegisterImport:
    """An upload whose task went into a queue that nobody reads, two minutes ago."""
    with own_queue("lost"), district_transaction(world.district):
        job = upload_register(name="a.xlsx", content=buildings(world), actor=world.actor("admin"))
    _let_it_stand(world)
    return job


def _let_it_stand(world: World) -> None:
    with district_transaction(world.district):
        RegisterImport.objects.update(progress_at=clock.now() - 2 * STALLED_AFTER)


def _state(world: World) -> str:
    with district_transaction(world.district):
        return RegisterImport.objects.values_list("state", flat=True).get()


@pytest.mark.django_db(transaction=True, databases=["default", "sweep"])
def test_what_the_broker_lost_and_what_a_dead_worker_left_goes_on_by_itself(
    world: World, lost: RegisterImport, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own_worker("upkeep"):
        due_imports.apply_async()
        assert in_time(lambda: _state(world) == "checked")
    # Started; the worker is killed after the first of three batches.
    monkeypatch.setattr(running, "BATCH", 1)
    with own_queue("lost"), district_transaction(world.district):
        start_import(lost, actor=world.actor("admin"))
    whole, calls = running.counted, []

    def killed(*args: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit
        return whole(*args)

    monkeypatch.setattr(running, "counted", killed)
    with pytest.raises(SystemExit):
        run_as_worker(world, lost)
    monkeypatch.setattr(running, "counted", whole)
    with district_transaction(world.district):
        job = RegisterImport.objects.get()
        assert (job.state, job.row_done) == ("running", 1)
    _let_it_stand(world)
    with own_worker("upkeep"):
        due_imports.apply_async()
        assert in_time(lambda: _state(world) == "done")
    with district_transaction(world.district):
        assert Building.objects.filter(number__startswith="90").count() == 3
        assert RegisterImport.objects.get().counts == {"buildings": {"new": 3}}


def run_as_worker(world: World, job: RegisterImport) -> None:
    with district_scope(world.district):
        with transaction.atomic():
            actor = world.actor("admin")
        running.run(job.pk, actor=actor)


@pytest.mark.django_db(transaction=True, databases=["default", "sweep"])
def test_the_question_finds_what_stands_still_and_reads_nothing_else(world: World, lost: RegisterImport) -> None:
    asked = [clock.platform_now() - STALLED_AFTER]
    assert districts_with(STALLED, asked) == [world.district.pk]
    with district_transaction(world.district):
        RegisterImport.objects.update(progress_at=clock.now())
    assert districts_with(STALLED, asked) == []
    with connections["sweep"].cursor() as cursor, pytest.raises(Exception, match="permission denied"):
        cursor.execute("SELECT file_name FROM grids_registerimport")


# ---------------------------------------------------------------- the rules
@pytest.mark.django_db
def test_only_what_stands_still_is_sent_and_once(
    world: World, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[int] = []
    monkeypatch.setattr("grids.tasks.run_register_import.apply_async", lambda **said: sent.append(said["args"][0]))
    job = upload_register(name="a.xlsx", content=buildings(world), actor=world.admin)
    done = checked(world, buildings(world))
    with django_capture_on_commit_callbacks(execute=True):
        assert continue_stalled() == 0, "it has only just begun"
        with later(2 * MINUTE):
            assert continue_stalled() == 1
            assert continue_stalled() == 0, "it has just been sent"
    assert sent == [job.pk]
    assert done.state == "checked"


@pytest.mark.django_db
def test_a_job_that_never_ends_is_given_up_with_the_reason(world: World) -> None:
    job = upload_register(name="a.xlsx", content=buildings(world), actor=world.admin)
    with later(GIVEN_UP_AFTER + MINUTE):
        assert continue_stalled() == 0
    job.refresh_from_db()
    assert job.state == "failed"
    assert "一再中断" in job.error


@pytest.mark.django_db
def test_an_unforeseen_error_ends_the_job_and_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> None:
        raise AttributeError("unforeseen")

    monkeypatch.setattr(running, "check", fail)
    job = checked(world, buildings(world))
    assert job.state == "failed"
    assert "请重新上传" in job.error


@pytest.mark.django_db
def test_a_checked_file_is_deleted_after_a_week_and_the_page_says_so(
    world: World, django_capture_on_commit_callbacks: Any
) -> None:
    job = checked(world, buildings(world))
    client = world.sign_in(Client(), "admin")
    with later(KEPT_FOR - MINUTE):
        assert expire_uploads() == 0
    assert default_storage.exists(job.file)
    with later(KEPT_FOR + MINUTE), django_capture_on_commit_callbacks(execute=True):
        expire_register_uploads.apply(headers={"district_id": world.district.pk}).get()
        assert expire_uploads() == 0
    name = job.file
    job.refresh_from_db()
    assert (job.state, job.file) == ("expired", "")
    assert not default_storage.exists(name)
    page = client.get(f"/manage/import/{job.pk}/").content.decode()
    assert "已过期" in page
    assert f"/manage/import/{job.pk}/start/" not in page
    assert "已过期" in client.get("/manage/import/").content.decode()
    with pytest.raises(DomainError) as refusal:
        start_import(job, actor=world.admin)
    assert refusal.value.code == "wrong_state"
    assert AuditEvent.objects.filter(action="register.expire", object_id=job.pk).count() == 1


@pytest.mark.django_db
def test_the_file_of_a_failed_import_goes_too_and_what_it_wrote_can_be_taken_back(
    world: World, django_capture_on_commit_callbacks: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 1)
    job = start_import(checked(world, buildings(world)), actor=world.admin)
    whole, calls = running.counted, []

    def break_off(*args: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise OSError("the disk is away")
        return whole(*args)

    monkeypatch.setattr(running, "counted", break_off)
    job = run(job)
    assert (job.state, job.row_done) == ("failed", 1)
    name = job.file
    with later(KEPT_FOR + MINUTE), django_capture_on_commit_callbacks(execute=True):
        assert expire_uploads() == 1
    assert not default_storage.exists(name)
    with pytest.raises(DomainError) as refusal:
        resume_import(job, actor=world.admin)
    assert refusal.value.code == "file_gone"
    assert undo_import(job, actor=world.admin).state == "undone"
    assert not Building.objects.filter(number="900").exists()


@pytest.mark.django_db
def test_looking_for_old_files_takes_one_statement_where_there_are_none(world: World) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert expire_uploads() == 0
        assert continue_stalled() == 0
    assert len(captured) == 2
