"""A restricted ticket against every mechanism and every surface: outside its circle there is no word of it anywhere.

One world holds, for every mechanism, an ordinary ticket and a twin that has become restricted after the same steps.
Everybody outside is sent through every address; of the ordinary ones something must be found, so that the search is
known to reach them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.accounts.models import Delivery, Notice
from governance.kernel import clock, outbox
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.search import search_ids
from governance.kernel.tenancy.context import no_district
from requests_intake.actions.accept import accept_ticket
from requests_intake.actions.campaigns import CampaignSaid, label_tickets, report_batch, save_campaign
from requests_intake.actions.desk import classify_ticket
from requests_intake.actions.merge import merge_ticket
from requests_intake.actions.proactive import make_due_tasks
from requests_intake.actions.restricted import add_case_member, hide_words
from requests_intake.actions.split import Part, split_ticket
from requests_intake.models import Ticket, TicketTransition
from requests_intake.policies import TicketPolicy
from requests_intake.queries import TicketFilter, tickets_of
from requests_intake.reference import rules
from requests_intake.restricted_register import register
from tests.about import ABOUT
from tests.cases import WATER_STATES, report, ticket_in
from tests.requests_intake.test_restricted import officer, tip
from tests.test_noninterference import CAST
from tests.test_permission_matrix import ask, path_of, rows
from tests.whistles import blown
from tests.world import World

pytestmark = pytest.mark.django_db

STATES = ("dispatched", "resolved", "visiting", "closed", "archived", "review")
WORKED = ("asked_return", "asked_extension", "asked_pause", "suspended", "supervised", "drafted", "helped", "sent")
BESIDE = ("campaign", "whistle", "repeat", "split", "unknown_place")
MECHANISMS = (*STATES, *WORKED, *BESIDE)
SURFACES = ("desk:", "worker:", "board:", "api:", "talk:", "services_desk:", "manage:")
NOT_ASKED = ("api:schema", "api:docs", "api:unknown", "manage:import_template")
ABOUT_IT = ("desk:ticket", "desk:clocks", "worker:ticket", "api:ticket")
"""``test_noninterference`` asks every other address about it."""
NUMBER_ALONE = {"desk:restricted"}
"""Where those who keep the register find its number and its state."""


def words(kind: str, place: int) -> dict[str, Any]:
    """What is said of the ticket of a mechanism; no two are alike."""
    return {
        "content": f"{kind}桩{place:02d}号。井盖翻了，请来人。", "address": f"{kind}巷{place:02d}弄",
        "name": f"{kind}氏", "phone": f"1371111{place:02d}{'11' if kind == '明' else '22'}",
    }  # fmt: skip


def made(world: World, mechanism: str, said: dict[str, Any]) -> Ticket:
    """An ordinary ticket that has been through a mechanism."""
    if mechanism in STATES:
        return ticket_in(world, mechanism, **said)
    if mechanism in WATER_STATES:
        return ticket_in(world, mechanism, **said)
    if mechanism == "unknown_place":
        return report(world, **said, building_id=None)
    ticket = report(world, **said)
    if mechanism == "campaign":
        campaign = save_campaign(None, CampaignSaid(f"专项{ticket.pk}", clock.today()), actor=world.dispatcher)
        label_tickets(campaign, [ticket.pk], actor=world.dispatcher)
        report_batch(campaign, [ticket.pk], organization_id=world.urban.pk, actor=world.dispatcher)
    elif mechanism == "whistle":
        blown(world, tickets=[ticket.number])
    elif mechanism == "repeat":
        report(world, **said)
    elif mechanism == "split":
        split_ticket(ticket, parts=[Part(content=said["content"])], actor=world.staff)
    return ticket


def restrict(ticket: Ticket) -> Ticket:
    """It and what belongs to it become restricted now, in whatever state they are."""
    found = Ticket.objects.filter(content=ticket.content)
    found.update(is_restricted=True)
    hide_words(list(found))
    return Ticket.objects.get(pk=ticket.pk)


def entangled(world: World) -> tuple[dict[str, Ticket], dict[str, Ticket]]:
    """Mechanism → the ordinary ticket, and → the restricted one."""
    officer(world)
    plain = {name: made(world, name, words("明", place)) for place, name in enumerate(MECHANISMS)}
    hidden = {name: made(world, name, words("暗", place)) for place, name in enumerate(MECHANISMS)}
    make_due_tasks()
    outbox.deliver(TicketTransition)
    hidden = {name: restrict(ticket) for name, ticket in hidden.items()}
    # What happens afterwards is told as well, to whom it may be told.
    outbox.deliver(TicketTransition)
    return plain, hidden


def outside(world: World, name: str, hidden: dict[str, Ticket]) -> list[str]:
    seen = set(TicketPolicy.visible(world.actor(name)).values_list("pk", flat=True))
    return [mechanism for mechanism, ticket in hidden.items() if ticket.pk not in seen]


def addresses(values: dict[str, Any], hidden: dict[str, Ticket]) -> list[tuple[str, str]]:
    """Every address that shows something, some of them searched, and those about each restricted ticket."""
    found = []
    for name, method, _statuses in rows():
        if method != "GET" or not name.startswith(SURFACES) or name in NOT_ASKED or name in ABOUT:
            continue
        found.append((name, path_of(name, values)))
    found += [(name, f"{path_of(name, values)}?queue=all&q=井盖") for name in ("desk:inbox", "api:tickets")]
    found += [("desk:inbox", f"{path_of('desk:inbox', values)}?queue=all&q=暗巷"), ("board:rows", "/board/rows/?q=暗")]
    for ticket in hidden.values():
        found += [(name, path_of(name, {**values, "number": ticket.number})) for name in ABOUT_IT]
    return found


GROUPS = (
    ("staff", "dispatcher", "urban_handler"),
    ("center", "visitor", "worker"),
    ("supervisor", "official", "auditor"),
)


@pytest.mark.parametrize("group", GROUPS)
def test_nobody_outside_finds_a_word_on_any_surface(world: World, group: tuple[str, ...]) -> None:
    plain, hidden = entangled(world)
    notice = Notice.objects.create(
        membership=world.members["worker"], source="test", kind="x", text="x", created_at=clock.now()
    )
    values = {"number": plain["dispatched"].number, "photo": 0, "notice": notice.pk, "objects": {}}
    leaks, reached = [], set()
    away = {person: outside(world, person, hidden) for person in group}
    # Who handled some of them is inside of those.
    assert all(len(names) >= 5 for names in away.values())
    with no_district():
        for person in group:
            client = world.sign_in(Client(raise_request_exception=False), person)
            for name, path in addresses(values, hidden):
                status, to, body = ask(client, "GET", f"/d/{world.district.code}{path}", {}, name.startswith("api:"))
                text = body.decode("utf-8", "replace") + to
                assert status < 500, (person, name)
                for place, mechanism in enumerate(MECHANISMS):
                    said = words("明", place)
                    if said["content"][:5] in text:
                        reached.add(mechanism)
                    if mechanism not in away[person]:
                        continue
                    said = words("暗", place)
                    telling = [said["content"][:5], said["phone"], *([] if "q=" in path else [said["address"]])]
                    if name not in NUMBER_ALONE and hidden[mechanism].number not in path:
                        telling.append(hidden[mechanism].number)
                    leaks += [
                        f"{person} reads {word} ({mechanism}) on {name} {path}" for word in telling if word in text
                    ]
    assert not leaks, "\n".join(leaks)
    assert reached >= set(MECHANISMS) - {"unknown_place"}  # the district alone reads that one


def test_no_notice_message_or_search_entry_has_a_word(world: World) -> None:
    _plain, hidden = entangled(world)
    for place, (mechanism, ticket) in enumerate(hidden.items()):
        said = words("暗", place)["content"][:5]
        assert not Notice.objects.filter(text__contains=said).exists(), mechanism
        assert not Delivery.objects.filter(text__contains=said).exists(), mechanism
        assert ticket.pk not in search_ids("ticket", "井盖"), mechanism
    assert search_ids("ticket", "井盖")


# ---------------------------------------------------------------- what is not done with it
def test_parts_of_a_report_are_outside_for_whom_it_is_about(world: World) -> None:
    officer(world)
    ticket = tip(world, about_id=world.committee.pk)
    ordinary = next(ref.code for ref in rules().categories.values() if ref.parent_id and not ref.pure.is_restricted)
    said = Part(content="食堂后门堆了杂物", category_code=ordinary, building_id=world.building.pk)
    (part,) = split_ticket(accepted(world, ticket), parts=[said], actor=world.actor("officer"))
    assert (part.is_restricted, part.about_id) == (True, world.committee.pk)
    with pytest.raises(Invalid) as refused:
        add_case_member(
            part, membership_id=world.members["secretary"].pk, role="adviser", reason="想听听",
            actor=world.actor("officer"),
        )  # fmt: skip
    assert "被反映的单位" in refused.value.fields["member"][0]


def accepted(world: World, ticket: Ticket) -> Ticket:
    return accept_ticket(ticket, actor=world.actor("officer"))


def test_reports_about_different_organizations_are_not_merged(world: World) -> None:
    keeper = officer(world)
    one, other = (accepted(world, tip(world, about_id=row.pk)) for row in (world.committee, world.street_office))
    with pytest.raises(DomainError) as refused:
        merge_ticket(other, into=one, actor=keeper)
    assert "反映的单位不一样" in refused.value.message


def test_a_master_becomes_restricted_only_without_its_followers(world: World) -> None:
    master, follower = report(world), report(world, phone="13900005678")
    merge_ticket(follower, into=master, actor=world.staff)
    code = next(ref.code for ref in rules().categories.values() if ref.parent_id and ref.pure.is_restricted)
    with pytest.raises(DomainError) as refused:
        classify_ticket(Ticket.objects.get(pk=master.pk), category_code=code, actor=world.staff)
    assert (refused.value.code, "1 件" in refused.value.message) == ("has_followers", True)
    assert not Ticket.objects.get(pk=master.pk).is_restricted


# ---------------------------------------------------------------- the same asked of every way to a list
LISTS: dict[str, Callable[[Any, Ticket], bool]] = {
    "visible": lambda actor, ticket: TicketPolicy.visible(actor).filter(pk=ticket.pk).exists(),
    "search by number": lambda actor, ticket: (
        ticket in tickets_of(actor, TicketFilter(queue="all", text=ticket.number))
    ),
    "list of all": lambda actor, ticket: ticket in tickets_of(actor, TicketFilter(queue="all")),
    "knows": lambda actor, ticket: TicketPolicy.knows(actor, ticket),
    "moves": lambda actor, ticket: bool(TicketPolicy.moves(actor, ticket, None)),
    "register with words": lambda actor, ticket: any("title" in row.__dict__ for row in register(actor)),
}


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whoever_is_outside_has_it_on_no_list_and_whoever_is_named_has_it(world: World, data: st.DataObject) -> None:
    """Over who asks, whom the report is about, who was named and which way is tried."""
    keeper = world.actor("officer") if "officer" in world.members else officer(world)
    about = data.draw(st.sampled_from([None, world.committee.pk, world.street_office.pk, world.urban.pk]), "about")
    person = data.draw(st.sampled_from(CAST), "person")
    is_named = data.draw(st.booleans(), "named")
    way = data.draw(st.sampled_from(sorted(LISTS)), "way")
    ticket = tip(world, about_id=about)
    belongs = about in {role.organization_id for role in world.actor(person).roles}
    inside = False
    if is_named:
        try:
            add_case_member(
                ticket, membership_id=world.members[person].pk, role="adviser", reason="请他看看", actor=keeper
            )
            inside = True
        except Invalid:
            assert belongs
    found = LISTS[way](world.actor(person), ticket)
    if way == "register with words" or not inside:
        assert not found
    elif way != "moves":
        assert found
