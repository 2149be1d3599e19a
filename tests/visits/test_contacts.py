"""联系党员 (S4-07), 包保楼栋 (S4-17), 党员中心户 (S2-04)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotFound
from governance.privacy.holders import KINDS
from grids.households.actions.households import Where, move_household
from grids.visits.actions.contacts import (
    MemberDetails,
    end_hub,
    end_link,
    end_member,
    link_households,
    name_hub,
    name_member,
    name_sponsor,
    pass_on,
    record_help,
    write_to_household,
    write_to_member,
)
from grids.visits.actions.erase_care import due_members
from grids.visits.contacts import (
    buildings_with_sponsor,
    coverage,
    hubs_of,
    hubs_without_host,
    links_of_phone,
    members_for,
    members_of,
    waiting_messages,
)
from grids.visits.models import BuildingSponsor, ContactLink, ContactMember, ContactMessage, HubReach
from grids.visits.privacy_care import _erase
from tests.households.homes import PHONE, home, with_rooms
from tests.visits.helpers import homes

LI = MemberDetails("李建国", "李师傅", "13700003333", agrees=True)


@pytest.fixture
def member(world):
    return name_member(world.grid.pk, LI, actor=world.leader)


def test_a_member_is_linked_to_eight_households_both_ways(world, member):
    """S4-07: a member linked to 8 households; each of them sees that member."""
    rows = homes(world, 8)
    assert link_households(member, rows, actor=world.worker) == 8
    assert link_households(member, rows, actor=world.worker) == 0
    assert members_of(world.leader).get().homes == 8
    assert [link.member.public_name for link in members_for(rows[0].pk)] == ["李师傅"]


def test_a_resident_finds_the_member_by_the_own_number_and_sees_the_public_name(world, member):
    rooms = with_rooms(world.building)
    row = home(world.building, rooms[0], world.worker)
    home(world.building, rooms[1], world.worker, contact_phone="13911112222")
    link_households(member, [row], actor=world.worker)
    (link,) = links_of_phone(PHONE)
    assert link.member.public_name == "李师傅"
    assert not links_of_phone("13911112222").exclude(household=row).exists()


def test_words_go_through_the_worker_both_ways(world, member):
    row = homes(world, 1)[0]
    link_households(member, [row], actor=world.worker)
    link = ContactLink.objects.get()
    said = write_to_member(link, "楼道灯坏了，能帮看看吗")
    assert waiting_messages(world.worker).get() == said
    assert not waiting_messages(world.other_worker).exists()
    with pytest.raises(NotFound):
        pass_on(said, actor=world.other_worker)
    pass_on(said, reply="明天去看", actor=world.worker)
    assert not waiting_messages(world.worker).exists()
    with pytest.raises(DomainError):
        pass_on(said, actor=world.worker)
    back = write_to_household(link, "周六有义诊", actor=world.worker)
    assert (back.from_household, back.passed_at is not None) == (False, True)
    with pytest.raises(Invalid):
        write_to_member(link, " ")
    for _more in range(4):
        write_to_member(link, "再说一句")
    with pytest.raises(DomainError) as refused:
        write_to_member(link, "第六句")
    assert refused.value.status == 429
    end_link(link, actor=world.worker)
    with pytest.raises(NotFound):
        write_to_member(link, "还在吗")


def test_only_who_agreed_is_shown_and_who_leaves_is_nobodys_contact(world, member):
    with pytest.raises(Invalid) as refused:
        name_member(world.grid.pk, MemberDetails("李建国", "李师傅139", "1", False), actor=world.worker)
    assert set(refused.value.fields) == {"public_name", "phone", "agrees"}
    link_households(member, homes(world, 2), actor=world.worker)
    name_sponsor(world.building, member, actor=world.worker)
    end_member(member, actor=world.worker)
    assert not ContactLink.objects.filter(ended_on=None).exists()
    assert not BuildingSponsor.objects.filter(ended_on=None).exists()
    assert due_members(clock.now() + timedelta(days=1)) == [member.pk]
    KINDS["contact_member"].scrub([member.pk])
    member.refresh_from_db()
    assert (member.full_name, member.public_name, member.phone) == ("", "", "")


def test_who_takes_back_consent_is_forgotten_at_once(world, member):
    row = home(world.building, with_rooms(world.building)[0], world.worker)
    link_households(member, [row], actor=world.worker)
    write_to_member(ContactLink.objects.get(), "楼道灯坏了")
    assert _erase("13700003333").removed["contact_members"] == 1
    assert not members_of(world.leader).exists()
    assert _erase(PHONE).removed["contact_messages"] == 1
    assert ContactMessage.objects.get().words == ""


def test_a_household_of_another_place_is_not_linked(world, member):
    with pytest.raises(NotFound):
        link_households(member, homes(world, 1, building=2), actor=world.worker)
    with pytest.raises(NotFound):
        name_member(world.grid2.pk, LI, actor=world.leader)


def test_coverage_of_sponsors_and_the_buildings_without_one(world, member):
    """S4-17: of the buildings in use, how many are sponsored; the others are named."""
    for building in world.buildings[:3]:
        name_sponsor(building, member, actor=world.secretary)
    rows = buildings_with_sponsor(world.secretary)
    found = coverage(rows)
    assert (found.buildings, found.sponsored, found.percent) == (4, 3, 75)
    assert rows[0].pk == world.buildings[3].pk
    with pytest.raises(DomainError) as refused:
        name_sponsor(world.building, member, actor=world.secretary)
    assert refused.value.code == "sponsored_already"
    sponsor = BuildingSponsor.objects.get(building=world.building)
    assert record_help(sponsor, on=clock.today(), words="换了楼道灯", actor=world.secretary).pk
    with pytest.raises(Invalid) as refused:
        record_help(sponsor, on=clock.today() + timedelta(days=1), words="", actor=world.secretary)
    assert set(refused.value.fields) == {"words", "on"}


def test_a_hub_that_moves_out_needs_a_successor(world):
    """S2-04: a 中心户 moves out; a successor is to be found, who takes over its range."""
    one, two = homes(world, 2)
    with pytest.raises(Invalid):
        name_hub(one, [], agrees=False, actor=world.worker)
    hub = name_hub(one, [world.buildings[1]], agrees=True, actor=world.worker)
    with pytest.raises(DomainError):
        name_hub(one, [], agrees=True, actor=world.worker)
    assert not hubs_without_host(world.secretary).exists()
    there = with_rooms(world.buildings[1], 1, 1, 1)[0]
    move_household(one, Where(world.buildings[1], there), on=clock.today(), actor=world.worker)
    assert hubs_without_host(world.secretary).get() == hub
    fresh = end_hub(hub, successor=two, actor=world.secretary)
    assert fresh is not None
    assert hubs_of(world.secretary).get() == fresh
    reach = HubReach.objects.filter(hub=fresh).values_list("building_id", flat=True)
    assert set(reach) == {world.buildings[0].pk, world.buildings[1].pk}
    assert ContactMember.objects.count() == 0
