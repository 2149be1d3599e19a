"""Who holds which post, from when to when, and what that lets them do."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from governance.accounts.actions.create_staff import create_staff
from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from grids.actions.posts import assign_post, end_assignment
from grids.models import Post, PostAssignment
from grids.reference import territory
from tests.world import World


def _post(world: World, organization_id: int, kind: str) -> Post:
    return Post.objects.get(organization_id=organization_id, kind=kind)


def _empty_post(world: World) -> Post:
    return _post(world, world.organizations[world.grid2.pk].pk, "grid_worker")


def test_new_holder_acts_from_the_first_day(world: World) -> None:
    post, today = _empty_post(world), clock.today()
    assert territory().handler(post.organization_id) is None
    assign_post(post, membership=world.members["worker"], since=today, actor=world.admin)
    assert {role.area_id for role in world.actor("worker").roles} == {world.grid.pk, world.grid2.pk}
    holder = territory().handler(post.organization_id)
    assert holder is not None
    assert holder.membership_id == world.members["worker"].pk


def test_future_holder_does_not_act_yet(world: World) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    assign_post(_empty_post(world), membership=world.members["worker"], since=tomorrow, actor=world.admin)
    assert {role.area_id for role in world.actor("worker").roles} == {world.grid.pk}


def test_ended_assignment_no_longer_acts(world: World) -> None:
    assignment = PostAssignment.objects.get(membership=world.members["worker"])
    end_assignment(assignment, until=clock.today() - timedelta(days=1), actor=world.admin)
    assert world.actor("worker").roles == ()
    leader = territory().handler(world.grid_team.pk)
    assert leader is not None
    assert leader.kind == "grid_leader"


def test_last_day_still_counts(world: World) -> None:
    assignment = PostAssignment.objects.get(membership=world.members["worker"])
    end_assignment(assignment, until=clock.today(), actor=world.admin)
    assert world.actor("worker").role_kinds == {"grid_worker"}


def test_inactive_member_holds_nothing(world: World) -> None:
    from governance.kernel.reference import bump_reference

    member = world.members["worker"]
    member.is_active = False
    member.save()
    bump_reference()
    assert world.actor("worker").roles == ()


def test_only_the_administrator_changes_posts(world: World) -> None:
    assignment = PostAssignment.objects.get(membership=world.members["worker"])
    with pytest.raises(NotAllowed):
        assign_post(
            _empty_post(world), membership=world.members["worker"], since=clock.today(), actor=world.street_leader
        )
    with pytest.raises(NotAllowed):
        end_assignment(assignment, until=clock.today(), actor=world.official)
    assignment.refresh_from_db()
    assert assignment.until is None


def test_nobody_holds_a_post_twice(world: World) -> None:
    post = _post(world, world.grid_team.pk, "grid_worker")
    with pytest.raises(DomainError) as refused:
        assign_post(post, membership=world.members["worker"], since=clock.today(), actor=world.admin)
    assert refused.value.code == "already_in_post"


def test_ended_post_and_inactive_people_are_refused(world: World) -> None:
    post = _empty_post(world)
    Post.objects.filter(pk=post.pk).update(ended_on=date(2026, 1, 1))
    post.refresh_from_db()
    with pytest.raises(Invalid) as refused:
        assign_post(post, membership=world.members["worker"], since=clock.today(), actor=world.admin)
    assert refused.value.code == "post_ended"
    member = world.members["handler"]
    member.is_active = False
    with pytest.raises(Invalid) as refused:
        assign_post(
            _post(world, world.grid_team.pk, "grid_worker"), membership=member, since=clock.today(), actor=world.admin
        )
    assert refused.value.code == "not_staff"


def test_assignment_cannot_end_before_it_began_nor_twice(world: World) -> None:
    assignment = PostAssignment.objects.get(membership=world.members["worker"])
    with pytest.raises(Invalid):
        end_assignment(assignment, until=assignment.since - timedelta(days=1), actor=world.admin)
    end_assignment(assignment, until=date(2026, 3, 1), actor=world.admin)
    with pytest.raises(DomainError) as refused:
        end_assignment(assignment, until=date(2026, 4, 1), actor=world.admin)
    assert refused.value.code == "assignment_ended"


def test_each_change_is_audited_without_names(world: World) -> None:
    assignment = assign_post(
        _empty_post(world), membership=world.members["worker"], since=clock.today(), actor=world.admin
    )
    end_assignment(assignment, until=clock.today(), actor=world.admin)
    rows = AuditEvent.objects.filter(object_kind="post_assignment", object_id=assignment.pk).order_by("id")
    assert [row.action for row in rows] == ["post.assign", "post.end"]
    assert {row.actor for row in rows} == {world.admin.principal}
    assert "周" not in str([row.detail for row in rows])


def test_new_member_of_staff_can_be_put_into_a_post(world: World) -> None:
    member = create_staff(
        handle="zhang.san", name="张三", phone="１３８ 0000 1234", password="a-long-enough-word-7", actor=world.admin
    )
    assert member.user.check_password("a-long-enough-word-7")
    staff = member.staff_rows.get()
    assert (staff.name, staff.phone) == ("张三", "13800001234")
    assign_post(_empty_post(world), membership=member, since=clock.today(), actor=world.admin)
    assert territory().handler(world.organizations[world.grid2.pk].pk).name == "张三"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"handle": "张三", "name": "张三"}, "handle"),
        ({"handle": "zhang.san", "name": " "}, "name"),
        ({"handle": "zhang.san", "name": "张三", "password": "short"}, "password"),
    ],
)
def test_unacceptable_person_is_refused_by_field(world: World, given: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        create_staff(**given, actor=world.admin)
    assert set(refused.value.fields) == {field}


def test_handle_is_given_once_and_by_the_administrator_alone(world: World) -> None:
    with pytest.raises(DomainError) as refused:
        create_staff(handle="t1-worker", name="张三", actor=world.admin)
    assert refused.value.code == "handle_taken"
    with pytest.raises(NotAllowed):
        create_staff(handle="zhang.san", name="张三", actor=world.center)
