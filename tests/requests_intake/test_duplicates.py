"""Suggesting, merging and taking out again: who may, what becomes of orders, clocks and promises, who is told what."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from analytics import rollup
from analytics.models import FactDelta
from governance.accounts.models import Notice
from governance.kernel import clock, outbox
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, NotAllowed
from governance.kernel.tenancy.context import district_transaction
from requests_intake import duplicates
from requests_intake.actions.archive import archive_finished
from requests_intake.actions.desk import reject_ticket, withdraw_ticket
from requests_intake.actions.handle import sign_order
from requests_intake.actions.merge import merge_ticket, merge_tickets, rate_follower, unmerge_ticket
from requests_intake.actions.rate import close_ticket, rate_ticket
from requests_intake.actions.resolve import resolve_ticket
from requests_intake.actions.sweep import sweep
from requests_intake.actions.verify import verify_ticket
from requests_intake.models import Clock, Note, Ticket, TicketMerge, TicketTransition, WorkOrder
from requests_intake.presentation import timeline
from requests_intake.reference import rules
from tests.cases import report, ticket_in
from tests.world import World, make_district

pytestmark = pytest.mark.django_db

OTHER = {"content": "3单元楼道的灯坏了，晚上看不见", "name": "赵大海", "phone": "13900005678"}


def category(name: str = "路灯、楼道照明") -> str:
    found = [ref.code for ref in rules().categories.values() if ref.parent_id]
    return next((ref.code for ref in rules().categories.values() if ref.name == name), found[0])


def two(world: World, **changes: Any) -> tuple[Ticket, Ticket]:
    """Two people report one matter."""
    code = category()
    return report(world, category_code=code), report(world, **{**OTHER, "category_code": code, **changes})


def again(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def suggested(world: World, ticket: Ticket, who: str = "staff") -> list[Ticket]:
    return [row.ticket for row in duplicates.suggestions(duplicates.probe_of(ticket), world.actor(who))]


def steps(ticket: Ticket) -> list[str]:
    outbox.deliver(TicketTransition)
    return [step["title"] for step in timeline(ticket, outward=True)]


def solved(world: World, ticket: Ticket, reply: str = "灯换好了") -> Ticket:
    """Resolved by the grid's worker and verified."""
    resolve_ticket(sign_order(ticket, actor=world.worker), actor=world.worker, reply=reply)
    done = again(ticket)
    return verify_ticket(done, passed=True, actor=world.staff) if done.state == "resolved" else done


# ---------------------------------------------------------------- suggestions
def test_the_same_address_and_category_within_seven_days_is_suggested_with_the_reason(world: World) -> None:
    with time_machine.travel("2026-11-16T02:00:00Z", tick=True):
        first = report(world, category_code=category())
    with time_machine.travel("2026-11-19T02:00:00Z", tick=True):
        second = report(world, **OTHER, category_code=category())
        found = duplicates.suggestions(duplicates.probe_of(second), world.staff)
    assert [row.ticket for row in found] == [first]
    assert found[0].reason.startswith("同一栋楼、同类、3 天前，文字相近 ")
    assert found[0].is_open


def test_what_is_older_elsewhere_of_another_kind_or_in_other_words_is_not_suggested(world: World) -> None:
    with time_machine.travel("2026-11-10T02:00:00Z", tick=True):
        report(world, category_code=category())
    with time_machine.travel("2026-11-19T02:00:00Z", tick=True):
        second = report(world, **OTHER, category_code=category())
        far = report(world, **{**OTHER, "building_id": world.buildings[8].pk}, category_code=category())
        kinds = [ref for ref in rules().categories.values() if ref.parent_id]
        own = rules().by_code[category()]
        foreign = next(ref for ref in kinds if ref.parent_id != own.parent_id and not ref.pure.is_restricted)
        other_kind = report(world, category_code=foreign.code)
        other_words = report(world, content="水管爆了，水漫到一楼大厅，请来抢修", category_code=category())
        assert suggested(world, second) == []
        for ticket in (far, other_kind, other_words):
            assert second not in suggested(world, ticket, "center")


def test_suggestions_never_leave_what_the_person_may_see(world: World) -> None:
    first, second = two(world)
    assert suggested(world, second) == [first]
    assert suggested(world, second, "other_secretary") == []
    Ticket.objects.filter(pk=first.pk).update(is_restricted=True)
    assert suggested(world, second, "center") == []


