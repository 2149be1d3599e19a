"""What Celery runs for the register."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from governance.accounts.models import Membership
from governance.kernel.clock import platform_now
from governance.kernel.tasks import districts_with, send_to
from governance.kernel.tenancy.celery import DistrictTask
from grids.actions.register_imports import STALLED_AFTER, continue_stalled, expire_uploads
from grids.importing.running import run
from grids.models import RegisterImport
from grids.queries import actor_for

STALLED = """
SELECT d.id FROM kernel_district d WHERE d.is_active AND EXISTS (
    SELECT FROM grids_registerimport i
    WHERE i.district_id = d.id AND i.state IN ('uploaded', 'running') AND i.progress_at < %s)
"""


class BatchTask(DistrictTask):
    """Commits in batches of its own."""

    abstract = True
    opens_transaction = False


@shared_task(name="grids.run_register_import", base=BatchTask)
def run_register_import(job_id: int) -> None:
    """Check or apply an import, as whoever uploaded it and with the rights they have now."""
    with transaction.atomic():
        job = RegisterImport.objects.get(pk=job_id)
        actor = actor_for(Membership.objects.get(pk=job.uploaded_by_id))
    run(job_id, actor=actor)


@shared_task(name="grids.continue_register_imports", base=DistrictTask)
def continue_register_imports() -> int:
    """Send one district's imports again that nobody works at."""
    return continue_stalled()


@shared_task(name="grids.due_imports")
def due_imports() -> int:
    """Ask, as ``gov_sweep``, which districts have an import that stands still."""
    return send_to(continue_register_imports, districts_with(STALLED, [platform_now() - STALLED_AFTER]))


@shared_task(name="grids.expire_register_uploads", base=DistrictTask)
def expire_register_uploads() -> int:
    """Delete uploaded files that were never brought in."""
    return expire_uploads()
