"""What Celery runs for patrols."""

from __future__ import annotations

from celery import shared_task

from governance.kernel.tenancy.celery import DistrictTask
from grids.patrols.actions import patrols


@shared_task(name="patrols.close_unfinished", base=DistrictTask)
def close_unfinished() -> int:
    """Nobody is still on the way from yesterday."""
    return patrols.close_unfinished()
