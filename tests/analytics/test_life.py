"""The demo's days are lived through the real actions and leave a consistent district behind."""

from __future__ import annotations

import pytest
from django.db import transaction

from analytics.life import live_some_days
from governance.kernel.tenancy.context import district_transaction
from requests_intake import workflow
from requests_intake.models import Clock, Ticket, WorkOrder
from tests.world import World


@pytest.mark.django_db
def test_some_days_of_life_leave_no_contradiction(world: World) -> None:
    assert live_some_days(world.district, tickets=20, days=3) == 20
    with district_transaction(world.district):
        assert Ticket.objects.count() <= 20
        states = set(Ticket.objects.values_list("state", flat=True))
        assert len(states) >= 3
        finished = Ticket.objects.filter(state__in=workflow.FINISHED)
        assert not Clock.objects.filter(ticket__in=finished, stopped_at=None).exists()
        for ticket in Ticket.objects.filter(state="handling"):
            assert WorkOrder.objects.filter(ticket=ticket, role="lead", ended_at=None).count() == 1
        assert not Clock.objects.filter(set_aside_at__isnull=False).exists()


@pytest.mark.django_db
def test_a_district_with_tickets_is_left_alone(world: World) -> None:
    live_some_days(world.district, tickets=5, days=2)
    with transaction.atomic():
        before = Ticket.objects.count()
    assert live_some_days(world.district, tickets=50, days=2) == before
