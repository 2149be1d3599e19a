"""我的这个月 (S3-23): three numbers, each the count of records that are there anyway, and nobody else's."""

from __future__ import annotations

import pytest
from django.test import Client

from grids.visits.actions.outcomes import USUAL_OUTCOMES, set_outcomes
from requests_intake.actions.escalate import escalate_ticket
from requests_intake.actions.mediation import mediate_visit
from requests_intake.models import MediationCase, TicketTransition
from tests.cases import ticket_in
from tests.mediators import new_case
from tests.visits.helpers import homes, visit
from tests.world import World

pytestmark = pytest.mark.django_db


def numbers(world: World, who: str) -> dict[str, int]:
    client = world.sign_in(Client(), who)
    page = client.get("/m/patrols/month/")
    for part in page.context["parts"]:
        for line in part["lines"]:
            assert client.get(line["url"]).context["page"].paginator.count == line["number"]
    return {str(part["label"]): part["number"] for part in page.context["parts"]}


def test_visits_mediations_and_coordinations_are_counted_from_what_was_done(world: World) -> None:
    """S3-23: 40 visits, 3 mediations, 12 co-ordinations: the three numbers equal the records."""
    quarrel = next(row for row in set_outcomes(USUAL_OUTCOMES, actor=world.admin) if row.offers_mediation)
    rows = homes(world, 40)
    made = [visit(row, world.worker, outcome=quarrel if place < 3 else None) for place, row in enumerate(rows)]
    for each in made[:3]:
        mediate_visit(each, new_case(world), actor=world.worker)
    for _each in range(12):
        escalate_ticket(ticket_in(world, "dispatched"), note="网格办不了", actor=world.worker)
    assert MediationCase.objects.count() == 3
    assert TicketTransition.objects.filter(actor_id=world.worker.membership_id, move="escalate").count() == 12
    assert numbers(world, "worker") == {"信息收集": 40, "矛盾调解": 3, "工作协调": 12}
    assert numbers(world, "other_worker") == {"信息收集": 0, "矛盾调解": 0, "工作协调": 0}
