"""What Celery runs for canvasses."""

from __future__ import annotations

from celery import shared_task

from governance.kernel.actors import Actor
from governance.kernel.tenancy.celery import DistrictTask
from grids.canvasses.actions.erase import erase_due


@shared_task(name="canvasses.erase_due", base=DistrictTask)
def erase_due_answers() -> int:
    """On the day after the last one answers may stay, they are erased; totals stay (S4-09)."""
    return erase_due(actor=Actor.system("canvasses"))
