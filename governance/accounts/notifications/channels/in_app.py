"""The inbox on the platform: the notice is the message, so that writing it delivers it."""

from __future__ import annotations

from collections.abc import Sequence

from governance.accounts.models import Notice

BATCH = 1_000


def write(notices: Sequence[Notice]) -> None:
    """Once per member and source, however often it is told."""
    Notice.objects.bulk_create(notices, ignore_conflicts=True, batch_size=BATCH)
