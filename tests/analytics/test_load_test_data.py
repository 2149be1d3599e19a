"""Rows loaded in bulk satisfy what lived ones satisfy, and normal queries find every one of them."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from analytics.bulk import load_tickets, share_out
from governance.accounts.models import Membership
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.models import District
from governance.kernel.search import search_ids
from governance.kernel.tenancy.context import district_transaction
from grids.generation.staffing import handle_of
from grids.queries import actor_for
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Clock, Requester, Supervision, Ticket, WorkOrder
from requests_intake.policies import TicketPolicy, find_visible
from requests_intake.queries import TicketFilter, tickets_of
from requests_intake.subscribers import SEARCH_KIND
from tests.analytics.invariants import contradictions


@pytest.mark.django_db
def test_bulk_rows_hold_together_and_are_reachable() -> None:
    said = StringIO()
    call_command("load_test_data", tickets=400, districts=2, searchable=True, stdout=said)
    assert "400 tickets" in said.getvalue()
    sizes = []
    for district in District.objects.filter(code__in=["t01", "t02"]).order_by("id"):
        with district_transaction(district):
            assert contradictions(clock.now()) == []
            sizes.append(Ticket.objects.count())
            dispatcher = actor_for(Membership.objects.get(user__handle=handle_of(district, "dispatch")))
            assert TicketPolicy.visible(dispatcher).count() == sizes[-1]
            ticket = Ticket.objects.order_by("-submitted_at")[0]
            assert find_visible(dispatcher, ticket.number) == ticket
            assert ticket.pk in search_ids(SEARCH_KIND, ticket.number)
            open_ones = set(Ticket.objects.filter(closed_at=None).values_list("pk", flat=True))
            listed = tickets_of(dispatcher, TicketFilter(queue="open"))
            assert {row.pk for row in listed} == open_ones
            assert set(Clock.objects.values_list("ticket_id", flat=True)) == open_ones
            assert not Ticket.objects.exclude(pk__in=WorkOrder.objects.values("ticket_id")).exists()
            assert Requester.objects.first().phone == "13900000000"  # type: ignore[union-attr]
            # Numbers given from now on go on after the loaded ones.
            submit_ticket(Report(content="楼道灯不亮"), actor=Actor.public())
    assert sum(sizes) == 400
    assert sizes[0] > sizes[1]
    call_command("rebuild_facts", check=True, district="t01", stdout=said)


@pytest.mark.django_db
def test_what_is_late_for_days_is_supervised_and_drafted_in_bulk_too() -> None:
    call_command("load_test_data", tickets=20, districts=1, stdout=StringIO())
    with district_transaction(District.objects.get(code="t01")):
        load_tickets(District.objects.get(code="t01"), 150, lately=1.0)
    with district_transaction(District.objects.get(code="t01")):
        assert contradictions(clock.now()) == []
        states = set(Supervision.objects.values_list("kind", "state"))
        assert ("order", "overdue") in states


def test_sizes_are_skewed_and_add_up() -> None:
    sizes = share_out(1_000_000, 20)
    assert sum(sizes) == 1_000_000
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > 5 * sizes[-1]


@pytest.mark.django_db
@override_settings(CLOCK_SHIFT_ALLOWED=False)
def test_no_invented_tickets_where_real_people_work() -> None:
    with pytest.raises(CommandError, match="no demo"):
        call_command("load_test_data", tickets=10, districts=1)
    assert not District.objects.filter(code="t01").exists()
