"""Organizations, posts, days away and leaving: what each of them changes for the work."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_scope
from grids.actions.absences import end_absence, record_absence
from grids.actions.organizations import create_organization, update_organization
from grids.actions.posts import assign_post, create_post, end_post, rename_post
from grids.models import Absence, Organization, Post, PostAssignment
from grids.reference import territory
from requests_intake.actions.dispatch import dispatch_ticket
from requests_intake.actions.handover import end_organization, hand_over
from requests_intake.models import TicketTransition, WorkOrder
from requests_intake.policies import TicketPolicy
from tests.cases import report
from tests.world import World, make_district

DAY = timedelta(days=1)


def away(world: World, who: str, deputy: str | None = None, **changes: object) -> Absence:
    values = {"since": clock.today(), "until": clock.today() + 3 * DAY, "actor": world.admin, **changes}
    return record_absence(world.members[who], deputy=world.members[deputy] if deputy else None, **values)


def post_of(organization: Organization, kind: str) -> Post:
    return Post.objects.get(organization=organization, kind=kind)


def assignee(ticket: object) -> int | None:
    return WorkOrder.objects.get(ticket=ticket, ended_at=None).assignee_id


# ---------------------------------------------------------------- organizations
def found_department(world: World, **changes: object) -> Organization:
    values = {"name": "区园林局", "kind": "department", "area": world.district_area, "department_kind": "garden"}
    return create_organization(**{**values, "actor": world.admin, **changes})


def test_new_department_is_vacant_and_takes_orders(world: World) -> None:
    department = found_department(world)
    assert (department.level, department.parent_id) == ("department", world.center_office.pk)
    assert [post.is_leader for post in Post.objects.filter(organization=department).order_by("pk")] == [False, True]
    assert territory().handler(department.pk) is None
    ticket = dispatch_ticket(report(world), organization_id=department.pk, actor=world.center)
    assert ticket.organization_id == department.pk
    assert not TicketPolicy.visible(world.actor("handler")).filter(pk=ticket.pk).exists()
    post = post_of(department, "department_handler")
    assign_post(post, membership=world.members["handler"], since=clock.today(), actor=world.admin)
    assert TicketPolicy.visible(world.actor("handler")).filter(pk=ticket.pk).exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"kind": "street_office"}, "own_organization"),
        ({"department_kind": ""}, "trade_missing"),
        ({"name": " "}, "name_missing"),
        ({"name": "区自来水公司"}, "organization_name_taken"),
    ],
)
def test_wrong_organization_is_refused(world: World, changes: dict[str, str], code: str) -> None:
    with pytest.raises(DomainError) as refused:
        found_department(world, **changes)
    assert refused.value.code == code


def test_own_organization_keeps_its_area_and_shows_its_new_phone(world: World) -> None:
    update_organization(
        world.committee, name="春晓居委会", phone="000-1234", area=world.other_street, actor=world.admin
    )
    ref = territory().organizations[world.committee.pk]
    assert (ref.name, ref.phone, ref.area_id) == ("春晓居委会", "000-1234", world.community.pk)
    with pytest.raises(Invalid):
        end_organization(world.committee, actor=world.admin)


def test_organization_with_open_orders_cannot_end(world: World) -> None:
    department = found_department(world)
    ticket = dispatch_ticket(report(world), organization_id=department.pk, actor=world.center)
    with pytest.raises(DomainError) as refused:
        end_organization(department, actor=world.admin)
    assert (refused.value.code, refused.value.data["count"]) == ("open_orders", 1)
    dispatch_ticket(ticket, organization_id=world.water.pk, actor=world.center)
    end_organization(department, actor=world.admin)
    assert department.pk not in territory().organizations
    assert not Post.objects.filter(organization=department, ended_on=None).exists()


# ---------------------------------------------------------------- posts
def test_posts_are_made_renamed_and_ended(world: World) -> None:
    post = create_post(world.water, kind="department_handler", name="夜班承办人", is_leader=False, actor=world.admin)
    assert rename_post(post, name="晚班承办人", actor=world.admin).name == "晚班承办人"
    with pytest.raises(Invalid):
        create_post(world.water, kind="grid_worker", name="网格员", is_leader=False, actor=world.admin)
    with pytest.raises(DomainError):
        rename_post(post, name="承办人", actor=world.admin)
    end_post(post, actor=world.admin)
    assert territory().posts[world.water.pk] == 2
    held = Post.objects.get(organization=world.water, name="承办人")
    with pytest.raises(DomainError) as refused:
        end_post(held, actor=world.admin)
    assert refused.value.code == "post_held"


def test_a_leader_comes_after_the_one_before(world: World) -> None:
    post = post_of(world.water, "department_leader")
    with pytest.raises(DomainError) as refused:
        assign_post(post, membership=world.members["handler"], since=clock.today(), actor=world.admin)
    assert refused.value.code == "leader_overlaps"
    PostAssignment.objects.filter(post=post).update(until=clock.today())
    assign_post(post, membership=world.members["handler"], since=clock.today() + DAY, actor=world.admin)
    assert territory().leader(world.water.pk).membership_id == world.members["handler_leader"].pk
    assert territory().leader(world.water.pk, clock.today() + DAY).membership_id == world.members["handler"].pk


def test_an_administrator_gives_no_post_to_themselves(world: World) -> None:
    with pytest.raises(DomainError) as refused:
        assign_post(
            post_of(world.center_office, "district_dispatcher"), membership=world.members["admin"],
            since=clock.today(), actor=world.admin,
        )  # fmt: skip
    assert refused.value.code == "oneself"


# ---------------------------------------------------------------- days away
def test_the_deputy_acts_and_is_made_assignee(world: World) -> None:
    before = report(world)
    assert assignee(before) == world.members["worker"].pk
    away(world, "worker", "other_worker")
    actor = world.actor("other_worker")
    assert {role.area_id for role in actor.roles} == {world.grid.pk, world.other_grid.pk}
    assert TicketPolicy.visible(actor).filter(pk=before.pk).exists()
    assert assignee(report(world)) == world.members["other_worker"].pk
    holder = territory().handler(world.grid_team.pk)
    assert (holder.name, holder.kind) == ("许网格员", "grid_worker")


def test_nobody_away_is_chosen_and_the_deputy_goes_by_themselves(world: World) -> None:
    away(world, "worker")
    assert assignee(report(world)) == world.members["leader"].pk
    assert world.actor("other_worker").role_kinds == {"grid_worker"}
    after = clock.today() + 4 * DAY
    assert territory().handler(world.grid_team.pk, after).membership_id == world.members["worker"].pk


def test_a_coming_absence_changes_nothing_today(world: World) -> None:
    away(world, "worker", "other_worker", since=clock.today() + DAY)
    assert assignee(report(world)) == world.members["worker"].pk
    assert len(world.actor("other_worker").roles) == 1


def test_back_earlier(world: World) -> None:
    row = away(world, "worker", "other_worker", since=clock.today() - DAY)
    end_absence(row, actor=world.admin)
    assert assignee(report(world)) == world.members["worker"].pk
    assert len(world.actor("other_worker").roles) == 1
    with pytest.raises(DomainError):
        end_absence(row, actor=world.admin)


def test_contradictions_are_refused(world: World) -> None:
    away(world, "worker", "leader")
    for who, deputy, code in (
        ("worker", None, "absence_overlaps"),
        ("leader", None, "is_deputy"),
        ("staff", "worker", "deputy_absent"),
        ("staff", "staff", "own_deputy"),
        ("staff", "admin", "oneself"),
    ):
        with pytest.raises(DomainError) as refused:
            away(world, who, deputy)
        assert refused.value.code == code
    with pytest.raises(Invalid):
        away(world, "staff", until=clock.today() - DAY)


# ---------------------------------------------------------------- leaving
def test_a_leavers_orders_go_to_the_colleague_in_one_step(world: World) -> None:
    ticket = report(world)
    deputised = away(world, "other_worker", "worker")
    result = hand_over(
        world.members["worker"], until=clock.today() - DAY,
        to={world.grid_team.pk: world.members["leader"].pk}, actor=world.admin,
    )  # fmt: skip
    assert (result.posts, result.orders) == (1, 1)
    assert assignee(ticket) == world.members["leader"].pk
    assert world.actor("worker").roles == ()
    assert TicketTransition.objects.get(move="assign").actor_id == world.members["admin"].pk
    deputised.refresh_from_db()
    assert deputised.deputy_id is None


def test_orders_are_handed_to_nobody_from_elsewhere(world: World) -> None:
    ticket = report(world)
    for receiver in (None, world.members["handler"].pk, world.members["worker"].pk):
        with pytest.raises(Invalid):
            hand_over(
                world.members["worker"], until=clock.today(), to={world.grid_team.pk: receiver}, actor=world.admin
            )
    assert assignee(ticket) == world.members["worker"].pk
    assert world.actor("worker").role_kinds == {"grid_worker"}


def test_a_post_that_would_begin_later_is_taken_back(world: World) -> None:
    post = post_of(world.organizations[world.grid2.pk], "grid_worker")
    assign_post(post, membership=world.members["worker"], since=clock.today() + 9 * DAY, actor=world.admin)
    hand_over(world.members["worker"], until=clock.today(), to={}, actor=world.admin)
    assert PostAssignment.objects.get(membership=world.members["worker"]).until == clock.today()


# ---------------------------------------------------------------- who may, and the trace
def test_only_the_administrator(world: World) -> None:
    for act in (
        lambda actor: found_department(world, actor=actor),
        lambda actor: update_organization(world.water, name="x", actor=actor),
        lambda actor: end_organization(world.water, actor=actor),
        lambda actor: create_post(world.water, kind="department_handler", name="x", is_leader=False, actor=actor),
        lambda actor: end_post(post_of(world.committee, "community_staff"), actor=actor),
        lambda actor: away(world, "worker", actor=actor),
        lambda actor: hand_over(world.members["worker"], until=clock.today(), to={}, actor=actor),
    ):
        for name in ("official", "center", "auditor", "worker"):
            with pytest.raises(NotAllowed):
                act(world.actor(name))


def test_absences_stay_in_their_district(world: World) -> None:
    away(world, "worker", "other_worker")
    foreign = make_district("t2", 2)
    with district_scope(foreign.district):
        assert Absence.objects.count() == 0
        assert territory().absences == {}


def test_every_step_is_audited_without_names(world: World) -> None:
    department = found_department(world)
    end_organization(department, actor=world.admin)
    end_absence(away(world, "worker", "other_worker", reason="病假三天"), actor=world.admin)
    hand_over(world.members["worker"], until=clock.today(), to={}, actor=world.admin)
    rows = AuditEvent.objects.filter(actor=world.admin.principal)
    assert {
        "organization.create", "post.create", "post.abolish", "organization.end",
        "absence.record", "absence.end", "post.end", "staff.hand_over",
    } == {row.action for row in rows}  # fmt: skip
    assert not any(word in str([row.detail for row in rows]) for word in ("病假", "周", "园林"))
