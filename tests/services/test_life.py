"""The announcements of the demo's weeks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction

from analytics.life import live
from analytics.life.announcement_words import SAYINGS
from governance.kernel.tenancy.context import scope_at
from services.models import Announcement, AnnouncementTransition, Delivery
from services.wording import guess_kind
from tests.world import World

END = datetime(2026, 9, 18, 9, 0, tzinfo=UTC)  # a Friday at five in the afternoon


@pytest.mark.django_db
def test_lived_weeks_leave_announcements_of_every_state_and_missing_receipts(world: World) -> None:
    live(world.district, tickets=2, days=30, seed=7, until=END)
    with scope_at(world.district, END), transaction.atomic():
        rows = Announcement.objects.exclude(state="draft")
        assert rows.count() >= 15
        assert all(row.published_at <= END for row in rows)
        assert {row.organization.level for row in rows.select_related("organization")} >= {"community", "street"}
        assert any(row.is_over for row in rows)
        assert any(not row.is_over for row in rows)
        assert any(not row.is_public for row in rows)
        moves = set(AnnouncementTransition.objects.values_list("move", flat=True))
        assert {"publish", "correct"} <= moves
        assert not AnnouncementTransition.objects.filter(delivered_at=None).exists()
        asked = Delivery.objects.filter(announcement__wants_receipt=True)
        assert asked.filter(read_at=None).exists()
        assert asked.exclude(read_at=None).exists()
        assert all("{" not in row.title + row.text for row in rows)


def test_the_sayings_are_of_several_kinds_and_fit_their_columns() -> None:
    assert {guess_kind(saying.title) for saying in SAYINGS} >= {"outage", "safety", "activity", "policy", "other"}
    assert all(len(saying.title) <= 40 for saying in SAYINGS)
