"""Scheduled work: every night each district keeps its terms."""

from __future__ import annotations

from datetime import timedelta

from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from celery import shared_task
from django.conf import settings
from django.db import transaction

from governance.kernel.clock import platform_now
from governance.kernel.tenancy.celery import DistrictTask
from governance.kernel.tenancy.context import no_district
from governance.privacy.actions.retention import keep_term, terms


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


@shared_task(name="privacy.forget_sign_ins")
def forget_sign_ins() -> int:
    """Delete what django-axes keeps of sign-ins (handles, addresses) past its time. Returns how many rows."""
    before = platform_now() - timedelta(days=settings.SIGN_IN_LOG_DAYS)
    with no_district():
        return sum(
            model.objects.filter(attempt_time__lt=before).delete()[0]
            for model in (AccessAttempt, AccessFailureLog, AccessLog)
        )
