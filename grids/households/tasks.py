"""What Celery runs for the register."""

from __future__ import annotations

from celery import shared_task

from governance.kernel.tenancy.celery import DistrictTask
from grids.households.actions import figures


@shared_task(name="households.close_month", base=DistrictTask)
def close_month() -> int:
    """Keep what the register held at the end of the last month, in the first night that can."""
    return figures.close_month()
