"""Scheduled work of the statistics: folding deltas."""

from __future__ import annotations

from celery import shared_task

from analytics.rollup import fold
from governance.kernel.tasks import districts_with, send_to
from governance.kernel.tenancy.celery import DistrictTask

UNFOLDED = """
SELECT d.id FROM kernel_district d WHERE d.is_active AND EXISTS (
    SELECT FROM analytics_factdelta f WHERE f.district_id = d.id)
"""


class FoldTask(DistrictTask):
    """Commits batch by batch."""

    abstract = True
    opens_transaction = False


@shared_task(name="analytics.fold_facts", base=FoldTask)
def fold_facts() -> int:
    """Fold one district's deltas. Nothing waits for it: a read adds what is not folded yet."""
    return fold()


@shared_task(name="analytics.due_folds")
def due_folds() -> int:
    """Ask, as ``gov_sweep``, which districts have deltas, and send one fold to each."""
    return send_to(fold_facts, districts_with(UNFOLDED))
