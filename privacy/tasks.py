"""Scheduled work: every night each district keeps its terms."""

from __future__ import annotations

from celery import shared_task
from django.db import transaction

from governance.kernel.tenancy.celery import DistrictTask
from privacy.actions.retention import keep_term, terms


class KeepTask(DistrictTask):
    """Commits batch by batch: what a night did not reach, the next one does."""

    abstract = True
    opens_transaction = False


@shared_task(name="privacy.keep_terms", base=KeepTask)
def keep_terms() -> int:
    """Free one district's data of persons where its term is over. Returns how many objects."""
    with transaction.atomic():
        found = terms()
    return sum(keep_term(term) for term in found.values())
