"""Who knows of a mediation (read_first, risk 6): nobody outside, by no way; and what becomes of people's data."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from governance.accounts.models import Delivery, Notice
from governance.kernel import outbox
from governance.kernel.models import AuditEvent
from governance.kernel.search import search_ids
from governance.privacy.actions.retention import lift_hold, place_hold
from governance.privacy.holders import HOLDERS
from grids.models import Post, PostAssignment
from requests_intake import mediation
from requests_intake.actions.handle import sign_order
from requests_intake.actions.mediation import name_member
from requests_intake.actions.mediation_end import record_visit
from requests_intake.mediation_privacy import free_cases
from requests_intake.models import (
    MediationAgreement,
    MediationParty,
    MediationSession,
    MediationVisit,
    Note,
    TicketTransition,
)
from tests.cases import report
from tests.mediators import a_case, a_mediator, again, settled
from tests.test_noninterference import CAST
from tests.world import World

pytestmark = pytest.mark.django_db

WORDS = ("石姓", "石大民", "贾小红", "13711112222", "赔五千")
TABLES = ("case", "party", "session", "agreement", "visit")


@pytest.fixture
def cast(world: World) -> World:
    a_mediator(world)
    a_mediator(world, "second")
    a_mediator(world, "of_street", world.street_office)
    return world


def test_a_case_is_there_for_its_mediators_and_whom_they_name(cast: World) -> None:
    case = a_case(cast)
    everybody = [*CAST, "mediator", "second", "of_street"]

    def seeing() -> set[str]:
        return {name for name in everybody if mediation.visible(cast.actor(name)).filter(pk=case.pk).exists()}

    assert seeing() == {"mediator"}
    name_member(case, cast.members["staff"].pk, role="named", actor=cast.mediator)
    assert seeing() == {"mediator", "staff"}


def test_nothing_of_a_case_is_in_search_notices_messages_audit_or_a_plain_column(cast: World) -> None:
    ticket = sign_order(report(cast), actor=cast.worker)
    case = settled(cast, ticket=ticket, actor="worker")
    party = MediationParty.objects.filter(case=case)[0]
    record_visit(case, party=party.pk, channel="phone", was_reached=True, words="石姓说行", actor=cast.mediator)
    outbox.deliver(TicketTransition)
    assert search_ids("ticket", "漏水") == search_ids("mediation", "漏水") == []
    texts = [f"{row.text} {row.brief}" for row in Notice.objects.all()]
    texts += [str(row.detail) for row in AuditEvent.objects.all()]
    texts += [row.text for row in Note.objects.all()] + [str(row.payload) for row in TicketTransition.objects.all()]
    texts += [str(row.__dict__) for row in Delivery.objects.all()]
    assert not any(word in text for text in texts for word in WORDS)
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT t::text FROM requests_intake_mediation{table} t")
            assert not any(word in row[0] for row in cursor.fetchall() for word in WORDS), table


@pytest.mark.parametrize(
    "person",
    ["worker", "secretary", "staff", "dispatcher", "street_leader", "center", "supervisor", "official", "visitor",
     "admin", "security", "auditor", "of_street", "second"],
)  # fmt: skip
def test_outside_every_address_of_a_case_answers_like_none(cast: World, client: Client, person: str) -> None:
    case = settled(cast)
    names: list[tuple[str, list[str]]] = [("desk:mediation_case", []), ("desk:mediation_agreement", [])]
    names += [("desk:mediation_act", [name]) for name in ("session", "settle", "end", "extend", "follow-up", "name")]
    names += [("desk:mediation_take", []), ("api:mediation-case", [])]
    page = cast.sign_in(client, person)
    for name, more in names:
        for method in ("get", "post"):
            got = getattr(page, method)(reverse(name, args=[case.number, *more]))
            none = getattr(page, method)(reverse(name, args=["200101-00014", *more]))
            assert got.status_code == none.status_code, (name, method)
            assert got.status_code in (401, 404, 405), (name, method)
            assert not any(word in got.content.decode() for word in WORDS)
    assert case.number not in page.get(reverse("desk:mediation")).content.decode()


@pytest.mark.parametrize("person", ["secretary", "dispatcher", "center", "supervisor", "official"])
def test_who_sees_the_ticket_learns_the_number_and_that_it_is_mediated_and_no_word(
    cast: World, client: Client, person: str
) -> None:
    ticket = sign_order(report(cast, content="楼上楼下不和"), actor=cast.worker)
    case = a_case(cast, ticket=ticket, actor="worker")
    text = cast.sign_in(client, person).get(reverse("desk:ticket", args=[ticket.number])).content.decode()
    assert "调解中" in text
    assert case.number in text
    assert reverse("desk:mediation_case", args=[case.number]) not in text
    assert not any(word in text for word in WORDS)


def test_a_mediator_reads_no_ticket_by_being_one(cast: World, client: Client) -> None:
    ticket = sign_order(report(cast), actor=cast.worker)
    case = a_case(cast, ticket=ticket, actor="worker")
    page = cast.sign_in(client, "mediator")
    assert page.get(reverse("desk:ticket", args=[ticket.number])).status_code == 404
    assert "来自诉求" not in page.get(reverse("desk:mediation_case", args=[case.number])).content.decode()


def test_each_opening_is_written_down_and_shown_to_those_inside(cast: World, client: Client) -> None:
    case = settled(cast)
    page = cast.sign_in(client, "mediator")
    assert "石大民" in page.get(reverse("desk:mediation_case", args=[case.number])).content.decode()
    assert "调解协议书" in page.get(reverse("desk:mediation_agreement", args=[case.number])).content.decode()
    page.get(reverse("desk:mediation_act", args=[case.number, "visit"]))
    rows = AuditEvent.objects.filter(action="open_file", object_kind="mediation", object_id=case.pk).order_by("pk")
    assert [row.detail["page"] for row in rows] == [
        "desk:mediation_case", "desk:mediation_agreement", "desk:mediation_act",
    ]  # fmt: skip
    assert "案卷页" in page.get(reverse("desk:mediation_case", args=[case.number])).content.decode()


def test_a_secretary_who_is_a_mediator_too_sees_only_the_cases_of_the_mediator(cast: World) -> None:
    case = a_case(cast)
    post = Post.objects.create(organization=cast.committee, kind="mediator", name="兼调解")
    PostAssignment.objects.create(post=post, membership=cast.members["secretary"], since="2020-01-01")
    assert not mediation.visible(cast.actor("secretary")).filter(pk=case.pk).exists()


# ---------------------------------------------------------------- people's data
def test_a_term_frees_an_ended_case_of_people_and_words_and_keeps_the_figures(cast: World) -> None:
    case, running = settled(cast), a_case(cast)
    record_visit(
        case, party=case.parties.all()[0].pk, channel="door", was_reached=True, words="行", actor=cast.mediator
    )  # fmt: skip
    objects, removed = free_cases([case.pk, running.pk])
    assert (objects, removed["mediation"]) == (1, 1)
    assert {(row.name, row.phone, row.phone_hash) for row in MediationParty.objects.filter(case=case)} == {("", "", "")}
    assert MediationSession.objects.get(case=case).minutes == MediationAgreement.objects.get(case=case).text == ""
    assert MediationVisit.objects.get(case=case).words == ""
    assert (again(case).facts, again(case).state) == ("", "settled")
    assert not Notice.objects.filter(source__startswith=f"mediation:{case.pk}:").exists()
    assert again(running).facts
    assert free_cases([case.pk]) == (0, Counter())


def test_a_party_gets_a_copy_and_an_erasure_of_what_has_ended_and_is_not_held(cast: World) -> None:
    case = settled(cast)
    holder = next(row for row in HOLDERS if row.export.__module__ == "requests_intake.mediation_privacy")
    copy = str(holder.export("13711112222"))
    assert "石大民" in copy
    assert "贾小红" not in copy
    assert holder.correct("13711112222", "石大明", "") == 1
    hold = place_hold("mediation", case.pk, label=case.number, reason="诉讼", actor=cast.security)
    held: Any = holder.preview("13711112222")
    assert (held.objects, held.kept["held"]) == (0, 1)
    assert holder.erase("13711112222").objects == 0
    assert again(case).facts
    lift_hold(hold, reason="诉讼结束", actor=cast.security)
    assert holder.erase("13711112222").objects == 1
    assert holder.export("13711112222") == []