def test_at_most_five_are_suggested_in_one_statement(world: World) -> None:
    for number in range(8):
        report(world, **{**OTHER, "phone": f"1390000560{number}"}, category_code=category())
    probe = duplicates.probe_of(report(world, category_code=category()))
    with CaptureQueriesContext(connection) as captured:
        assert len(duplicates.suggestions(probe, world.staff)) == 5
    assert len(captured.captured_queries) == 1


def test_the_list_groups_what_lies_at_one_place_and_is_of_one_kind(world: World) -> None:
    first, second = two(world)
    report(world, building_id=world.buildings[1].pk, category_code=category())
    keys = list(duplicates.groups(world.staff))
    assert [key["count"] for key in keys] == [2]
    (group,) = duplicates.filled(keys, world.staff)
    assert group.tickets == (first, second)
    assert group.words > 0.4
    assert list(duplicates.groups(world.other_secretary)) == []


# ---------------------------------------------------------------- merging
def test_a_follower_loses_its_order_and_clocks_but_keeps_its_promise(world: World) -> None:
    first, second = two(world)
    promise = second.promise_due_at
    merge_ticket(second, into=first, actor=world.staff)
    follower, master = again(second), again(first)
    assert (follower.state, follower.promise_due_at) == ("merged", promise)
    assert follower.closed_at is not None
    assert [order.state for order in WorkOrder.objects.filter(ticket=follower)] == ["cancelled"]
    assert not Clock.objects.filter(ticket=follower, stopped_at=None).exists()
    assert (master.state, master.follower_count) == ("handling", 1)
    assert WorkOrder.objects.filter(ticket=master, ended_at=None).count() == 1
    assert [row.move for row in TicketTransition.objects.filter(ticket=follower).order_by("pk")][-1] == "merge"
    row = TicketMerge.objects.get()
    assert (row.former_state, row.merged_by_id) == ("handling", world.staff.membership_id)
    with time_machine.travel(clock.now() + timedelta(days=30), tick=True):
        sweep()
    assert again(second).state == "merged"
    assert not TicketTransition.objects.filter(ticket=follower, move="stage").exists()


def test_a_ticket_nobody_has_accepted_gets_its_promise_when_it_is_merged(world: World) -> None:
    first = ticket_in(world, "accepted")
    waiting = ticket_in(world, "submitted")
    merge_ticket(waiting, into=first, actor=world.center)
    assert again(waiting).promise_due_at is not None
    assert again(waiting).state == "merged"
    unmerge_ticket(again(waiting), actor=world.center, note="是两回事")
    assert again(waiting).state == "accepted"
    assert not WorkOrder.objects.filter(ticket=waiting).exists()


def test_the_earliest_promise_of_all_is_shown_on_the_master(world: World) -> None:
    with time_machine.travel("2026-11-16T02:00:00Z", tick=True):
        early = report(world, **OTHER, category_code=category())
    with time_machine.travel("2026-11-19T02:00:00Z", tick=True):
        late = report(world, category_code=category())
        merge_ticket(early, into=late, actor=world.staff)
        ties = duplicates.ties_of(again(late), world.staff)
        assert ties.earliest_promise == early.promise_due_at
        assert early.promise_due_at is not None
        assert late.promise_due_at is not None
        assert ties.earliest_promise < late.promise_due_at
        assert ties.followers == (early,)


@pytest.mark.parametrize("who", ["worker", "handler", "visitor", "supervisor", "official", "other_secretary"])
def test_only_a_desk_that_covers_both_may_merge(world: World, who: str) -> None:
    first, second = two(world)
    with pytest.raises(DomainError) as error:
        merge_ticket(second, into=first, actor=world.actor(who))
    assert error.value.status in (403, 404)
    assert again(second).state == "handling"


def test_a_street_does_not_reach_into_another_and_the_district_does(world: World) -> None:
    first = report(world, category_code=category())
    far = report(world, **{**OTHER, "building_id": world.buildings[8].pk}, category_code=category())
    with pytest.raises(DomainError) as error:
        merge_ticket(far, into=first, actor=world.dispatcher)
    assert error.value.status == 404
    merge_ticket(far, into=first, actor=world.center)
    assert again(far).state == "merged"


def test_what_cannot_be_merged_is_refused_with_a_sentence(world: World) -> None:
    first, second = two(world)
    third = report(world, category_code=category())
    closed = ticket_in(world, "closed", category_code=category())
    merge_ticket(second, into=first, actor=world.staff)
    cases = [
        (first, first, "自己"),
        (second, third, "已经并入另一件"),
        (third, second, "并入它的主件"),
        (third, closed, "不能再并入"),
        (closed, third, "还在办的才能合并"),
    ]
    for follower, master, words in cases:
        with pytest.raises(DomainError) as error:
            merge_ticket(again(follower), into=again(master), actor=world.staff)
        assert words in error.value.message, words
        assert error.value.fields["into"]
    Ticket.objects.filter(pk=third.pk).update(is_restricted=True)
    with pytest.raises(DomainError) as error:
        merge_ticket(again(third), into=first, actor=world.center)
    assert "限制知悉" in error.value.message
    with pytest.raises(DomainError) as error:
        merge_ticket(again(third), into=first, actor=world.staff)
    assert error.value.status == 404


