"""Every way a matter comes in (S3-13, S3-13b, S3-14): its number and limit elsewhere, who records it, what is shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from governance.accounts.models import Membership, Staff, User
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar import SHANGHAI
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.reference import bump_reference
from grids.models import Post, PostAssignment
from grids.queries import actor_for
from grids.reference import territory
from requests_intake.actions.handle import contact_requester, sign_order
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.settings_channels import ChannelLine, set_channels
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.channels import channels, entry_channels
from requests_intake.models import Channel, Clock, ClockEntry, Ticket, TicketTransition, WorkOrder
from requests_intake.models.ticket import OFFLINE_CHANNELS, ONLINE_CHANNELS
from requests_intake.policies import TicketPolicy
from requests_intake.queries import TicketFilter, tickets_of
from requests_intake.sla.ledger import Entry, replayed
from tests.cases import CONTENT
from tests.pages.residents import photo
from tests.world import SINCE, World

pytestmark = pytest.mark.django_db
FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def friday() -> Any:
    with time_machine.travel(FRIDAY, tick=False):
        yield


def recorded(world: World, actor: Actor | None = None, **changes: Any) -> Ticket:
    values = {"content": CONTENT, "building_id": world.building.pk, "channel": "netizen_message"}
    return submit_ticket(Report(**{**values, **changes}), actor=actor or world.staff).ticket


@pytest.fixture
def liaison(world: World) -> Actor:
    """The 网络联络员 of the first community."""
    user = User.objects.create(handle="t1-liaison", password="!")
    member = Membership.objects.create(user=user, kind=Membership.Kind.STAFF, joined_at=clock.now())
    Staff.objects.create(membership=member, name="孔联络")
    post = Post.objects.create(organization=world.committee, kind="network_liaison", name="网络联络员")
    PostAssignment.objects.create(post=post, membership=member, since=SINCE)
    bump_reference()
    world.users["liaison"], world.members["liaison"] = user, member
    return actor_for(member)


# ---------------------------------------------------------------- the channels of the inventory
def test_every_channel_of_the_inventory_is_there_and_is_online_or_offline() -> None:
    online = {
        "hotline", "chat", "party_group", "official_account", "station_phone", "mayor_line", "mayor_mailbox",
        "netizen_message", "digital_city",
    }  # fmt: skip
    offline = {
        "station_counter", "letter", "grid_worker", "building_head", "letter_box", "notice_board", "deliberation",
        "door", "morning_walk",
    }  # fmt: skip
    assert online <= ONLINE_CHANNELS
    assert offline <= OFFLINE_CHANNELS
    assert not ONLINE_CHANNELS & OFFLINE_CHANNELS
    assert set(Channel.values) - ONLINE_CHANNELS - OFFLINE_CHANNELS == {"api", "import", "letter_to_secretary"}


def test_what_a_district_does_not_take_is_neither_offered_nor_recorded(world: World) -> None:
    lines = [
        ChannelLine(ref.code, "", ref.code != "mayor_mailbox", place) for place, ref in enumerate(channels(), start=1)
    ]
    before = recorded(world, channel="mayor_mailbox")
    set_channels(lines, actor=world.admin)
    assert "mayor_mailbox" not in dict(entry_channels(world.staff))
    with pytest.raises(Invalid, match="没有开通“市长信箱”") as refused:
        recorded(world, channel="mayor_mailbox")
    assert "channel" in refused.value.fields
    assert Ticket.objects.get(pk=before.pk).channel == "mayor_mailbox"


def test_only_the_administrator_sets_the_channels_and_one_of_each_side_stays(world: World) -> None:
    with pytest.raises(NotAllowed):
        set_channels([], actor=world.staff)
    lines = [ChannelLine(ref.code, "", ref.is_online, n) for n, ref in enumerate(channels(), start=1)]
    with pytest.raises(Invalid) as refused:
        set_channels(lines, actor=world.admin)
    assert any("线下渠道至少留一个" in said for row in refused.value.fields.values() for said in row)


# ---------------------------------------------------------------- S3-13b: number and limit of the sender
def test_a_netizen_message_with_a_stricter_limit_is_promised_by_it(world: World) -> None:
    """S3-13b. G a netizen message with its own deadline; W entered; T channel, number and the stricter limit."""
    theirs = FRIDAY + timedelta(hours=5)
    ours = recorded(world).promise_due_at
    ticket = recorded(world, external_number="网-2026-0031", external_due_at=theirs)
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert ours is not None
    assert ours > theirs
    assert (ticket.channel, ticket.external_number) == ("netizen_message", "网-2026-0031")
    assert (ticket.promise_due_at, ticket.limit_from) == (theirs, "external")
    promise = Clock.objects.get(ticket=ticket, kind="promise")
    assert promise.due_at == theirs
    # The ledger says whose limit it is, and comes to the same moment when it is computed again.
    line = ClockEntry.objects.get(clock=promise)
    step = replayed([Entry(line.kind, line.at, line.due_at, line.facts)])[0]
    assert (line.facts["ceiling_of"], step.agrees, step.was_cut) == ("external", True, True)
    # What the grid has to keep can be no later than what was promised.
    assert WorkOrder.objects.get(ticket=ticket).due_at <= theirs


def test_a_later_limit_of_the_sender_leaves_ours(world: World) -> None:
    ours = recorded(world).promise_due_at
    ticket = recorded(world, external_due_at=FRIDAY + timedelta(days=90))
    assert (ticket.promise_due_at, ticket.limit_from) == (ours, "policy")


def test_a_limit_that_has_passed_before_acceptance_is_due_at_once_and_breaks_nothing(world: World) -> None:
    from requests_intake.actions.accept import accept_ticket
    from requests_intake.actions.desk import relocate_ticket

    ticket = recorded(world, building_id=None, external_due_at=FRIDAY + timedelta(hours=1))
    assert ticket.state == "submitted"
    with time_machine.travel(FRIDAY + timedelta(hours=3), tick=False):
        ticket = accept_ticket(ticket, actor=world.center)
        assert (ticket.promise_due_at, ticket.limit_from) == (FRIDAY + timedelta(hours=3), "external")
        relocate_ticket(ticket, actor=world.center, building_id=world.building.pk)


def test_the_same_number_of_the_same_channel_is_refused_and_leads_to_the_ticket(world: World) -> None:
    first = recorded(world, external_number="A-1")
    with pytest.raises(DomainError) as refused:
        recorded(world, external_number=" A-1 ")
    assert (refused.value.code, refused.value.status) == ("external_known", 422)
    assert refused.value.data["number"] == first.number
    assert first.number in refused.value.fields["external_number"][0]
    assert recorded(world, channel="mayor_mailbox", external_number="A-1").number != first.number
    assert Ticket.objects.filter(external_number="A-1").count() == 2


def test_who_may_not_see_the_ticket_is_not_told_its_number(world: World) -> None:
    first = recorded(world, external_number="A-1")
    with pytest.raises(DomainError) as refused:
        recorded(world, world.other_secretary, external_number="A-1", building_id=world.buildings[8].pk)
    assert "number" not in refused.value.data
    assert first.number not in refused.value.message


def test_it_is_found_by_the_number_of_the_sender(world: World) -> None:
    ticket = recorded(world, external_number="网-2026-0031")
    recorded(world)
    assert [row.pk for row in tickets_of(world.staff, TicketFilter(queue="all", text="网-2026-0031"))] == [ticket.pk]
    assert not tickets_of(world.other_secretary, TicketFilter(queue="all", text="网-2026-0031")).exists()


def test_the_form_takes_number_and_limit_and_shows_them_on_the_ticket(world: World) -> None:
    desk = world.sign_in(Client(), "staff")
    said = {
        "channel": "mayor_mailbox", "content": CONTENT, "building": world.building.pk, "external_number": "信-7",
        "external_due_at": "2026-11-20T15:00", "idempotency_key": "k1",
    }  # fmt: skip
    assert desk.post("/desk/new/", said).status_code == 302
    ticket = Ticket.objects.get()
    page = desk.get(f"/desk/t/{ticket.number}/").content.decode()
    assert "信-7" in page
    assert "按来件要求" in page
    assert "市长信箱" in page
    again = desk.post("/desk/new/", {**said, "idempotency_key": "k2"})
    assert again.status_code == 422
    assert f"/desk/t/{ticket.number}/" in again.content.decode()
    assert CONTENT in again.content.decode()
    late = desk.post("/desk/new/", {**said, "idempotency_key": "k3", "external_due_at": "2026-11-19T15:00"})
    assert "这个时间已经过了" in late.content.decode()


def test_a_scanned_letter_is_kept_as_the_original(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    desk = world.sign_in(Client(), "staff")
    said = {"channel": "letter_box", "content": CONTENT, "building": world.building.pk, "is_paper": "on",
            "photos": photo(),
            "idempotency_key": "k1"}  # fmt: skip
    assert desk.post("/desk/new/", said).status_code == 302
    ticket = Ticket.objects.get()
    assert [row.purpose for row in ticket.attachments.all()] == ["paper"]
    assert "纸质原件" in desk.get(f"/desk/t/{ticket.number}/").content.decode()


# ---------------------------------------------------------------- the liaison
def test_a_liaison_records_and_answers_online_voices_and_nothing_else(world: World, liaison: Actor) -> None:
    ticket = recorded(world, liaison, building_id=None, community_id=world.community.pk, start_level="community")
    assert ticket.organization_id == world.committee.pk
    ticket = sign_order(ticket, actor=liaison)
    ticket = contact_requester(ticket, actor=liaison, note="在网上回了")
    ticket = resolve_ticket(ticket, actor=liaison, reply="明天来修，已经在留言下回复。")
    assert ticket.state in ("resolved", "visiting")
    with pytest.raises(NotAllowed, match="只登记电话和网上来的事"):
        recorded(world, liaison, channel="door")


def test_a_liaison_neither_sees_nor_moves_what_came_in_offline(world: World, liaison: Actor) -> None:
    place = {"building_id": None, "community_id": world.community.pk, "start_level": "community"}
    online, offline = recorded(world, **place), recorded(world, channel="door", **place)
    elsewhere = recorded(world, world.other_secretary, building_id=world.buildings[8].pk)
    seen = set(TicketPolicy.visible(liaison).values_list("pk", flat=True))
    assert (online.pk in seen, offline.pk in seen, elsewhere.pk in seen) == (True, False, False)
    with pytest.raises(NotAllowed):
        sign_order(offline, actor=liaison)
    for move in ("accept", "reject", "dispatch", "escalate", "classify", "close", "verify", "return_visit"):
        assert not TicketPolicy.allows(liaison, move, online), move


def test_nothing_is_handed_to_a_liaison_who_happens_to_be_there(world: World, liaison: Actor) -> None:
    for name in ("staff", "secretary"):
        PostAssignment.objects.filter(membership=world.members[name]).update(until=SINCE)
    bump_reference()
    assert territory().handler(world.committee.pk) is None
    ticket = recorded(world, world.worker, building_id=None, community_id=world.community.pk, channel="door",
                      start_level="community")  # fmt: skip
    assert WorkOrder.objects.get(ticket=ticket).assignee_id is None
    assert TicketTransition.objects.filter(ticket=ticket, move="dispatch").exists()
