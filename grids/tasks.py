"""What Celery runs for the register."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from governance.accounts.models import Membership
from governance.kernel.tenancy.celery import DistrictTask
from grids.importing.running import run
from grids.models import RegisterImport
from grids.queries import actor_for


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
