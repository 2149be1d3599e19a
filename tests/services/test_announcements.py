"""Announcements: whom they reach, who may do what, and that nothing published is ever changed in silence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from governance.accounts.models import Membership, Notice, Staff, User
from governance.kernel import clock, outbox
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.models import AuditEvent
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import district_scope
from grids.models import Building, Post, PostAssignment
from services.actions.announcements import Draft as Said
from services.actions.announcements import (
    confirm_reading,
    correct_announcement,
    discard_draft,
    draft_announcement,
    edit_draft,
    publish_announcement,
    withdraw_announcement,
)
from services.audience import Audience, reach_of
from services.models import Announcement, AnnouncementTransition, AnnouncementVersion, Delivery
from services.policies import AnnouncementPolicy, find_visible
from services.queries import place_of, public_announcements, unread_count
from services.wording import guess_kind
from tests.cases import announcement, announcement_draft
from tests.world import SINCE, World, make_district

pytestmark = pytest.mark.django_db


def names(rows: Any) -> set[str]:
    return set(rows.values_list("title", flat=True))


def told(world: World, name: str) -> list[str]:
    rows = Notice.objects.filter(membership=world.members[name], kind="announcement").order_by("pk")
    return list(rows.values_list("text", flat=True))


# ---------------------------------------------------------------- whom it reaches
def test_a_notice_to_a_building_reaches_its_residents_and_the_people_of_its_grid(world: World) -> None:
    row = announcement(world)
    assert {d.membership_id for d in Delivery.objects.all()} == {world.members["worker"].pk, world.members["leader"].pk}
    assert told(world, "worker") == ["公告：停水通知"]
    assert told(world, "other_worker") == []
    at_home, next_door = place_of(f"b{world.buildings[0].pk}"), place_of(f"b{world.buildings[1].pk}")
    assert names(public_announcements(at_home)) == {row.title}
    assert names(public_announcements(next_door)) == set()


def test_reach_counts_buildings_households_and_staff_of_everything_below_an_area(world: World) -> None:
    building = world.building
    one = reach_of(Audience(buildings=frozenset({building.pk})))
    assert (one.buildings, one.households, one.staff) == (1, 24, 2)
    street = reach_of(Audience(areas=frozenset({world.street.pk})))
    assert (street.buildings, street.households, street.staff) == (8, 192, 2)
    # A building within an area that is addressed too counts once.
    both = reach_of(Audience(areas=frozenset({world.community.pk}), buildings=frozenset({building.pk})))
    assert (both.buildings, both.households) == (4, 96)


def test_a_building_that_has_ended_is_counted_no_more(world: World) -> None:
    Building.objects.filter(pk=world.building.pk).update(ended_on=clock.today())
    assert reach_of(Audience(areas=frozenset({world.grid.pk}))).buildings == 1


def test_posts_of_an_area_are_reached_there_and_below_and_nowhere_else(world: World) -> None:
    workers = Audience(posts=frozenset({("grid_worker", world.district_area.pk)}))
    row = announcement(world, by="center", audience=workers)
    assert {d.membership_id for d in row.deliveries.all()} == {
        world.members["worker"].pk, world.members["other_worker"].pk,
    }  # fmt: skip
    near = announcement(world, by="dispatcher", audience=Audience(posts=frozenset({("grid_worker", world.street.pk)})))
    assert {d.membership_id for d in near.deliveries.all()} == {world.members["worker"].pk}


def test_an_organization_is_reached_through_everybody_in_its_posts(world: World) -> None:
    row = announcement(world, by="center", audience=Audience(organizations=frozenset({world.water.pk})))
    assert {d.membership_id for d in row.deliveries.all()} == {
        world.members["handler"].pk, world.members["handler_leader"].pk,
    }  # fmt: skip
    assert Notice.objects.get(membership=world.members["handler"]).path == f"/desk/announcements/{row.number}/"


def test_who_holds_two_posts_addressed_gets_one_delivery(world: World) -> None:
    post = Post.objects.get(organization=world.organizations[world.grid2.pk], kind="grid_worker")
    PostAssignment.objects.create(post=post, membership=world.members["worker"], since=SINCE)
    bump_reference()
    row = announcement(world, audience=Audience(areas=frozenset({world.community.pk})))
    assert row.deliveries.filter(membership=world.members["worker"]).count() == 1


def test_posts_nobody_holds_are_refused_with_a_sentence(world: World) -> None:
    empty = Audience(posts=frozenset({("grid_worker", world.grid2.pk)}))
    with pytest.raises(Invalid, match="缺岗"):
        announcement(world, audience=empty)


def test_telling_twice_tells_once_and_marks_the_delivery(world: World) -> None:
    row = publish_announcement(announcement_draft(world), actor=world.secretary)
    assert set(row.deliveries.values_list("delivered_at", flat=True)) == {None}
    outbox.deliver(AnnouncementTransition)
    AnnouncementTransition.objects.update(delivered_at=None)
    outbox.deliver(AnnouncementTransition)
    assert told(world, "worker") == ["公告：停水通知"]
    assert row.deliveries.filter(delivered_at=None).count() == 0


def test_nobody_is_told_what_they_published_themselves_but_it_counts_as_delivered(world: World) -> None:
    row = announcement(world, by="leader", audience=Audience(areas=frozenset({world.grid.pk})))
    assert told(world, "leader") == []
    assert row.deliveries.get(membership=world.members["leader"]).delivered_at is not None


def test_statements_of_publishing_do_not_grow_with_the_number_of_people(world: World) -> None:
    def statements() -> int:
        draft = announcement_draft(world, audience=Audience(areas=frozenset({world.community.pk})))
        place_of(f"b{world.building.pk}")
        with CaptureQueriesContext(connection) as captured:
            publish_announcement(draft, actor=world.actor("secretary"))
            outbox.deliver(AnnouncementTransition)
        return len(captured)

    statements()
    few = statements()
    post = Post.objects.get(organization=world.grid_team, kind="grid_worker")
    for number in range(40):
        user = User.objects.create(handle=f"t1-more{number}", password="!")
        member = Membership.objects.create(user=user, kind=Membership.Kind.STAFF, joined_at=clock.now())
        Staff.objects.create(membership=member, name=f"网格员{number}")
        PostAssignment.objects.create(post=post, membership=member, since=SINCE)
    bump_reference()
    statements()
    assert statements() == few
    assert Delivery.objects.values("membership").distinct().count() == 42


# ---------------------------------------------------------------- who may
@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("leader", "grid"), ("staff", "community"), ("secretary", "community"), ("secretary", "grid2"),
        ("dispatcher", "street"), ("dispatcher", "community2"), ("center", "district_area"), ("admin", "other_grid"),
    ],
)  # fmt: skip
def test_offices_publish_for_their_own_place_and_what_lies_in_it(world: World, name: str, place: str) -> None:
    row = announcement(world, by=name, audience=Audience(areas=frozenset({getattr(world, place).pk})))
    assert row.state == "published"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("leader", "grid2"), ("leader", "community"), ("secretary", "community2"), ("secretary", "street"),
        ("dispatcher", "other_street"), ("dispatcher", "district_area"),
    ],
)  # fmt: skip
def test_no_office_publishes_beyond_its_place(world: World, name: str, place: str) -> None:
    pk = getattr(world, place).pk
    for audience in (Audience(areas=frozenset({pk})), Audience(posts=frozenset({("grid_worker", pk)}))):
        with pytest.raises(Invalid, match="只能发给"):
            announcement(world, by=name, audience=audience)
    assert Announcement.objects.count() == 0


def test_buildings_and_organizations_outside_the_place_are_refused(world: World) -> None:
    outside = world.buildings[-1].pk
    for audience in (
        Audience(buildings=frozenset({outside})),
        Audience(buildings=frozenset({world.building.pk, 999_999})),
        Audience(organizations=frozenset({world.water.pk})),
        Audience(),
    ):
        with pytest.raises(Invalid):
            announcement(world, audience=audience)


@pytest.mark.parametrize(
    "name", ["worker", "handler", "handler_leader", "visitor", "supervisor", "official", "auditor"]
)
def test_everybody_else_is_refused_with_a_sentence(world: World, name: str) -> None:
    here = Audience(areas=frozenset({world.grid.pk}))
    with pytest.raises(NotAllowed, match="不能发公告"):
        draft_announcement(
            Said("标题", "正文"), organization_id=world.grid_team.pk, audience=here, actor=world.actor(name)
        )
    row = announcement(world)
    with pytest.raises(NotAllowed):
        withdraw_announcement(row, reason="x", actor=world.actor(name))


def test_an_office_above_may_withdraw_but_not_rewrite(world: World) -> None:
    row = announcement(world)
    with pytest.raises(NotAllowed):
        correct_announcement(row, title="别的", text="别的", visible_until=None, note="x", actor=world.dispatcher)
    with pytest.raises(NotAllowed):
        withdraw_announcement(row, reason="x", actor=world.other_dispatcher)
    assert withdraw_announcement(row, reason="消息不实", actor=world.dispatcher).state == "withdrawn"


def test_drafts_are_seen_by_their_own_office_alone(world: World) -> None:
    draft = announcement_draft(world)
    assert find_visible(world.staff, draft.number) == draft
    for name in ("dispatcher", "center", "worker", "other_secretary"):
        with pytest.raises(NotFound):
            find_visible(world.actor(name), draft.number)
    assert not AnnouncementPolicy.public().exists()


def test_what_addresses_posts_alone_is_seen_by_those_told_and_by_its_office_and_above(world: World) -> None:
    row = announcement(world, audience=Audience(posts=frozenset({("grid_worker", world.community.pk)})))
    assert not row.is_public
    assert not AnnouncementPolicy.public().exists()
    for name in ("worker", "staff", "dispatcher", "center"):
        assert find_visible(world.actor(name), row.number) == row
    for name in ("leader", "other_worker", "other_secretary", "handler", "official"):
        with pytest.raises(NotFound):
            find_visible(world.actor(name), row.number)


def test_another_district_sees_nothing_of_it(world: World) -> None:
    row = announcement(world)
    foreign = make_district("t2", 2)
    with district_scope(foreign.district):
        assert Announcement.objects.count() == Delivery.objects.count() == 0
        with pytest.raises(NotFound):
            find_visible(foreign.center, row.number)
        assert place_of(f"b{world.building.pk}") is None
        # Numbers are each district's own.
        assert announcement_draft(foreign).number == row.number == 1


# ---------------------------------------------------------------- never in silence
def test_a_correction_is_a_new_version_with_its_reason_and_tells_again(world: World) -> None:
    row = announcement(world, wants_receipt=True)
    confirm_reading(row, actor=world.worker)
    row = correct_announcement(
        row, title=row.title, text="改为后天停水。", visible_until=row.visible_until, note="停水日期改为后天",
        actor=world.staff,
    )  # fmt: skip
    outbox.deliver(AnnouncementTransition)
    assert row.version == 2
    assert list(AnnouncementVersion.objects.order_by("version").values_list("text", "note")) == [
        ("明天上午九点到下午四点停水，请提前存水。", ""), ("改为后天停水。", "停水日期改为后天"),
    ]  # fmt: skip
    assert told(world, "worker") == ["公告：停水通知", "公告更正：停水通知"]
    assert row.deliveries.get(membership=world.members["worker"]).read_version == 1


def test_a_correction_needs_a_reason_and_a_change(world: World) -> None:
    row = announcement(world)
    with pytest.raises(Invalid) as refused:
        correct_announcement(row, title="x", text="y", visible_until=None, note=" ", actor=world.staff)
    assert "note" in refused.value.fields
    with pytest.raises(DomainError) as same:
        correct_announcement(
            row, title=row.title, text=row.text, visible_until=row.visible_until, note="x", actor=world.staff
        )
    assert same.value.code == "unchanged"


def test_what_was_published_cannot_be_edited_published_again_or_deleted(world: World) -> None:
    row = announcement(world)
    here = Audience(buildings=frozenset({world.building.pk}))
    for act in (
        lambda: edit_draft(row, Said("别的", "别的"), audience=here, actor=world.secretary),
        lambda: publish_announcement(row, actor=world.secretary),
        lambda: discard_draft(row, actor=world.secretary),
    ):
        with pytest.raises(DomainError) as refused:
            act()
        assert refused.value.code == "not_draft"
    with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
        AnnouncementVersion.objects.update(text="改写历史")


def test_withdrawing_needs_a_reason_and_tells_those_who_were_told(world: World) -> None:
    row = announcement(world)
    with pytest.raises(Invalid):
        withdraw_announcement(row, reason="", actor=world.secretary)
    withdraw_announcement(row, reason="施工改期", actor=world.secretary)
    outbox.deliver(AnnouncementTransition)
    assert told(world, "worker") == ["公告：停水通知", "公告撤回：停水通知"]
    assert not public_announcements(None).exists()
    with pytest.raises(DomainError) as refused:
        withdraw_announcement(row, reason="x", actor=world.secretary)
    assert refused.value.code == "not_published"


def test_every_verb_is_in_the_audit(world: World) -> None:
    here = Audience(buildings=frozenset({world.building.pk}))
    discard_draft(announcement_draft(world), actor=world.secretary)
    row = announcement_draft(world)
    edit_draft(row, Said("停电通知", "停电"), audience=here, actor=world.secretary)
    publish_announcement(row, actor=world.secretary)
    correct_announcement(row, title="停电", text="停电", visible_until=None, note="题目", actor=world.secretary)
    withdraw_announcement(row, reason="改期", actor=world.secretary)
    found = AuditEvent.objects.filter(object_kind="announcement").order_by("pk").values_list("action", flat=True)
    assert [action.removeprefix("announcement.") for action in found] == [
        "draft", "discard", "draft", "edit", "publish", "correct", "withdraw",
    ]  # fmt: skip


# ---------------------------------------------------------------- reading
def test_pinned_come_first_and_what_is_over_moves_to_the_past(world: World) -> None:
    here = place_of(f"b{world.building.pk}")
    announcement(world, title="停电", visible_until=clock.today())
    announcement(world, title="体检", is_pinned=True)
    announcement(world, title="政策", visible_until=None)
    assert [row.title for row in public_announcements(here)] == ["体检", "政策", "停电"]
    with time_machine.travel(clock.now() + timedelta(days=1), tick=False):
        assert [row.title for row in public_announcements(here)] == ["体检", "政策"]
        assert [row.title for row in public_announcements(here, over=True)] == ["停电"]


def test_who_has_not_said_where_reads_first_what_is_for_the_whole_district(world: World) -> None:
    for title, by, area, is_pinned in (
        ("全区一", "center", world.district_area, True), ("全区二", "center", world.district_area, False),
        ("社区置顶", "secretary", world.community, True), ("社区", "secretary", world.community, False),
    ):  # fmt: skip
        announcement(world, by=by, title=title, is_pinned=is_pinned, audience=Audience(areas=frozenset({area.pk})))
    assert [row.title for row in public_announcements(None)] == ["全区一", "全区二", "社区", "社区置顶"]


def test_a_place_is_addressed_by_everything_above_it(world: World) -> None:
    for name, by, area in (
        ("全区", "center", world.district_area), ("街道", "dispatcher", world.street),
        ("社区", "secretary", world.community), ("网格", "leader", world.grid),
        ("邻格", "secretary", world.grid2), ("外街", "other_dispatcher", world.other_street),
    ):  # fmt: skip
        announcement(world, by=by, title=name, audience=Audience(areas=frozenset({area.pk})))
    assert names(public_announcements(place_of(f"b{world.building.pk}"))) == {"全区", "街道", "社区", "网格"}
    # A compound that lies over two grids, and its community, read what addresses either.
    over_both = {"全区", "街道", "社区", "网格", "邻格"}
    assert names(public_announcements(place_of(f"x{world.compound.pk}"))) == over_both
    assert names(public_announcements(place_of(f"a{world.community.pk}"))) == over_both
    assert names(public_announcements(None)) == {*over_both, "外街"}


@pytest.mark.parametrize("code", ["", "b", "b0", "z1", "b1;drop", "a999999", "x999999999", "b" + "9" * 30])
def test_a_place_that_is_none_is_no_place(world: World, code: str) -> None:
    assert place_of(code) is None


def test_only_who_was_addressed_can_confirm_and_once_is_enough(world: World) -> None:
    row = announcement(world, wants_receipt=True)
    assert confirm_reading(row, actor=world.handler) is False
    assert unread_count(world.worker) == 1
    assert confirm_reading(row, actor=world.worker) is True
    first = row.deliveries.get(membership=world.members["worker"]).read_at
    with time_machine.travel(clock.now() + timedelta(hours=1), tick=False):
        confirm_reading(row, actor=world.worker)
    assert row.deliveries.get(membership=world.members["worker"]).read_at == first
    assert unread_count(world.worker) == 0


def test_a_last_day_that_has_passed_and_empty_words_are_refused_by_field(world: World) -> None:
    with pytest.raises(Invalid) as refused:
        announcement_draft(world, title=" ", text="", visible_until=clock.today() - timedelta(days=1))
    assert set(refused.value.fields) == {"title", "text", "visible_until"}


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("五号楼停水通知", "outage"), ("汛期安全提醒", "safety"), ("老年人免费体检", "activity"),
        ("居民医保缴费开始", "policy"), ("值班电话", "other"),
    ],
)  # fmt: skip
def test_the_kind_is_read_from_the_title(title: str, kind: str) -> None:
    assert guess_kind(title) == kind