def test_followers_go_along_when_their_master_is_merged_and_come_back_with_it(world: World) -> None:
    first, second = two(world)
    third = report(world, category_code=category())
    merge_ticket(second, into=first, actor=world.staff)
    merge_ticket(again(first), into=third, actor=world.staff)
    masters = dict(TicketMerge.objects.filter(undone_at=None).values_list("follower_id", "master_id"))
    assert masters == {second.pk: third.pk, first.pk: third.pk}
    assert (again(third).follower_count, again(first).follower_count) == (2, 0)
    unmerge_ticket(again(first), actor=world.staff, note="不是一回事")
    masters = dict(TicketMerge.objects.filter(undone_at=None).values_list("follower_id", "master_id"))
    assert masters == {second.pk: first.pk}
    assert (again(third).follower_count, again(first).follower_count) == (0, 1)
    assert TicketMerge.objects.count() == 4  # nothing is deleted


def test_a_batch_merges_what_can_be_and_names_the_rest(world: World) -> None:
    first, second = two(world)
    third = report(world, category_code=category())
    closed = ticket_in(world, "closed")
    outcome = merge_tickets([first, second, third, closed], into=first, actor=world.staff)
    assert [row.pk for row in outcome.done] == [second.pk, third.pk]
    assert [(row.ticket.pk, "还在办的" in row.reason) for row in outcome.refused] == [(closed.pk, True)]
    assert again(first).follower_count == 2


# ---------------------------------------------------------------- undoing
def test_undoing_gives_a_new_order_to_who_held_it_and_the_old_promise_runs_on(world: World) -> None:
    first, second = two(world)
    sign_order(second, actor=world.worker)
    promise = again(second).promise_due_at
    merge_ticket(again(second), into=first, actor=world.staff)
    before = TicketTransition.objects.filter(ticket=second).count()
    unmerge_ticket(again(second), actor=world.staff, note="说的是另一盏灯")
    follower = again(second)
    assert (follower.state, follower.promise_due_at, follower.closed_at) == ("handling", promise, None)
    assert (follower.close_reason, follower.organization_id) == ("", world.grid_team.pk)
    orders = WorkOrder.objects.filter(ticket=second).order_by("sequence")
    assert [(order.sequence, order.state) for order in orders] == [(1, "cancelled"), (2, "dispatched")]
    kept = Clock.objects.get(ticket=second, kind="promise")
    assert kept.stopped_at is None
    assert kept.next_fire_at is not None
    assert TicketTransition.objects.filter(ticket=second).count() == before + 2
    assert again(first).follower_count == 0
    with pytest.raises(DomainError):
        unmerge_ticket(again(second), actor=world.staff, note="x")


def test_undoing_is_for_desks_and_while_the_master_is_open_and_not_for_ever(world: World) -> None:
    first, second = two(world)
    merge_ticket(second, into=first, actor=world.staff)
    for who in ("worker", "handler", "visitor", "other_secretary"):
        with pytest.raises(NotAllowed):
            unmerge_ticket(again(second), actor=world.actor(who), note="x")
    with time_machine.travel(clock.now() + timedelta(days=16), tick=True), pytest.raises(DomainError) as error:
        unmerge_ticket(again(second), actor=world.staff, note="x")
    assert error.value.code == "too_late"
    solved(world, again(first))
    rate_ticket(again(first), face="satisfied", actor=Actor.requester(first.pk))
    with pytest.raises(DomainError) as error:
        unmerge_ticket(again(second), actor=world.staff, note="x")
    assert "主件已经结束" in error.value.message


# ---------------------------------------------------------------- every follower is told, and nothing of the others
def test_every_step_of_the_master_is_told_to_each_follower_once(world: World) -> None:
    first, second = two(world)
    third = report(world, **{**OTHER, "phone": "13900005679"}, category_code=category())
    merge_tickets([second, third], into=first, actor=world.staff)
    outbox.deliver(TicketTransition)
    solved(world, again(first), reply="灯换好了，请放心使用")
    for ticket in (second, third):
        told = steps(ticket)
        assert told[0] == "有人去看过，办好了" or told[0] == "办好了"
        assert f"{world.grid_team.name}接手了" in told
        assert "和别人反映的同一件事一起办" in told
        assert told.count("办好了") == 1
    outbox.deliver(TicketTransition)
    assert TicketTransition.objects.filter(ticket=second, move="follow_step", payload__step="resolve").count() == 1
    assert Note.objects.get(ticket=second, audience="public").text == "灯换好了，请放心使用"


