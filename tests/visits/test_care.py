"""关爱台账 (S1-20, S2-23): contact in time, handover, benefits."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine

from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotFound
from governance.privacy.holders import KINDS
from grids.visits.actions.care import (
    CareDetails,
    HelperDetails,
    add_benefit,
    add_helper,
    begin_care,
    change_care,
    end_care,
    hand_over,
    recheck_benefit,
    record_contact,
)
from grids.visits.actions.erase_care import due_care
from grids.visits.care import benefits_due, care_of, overdue, with_contact
from grids.visits.models import CareLink, CareObject
from grids.visits.privacy_care import _erase, _export
from tests.households.homes import PHONE, home, with_rooms
from tests.visits.helpers import owed, visit

AUNT = HelperDetails("neighbour", name="王阿姨", phone="13700002222")


@pytest.fixture
def row(world):
    return home(world.building, with_rooms(world.building)[0], world.worker)


@pytest.fixture
def care(world, row):
    return begin_care(row, CareDetails("alone", "closest", needs="每周买菜"), AUNT, actor=world.worker)


def late(world, days):
    with time_machine.travel(clock.now() + timedelta(days=days), tick=False):
        return [one.pk for one in overdue(care_of(world.secretary))]


def test_eight_days_without_a_contact_are_red_to_worker_and_secretary(world, care, client):
    """S2-23: an elder living alone, looked after weekly; 8 days no contact: red to worker and secretary."""
    assert care.every == 7
    assert late(world, 6) == []
    assert late(world, 8) == [care.pk]
    with time_machine.travel(clock.now() + timedelta(days=8), tick=False):
        for name, address in (("worker", "/m/visits/care/"), ("secretary", "/desk/home-visits/care/")):
            world.sign_in(client, name)
            page = client.get(address).content.decode()
            assert "vwhy-over" in page
            assert "没联系" in page
        world.sign_in(client, "worker")
        assert "该联系没联系" in client.get("/m/").content.decode()
        world.sign_in(client, "secretary")
        (waiting,) = owed(client)
        assert (waiting["label"], waiting["count"], waiting["state"]) == ("该联系没联系", 1, "over")
        assert client.get(waiting["url"]).context["page"].paginator.count == 1


def test_a_contact_or_a_visit_that_reached_somebody_counts_anew(world, care):
    link = CareLink.objects.get(care=care)
    with time_machine.travel(clock.now() + timedelta(days=8), tick=False):
        record_contact(link, how="rang", actor=world.worker)
        assert not overdue(care_of(world.worker)).exists()
    with time_machine.travel(clock.now() + timedelta(days=16), tick=False):
        assert overdue(care_of(world.worker)).exists()
        visit(care.household, world.worker, "no")
        assert overdue(care_of(world.worker)).exists()
        visit(care.household, world.worker)
        assert not overdue(care_of(world.worker)).exists()


def test_the_longest_waiting_comes_first_in_one_statement(world, care, django_assert_num_queries):
    rooms = with_rooms(world.buildings[1])
    for room in rooms[:3]:
        begin_care(home(world.buildings[1], room, world.worker), CareDetails("alone"), AUNT, actor=world.worker)
    with django_assert_num_queries(1):
        rows = list(with_contact(care_of(world.worker)))
    assert rows[0].pk == care.pk
    assert [one.every for one in rows] == [7, 30, 30, 30]


def test_a_handover_ends_one_pair_and_begins_the_next(world, care):
    old = CareLink.objects.get(care=care)
    fresh = hand_over(old, HelperDetails("staff", member=world.worker.membership_id), actor=world.secretary)
    old.refresh_from_db()
    assert (old.ended_on, fresh.follows_id, fresh.helper_id) == (clock.today(), old.pk, world.worker.membership_id)
    with pytest.raises(DomainError) as refused:
        record_contact(old, how="came", actor=world.worker)
    assert refused.value.code == "link_ended"
    with pytest.raises(DomainError):
        hand_over(old, AUNT, actor=world.worker)


def test_who_is_cared_for_is_so_once_and_by_their_own_place(world, row, care):
    with pytest.raises(DomainError) as refused:
        begin_care(row, CareDetails("alone"), AUNT, actor=world.worker)
    assert refused.value.code == "already_cared_for"
    with pytest.raises(NotFound):
        add_helper(care, AUNT, actor=world.other_worker)
    with pytest.raises(NotFound):
        end_care(care, reason="better", actor=world.other_secretary)


@pytest.mark.parametrize(
    ("said", "helper", "field"),
    [
        ({"category": "sick"}, AUNT, "category"),
        ({"category": "alone", "every": 500}, AUNT, "every"),
        ({"category": "alone", "needs": "是个钉子户"}, AUNT, "needs"),
        ({"category": "alone"}, HelperDetails("neighbour"), "name"),
        ({"category": "alone"}, HelperDetails("neighbour", name="王", phone="12"), "phone"),
        ({"category": "alone"}, HelperDetails("staff", member=10**9), "member"),
    ],
)
def test_what_cannot_be_taken_is_said_at_its_field(world, row, said, helper, field):
    with pytest.raises(Invalid) as refused:
        begin_care(row, CareDetails(**said), helper, actor=world.worker)
    assert field in refused.value.fields
    assert not CareObject.objects.exists()


def test_a_benefit_is_listed_a_month_before_its_day(world, care):
    made = add_benefit(care, what="高龄津贴", recheck_on=clock.today() + timedelta(days=60), actor=world.worker)
    assert not benefits_due(world.worker).exists()
    with time_machine.travel(clock.now() + timedelta(days=40), tick=False):
        assert benefits_due(world.secretary).get() == made
        recheck_benefit(made, again_on=clock.today() + timedelta(days=365), actor=world.worker)
        assert not benefits_due(world.secretary).exists()
    recheck_benefit(made, again_on=None, actor=world.worker)
    with pytest.raises(DomainError):
        recheck_benefit(made, again_on=None, actor=world.worker)


def test_who_needs_nobody_any_more_leaves_the_ledger_and_its_words_after_the_term(world, care):
    change_care(care, CareDetails("alone", "usual"), actor=world.worker)
    care.refresh_from_db()
    assert (care.every, care.needs) == (30, "每周买菜")
    end_care(care, reason="better", actor=world.worker)
    assert not care_of(world.worker).exists()
    assert due_care(clock.now() + timedelta(days=1)) == [care.pk]
    assert KINDS["care"].scrub([care.pk])[0] == 1
    care.refresh_from_db()
    assert (care.needs, CareLink.objects.get().helper_name) == ("", "")
    assert due_care(clock.now() + timedelta(days=1)) == []


def test_a_copy_says_what_is_held_and_a_helper_is_forgotten_on_request(world, care):
    assert {section.title for section in _export(PHONE)} == {"关爱台账"}
    assert _export("13700002222")[0].rows[0]["称呼"] == "王阿姨"
    assert _erase("13700002222").removed["care_helpers"] == 1
    assert CareLink.objects.get().helper_name == ""
    assert _export("13700002222") == []
