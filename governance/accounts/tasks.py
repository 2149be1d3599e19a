"""Sending sign-in codes behind the answer and messages that are due, and forgetting both."""

from __future__ import annotations

import json
import logging
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.db import transaction

from governance.accounts.actions.forget_codes import forget_old_codes
from governance.accounts.actions.notifications import forget_old_deliveries
from governance.accounts.models import SmsCode
from governance.accounts.notifications.sending import send_due
from governance.accounts.sms import GatewayError, gateway
from governance.kernel import clock
from governance.kernel.crypto import decrypt, encrypt
from governance.kernel.queue import enqueue
from governance.kernel.tasks import districts_with, send_to
from governance.kernel.tenancy.celery import DistrictTask

logger = logging.getLogger(__name__)

DUE = """
SELECT d.id FROM kernel_district d WHERE d.is_active AND EXISTS (
    SELECT FROM accounts_delivery n
    WHERE n.district_id = d.id AND n.state IN ('queued', 'failed') AND n.next_try_at <= %s)
"""

MINUTES = 5
RETRIES = 3


def hand_over(code_id: int, *, phone: str, code: str, voice: bool) -> None:
    """Give the message to the workers; where the broker is away, send it from here: a code cannot wait.

    Number and code travel encrypted: the broker's memory and its logs are no place for them.
    """
    sealed = encrypt(json.dumps([phone, code]))
    if enqueue(send_code, code_id, sealed, voice, expires=MINUTES * 60):
        return
    try:
        deliver(code_id, sealed, voice)
    except GatewayError as error:
        logger.warning("sign-in code %s was not sent: %s", code_id, error)


def deliver(code_id: int, sealed: str, voice: bool) -> bool:
    """Send the code unless it has been used or has expired meanwhile. Raises ``GatewayError``."""
    way = gateway()
    with transaction.atomic():
        since = clock.now() - timedelta(minutes=MINUTES)
        waits = SmsCode.objects.filter(pk=code_id, used_at=None, sent_at__gt=since).exists()
    if way is None or not waits:
        return False
    phone, code = json.loads(decrypt(sealed))
    way.send_code(phone, code, minutes=MINUTES, voice=voice)
    return True


class _OutsideTransaction(DistrictTask):
    """A gateway may take seconds, in which no transaction must stay open."""

    abstract = True
    opens_transaction = False


@shared_task(name="accounts.send_code", base=_OutsideTransaction, bind=True, max_retries=RETRIES)
def send_code(self: Any, code_id: int, sealed: str, voice: bool) -> bool:
    """Bring one code to its phone; tried again after 2, 4 and 8 seconds where the reason may pass."""
    try:
        return deliver(code_id, sealed, voice)
    except GatewayError as error:
        if error.may_retry and self.request.retries < RETRIES:
            raise self.retry(countdown=2 ** (self.request.retries + 1)) from None
        logger.warning("sign-in code %s was not sent: %s", code_id, error)
        return False


@shared_task(name="accounts.forget_codes", base=DistrictTask)
def forget_codes() -> int:
    """Every night: codes and sessions that have had their time."""
    return forget_old_codes()


@shared_task(name="accounts.send_notifications", base=_OutsideTransaction)
def send_notifications() -> int:
    """Send one district's messages that are due. Returns how many were taken."""
    return send_due()


@shared_task(name="accounts.due_notifications")
def due_notifications() -> int:
    """Ask, as ``gov_sweep``, which districts have messages due: whatever the broker lost is found here."""
    return send_to(send_notifications, districts_with(DUE, [clock.platform_now()]))


@shared_task(name="accounts.forget_deliveries", base=DistrictTask)
def forget_deliveries() -> int:
    """Every night: messages that ended long ago."""
    return forget_old_deliveries()
