"""What Celery runs for visits."""

from __future__ import annotations

from celery import shared_task

from governance.kernel.tenancy.celery import DistrictTask
from grids.visits.actions import must


@shared_task(name="visits.open_must_visits", base=DistrictTask)
def open_must_visits() -> int:
    """What tags call for, where nothing told of it: a tag that begins or ends by its date, one that was retired."""
    return must.open_tag_tasks()