def test_nothing_of_the_other_requester_reaches_a_follower(world: World) -> None:
    secret = "我是201的钱桂花，电话13711112222，我家门口的灯坏了看不见"
    first = report(world, content=secret, name="钱桂花", phone="13711112222", category_code=category())
    second = report(world, **OTHER, category_code=category())
    merge_ticket(second, into=first, actor=world.staff, note="和钱桂花说的是一件事")
    solved(world, again(first))
    rate_ticket(again(first), face="unsolved", actor=Actor.requester(first.pk), comment="钱桂花：还是不亮")
    outbox.deliver(TicketTransition)
    entries = timeline(second, outward=True)
    for word in ("钱桂花", "13711112222", first.number, "还是不亮"):
        assert word not in str(entries), word
    # A moment to the microsecond may have the three digits by chance.
    assert "201" not in str([{**step, "iso": ""} for step in entries])
    shown = str(entries)
    assert "有居民说没解决，再办一次" in shown
    assert "13900005678" not in str(timeline(first, outward=True))
    assert second.number not in str(timeline(first, outward=True))


def test_the_steps_of_many_followers_are_one_insert(world: World) -> None:
    first = report(world, category_code=category())
    followers = [
        report(world, **{**OTHER, "phone": f"1390000{number:04d}"}, category_code=category()) for number in range(12)
    ]
    outbox.deliver(TicketTransition)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            outbox.deliver(TicketTransition, limit=500)
        return len(captured.captured_queries)

    merge_ticket(followers[0], into=first, actor=world.staff)
    outbox.deliver(TicketTransition)
    sign_order(again(first), actor=world.worker)
    few = statements()
    merge_tickets(followers[1:], into=again(first), actor=world.staff)
    outbox.deliver(TicketTransition)
    resolve_ticket(again(first), actor=world.worker, reply="好了")
    assert statements() <= few + 6  # the words of the reply, their notes; never a statement per follower
    assert TicketTransition.objects.filter(move="follow_step", payload__step="resolve").count() == 12


def test_who_held_the_follower_learns_that_it_is_over(world: World) -> None:
    first, second = two(world)
    outbox.deliver(TicketTransition)
    merge_ticket(second, into=first, actor=world.staff)
    outbox.deliver(TicketTransition)
    told = Notice.objects.filter(membership=world.members["worker"]).values_list("text", flat=True)
    assert any("不用再办" in text for text in told)
    assert any("又有居民反映" in text for text in told)


# ---------------------------------------------------------------- rating, each for themselves
def test_each_follower_rates_for_themselves_once_the_master_is_solved(world: World) -> None:
    first, second = two(world)
    merge_ticket(second, into=first, actor=world.staff)
    with pytest.raises(DomainError):
        rate_follower(again(second), face="satisfied", actor=Actor.requester(second.pk))
    solved(world, again(first))
    with pytest.raises(NotAllowed):
        rate_follower(again(second), face="satisfied", actor=Actor.requester(first.pk))
    rate_follower(again(second), face="so_so", actor=Actor.requester(second.pk))
    assert (again(second).state, again(second).final_satisfaction) == ("merged", "so_so")
    assert again(first).first_satisfaction == ""
    with pytest.raises(DomainError):
        rate_follower(again(second), face="satisfied", actor=Actor.requester(second.pk))


def test_a_dissatisfied_follower_is_handled_again_on_its_own(world: World) -> None:
    first, second = two(world)
    merge_ticket(second, into=first, actor=world.staff)
    solved(world, again(first))
    rate_ticket(again(first), face="satisfied", actor=Actor.requester(first.pk))
    rate_follower(again(second), face="unsolved", actor=Actor.requester(second.pk), comment="我这边没亮")
    follower = again(second)
    assert (follower.state, follower.organization_id) == ("handling", world.grid_team.pk)
    assert (again(first).state, again(first).follower_count) == ("closed", 0)
    assert WorkOrder.objects.filter(ticket=second, ended_at=None).count() == 1
    solved(world, follower)
    rate_ticket(again(second), face="unsolved", actor=Actor.requester(second.pk))
    assert again(second).needs_review


def test_a_master_that_is_withdrawn_leaves_the_matter_to_the_others(world: World) -> None:
    first, second = two(world)
    third = report(world, **{**OTHER, "phone": "13900005679"}, category_code=category())
    merge_tickets([second, third], into=first, actor=world.staff)
    outbox.deliver(TicketTransition)
    withdraw_ticket(again(first), actor=Actor.requester(first.pk))
    outbox.deliver(TicketTransition)
    states = {again(ticket).state for ticket in (second, third)}
    assert states == {"handling", "merged"}
    heir = next(ticket for ticket in (second, third) if again(ticket).state == "handling")
    assert TicketMerge.objects.get(undone_at=None).master_id == heir.pk
    assert (again(heir).follower_count, again(first).follower_count) == (1, 0)
    assert WorkOrder.objects.filter(ticket=heir, ended_at=None).count() == 1


def test_followers_are_told_why_their_master_was_not_taken_on(world: World) -> None:
    first, second = ticket_in(world, "accepted"), ticket_in(world, "accepted", phone="13900005678")
    merge_ticket(second, into=first, actor=world.center)
    outbox.deliver(TicketTransition)
    reject_ticket(again(first), reason="outside", note="不归本区管，请找邻区", actor=world.center)
    assert steps(second)[0] == "没有受理"
    assert Note.objects.get(ticket=second, audience="public").text == "不归本区管，请找邻区"


def test_a_follower_is_archived_only_after_its_master(world: World) -> None:
    first, second = two(world)
    merge_ticket(second, into=first, actor=world.staff)
    with time_machine.travel(clock.now() + timedelta(days=40), tick=True):
        archive_finished()
        assert again(second).state == "merged"
        solved(world, again(first))
        close_ticket(again(first), reason="unrated", note="x", actor=world.secretary)
    with time_machine.travel(clock.now() + timedelta(days=80), tick=True):
        archive_finished()
        assert again(first).state == "archived"
        archive_finished()
        assert again(second).state == "archived"


def test_a_follower_is_counted_in_its_master_alone(world: World) -> None:
    first, second = two(world)
    merge_ticket(second, into=first, actor=world.staff)
    solved(world, again(first))
    outbox.deliver(TicketTransition)
    rate_ticket(again(first), face="satisfied", actor=Actor.requester(first.pk))
    rate_follower(again(second), face="so_so", actor=Actor.requester(second.pk))
    outbox.deliver(TicketTransition)
    counted = dict.fromkeys(("resolved", "closed", "final_satisfied", "final_so_so"), 0)
    for name, number in FactDelta.objects.values_list("measure", "number"):
        if name in counted:
            counted[name] += number
    assert counted == {"resolved": 1, "closed": 1, "final_satisfied": 1, "final_so_so": 0}
    assert rollup.differences() == []


# ---------------------------------------------------------------- at once
@pytest.fixture
def committed(transactional_db: None) -> World:
    return make_district()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_merge_the_same_ticket_at_once_exactly_one_does(committed: World) -> None:
    world = committed
    with district_transaction(world.district):
        code = category()
        follower = report(world, **OTHER, category_code=code)
        masters = [report(world, category_code=code), report(world, category_code=code)]
    barrier = Barrier(2)

    def merge(master: Ticket) -> str:
        try:
            barrier.wait(10)
            with district_transaction(world.district):
                merge_ticket(follower, into=master, actor=world.staff)
            return "merged"
        except DomainError as error:
            return error.message
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(merge, masters))
    assert sorted(text == "merged" for text in outcomes) == [False, True]
    assert any("已经并入另一件" in text for text in outcomes)
    with district_transaction(world.district):
        assert TicketMerge.objects.filter(undone_at=None).count() == 1
        assert sorted(Ticket.objects.values_list("follower_count", flat=True)) == [0, 0, 1]


@pytest.mark.django_db(transaction=True)
def test_two_that_are_merged_into_each_other_at_once_leave_one_master(committed: World) -> None:
    world = committed
    with district_transaction(world.district):
        code = category()
        pair = [report(world, category_code=code), report(world, **OTHER, category_code=code)]
    barrier = Barrier(2)

    def merge(order: tuple[Ticket, Ticket]) -> bool:
        try:
            barrier.wait(10)
            with district_transaction(world.district):
                merge_ticket(order[0], into=order[1], actor=world.staff)
            return True
        except DomainError:
            return False
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(merge, [(pair[0], pair[1]), (pair[1], pair[0])]))
    assert sorted(outcomes) == [False, True]
    with district_transaction(world.district):
        assert sorted(Ticket.objects.values_list("state", flat=True)) == ["handling", "merged"]
