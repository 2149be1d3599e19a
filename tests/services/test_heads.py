"""Heads of buildings and units: appointed by the administrator, told with their buildings, handling nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import clear_script_prefix, reverse

from governance.accounts.models import Membership, Notice, User
from governance.kernel import clock, reference
from governance.kernel.actors import HEADS
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_scope, no_district
from grids.actions.buildings import end_building, move_buildings, update_building
from grids.actions.heads import appoint_head, invite_head
from grids.actions.posts import create_post, end_assignment
from grids.heads import heads, held, serving
from grids.models import Building, Post, PostAssignment
from grids.queries import actor_for
from grids.reference import territory
from requests_intake.models import Ticket
from requests_intake.policies import TicketPolicy
from services.actions.announcements import confirm_reading
from services.audience import Audience, heads_of, reach_of
from services.models import Delivery
from tests.addressed import objects_of
from tests.cases import announcement, announcement_draft, report
from tests.matrix import rows
from tests.test_permission_matrix import bodies, path_of
from tests.world import World, make_district

pytestmark = pytest.mark.django_db


def head_of(world: World, building: Building, unit: int | None = None, name: str = "赵") -> Membership:
    handle = f"{world.district.code}-h{User.objects.count()}"
    member, _token = invite_head(
        building, unit=unit, since=clock.today(), handle=handle, name=f"{name}{unit or '楼长'}", actor=world.admin
    )
    return member


def staff_client(world: World, member: Membership) -> Client:
    world.users["head"] = User.objects.get(pk=member.user_id)
    world.members["head"] = member
    client = Client(raise_request_exception=False)
    world.sign_in(client, "head")
    return client


@pytest.fixture
def b3(world: World) -> list[Membership]:
    """Building 3 of the first compound with heads of its three units."""
    building = world.buildings[2]
    Building.objects.filter(pk=building.pk).update(unit_count=3)
    return [head_of(world, building, unit) for unit in (1, 2, 3)]


# ---------------------------------------------------------------- delivery
def test_a_notice_to_building_b3_reaches_its_three_unit_heads_and_the_list_says_three_of_three(
    world: World, b3: list[Membership], client: Client
) -> None:
    row = announcement(world, audience=Audience(buildings=frozenset({world.buildings[2].pk})), wants_receipt=True)
    told = row.deliveries.filter(post_kind="unit_head")
    assert {each.membership_id for each in told} == {member.pk for member in b3}
    assert all(each.delivered_at for each in told)
    notices = Notice.objects.filter(membership__in=b3, kind="announcement")
    assert sorted(notices.values_list("path", flat=True)) == [f"/m/announcements/{row.number}/"] * 3
    confirm_reading(row, actor=actor_for(b3[0]))
    world.sign_in(client, "secretary")
    page = client.get(f"/d/{world.district.code}/desk/announcements/{row.number}/").content.decode()
    assert "已送达 3/3" in page
    assert page.index("赵1") < page.index("赵2") < page.index("赵3"), "as addressed, not by receipts"
    assert "%" not in page.split("已送达")[1].split("</section>")[0], "facts of delivery, no rates"


def test_beside_others_the_list_counts_each_kind_of_post(world: World, client: Client) -> None:
    head_of(world, world.building, 1)
    row = announcement(world)
    world.sign_in(client, "secretary")
    page = client.get(f"/d/{world.district.code}/desk/announcements/{row.number}/").content.decode()
    assert "已送达 3/3" in page
    assert "网格员 1/1 · 网格长 1/1 · 单元长 1/1" in page


def test_unit_heads_of_one_building_alone_can_be_addressed(world: World, b3: list[Membership]) -> None:
    head_of(world, world.buildings[0], 1, "钱")
    audience = Audience(heads=frozenset({("unit_head", world.buildings[2].pk)}))
    row = announcement(world, audience=audience)
    assert (row.is_public, row.deliveries.count()) == (False, 3)
    assert {each.membership_id for each in row.deliveries.all()} == {member.pk for member in b3}


def test_heads_of_all_buildings_of_an_area_are_told_and_those_of_no_other(world: World, b3: list[Membership]) -> None:
    elsewhere = head_of(world, world.buildings[8], None, "孙")
    whole = {head.membership_id for head in heads_of(Audience(areas=frozenset({world.community.pk})))}
    assert whole == {member.pk for member in b3}
    by_post = Audience(posts=frozenset({("building_head", world.district_area.pk)}))
    assert [head.membership_id for head in heads_of(by_post)] == [elsewhere.pk]
    next_door = Audience(buildings=frozenset({world.buildings[0].pk}))
    assert heads_of(next_door) == []
    reach = reach_of(Audience(areas=frozenset({world.community.pk})))
    assert (reach.staff, reach.heads) == (2, 3)


def test_an_office_addresses_no_heads_outside_its_place(world: World, b3: list[Membership]) -> None:
    outside = Audience(heads=frozenset({("building_head", world.buildings[15].pk)}))
    with pytest.raises(Invalid):
        announcement_draft(world, audience=outside)


def test_a_head_who_has_left_is_told_no_more(world: World, b3: list[Membership]) -> None:
    held_row = PostAssignment.objects.get(membership=b3[0])
    PostAssignment.objects.filter(pk=held_row.pk).update(since=clock.today() - timedelta(days=9))
    end_assignment(held_row, until=clock.today() - timedelta(days=1), actor=world.admin)
    row = announcement(world, audience=Audience(buildings=frozenset({world.buildings[2].pk})))
    assert row.deliveries.filter(post_kind="unit_head").count() == 2


def test_the_form_addresses_the_unit_heads_of_the_ticked_building(
    world: World, b3: list[Membership], client: Client
) -> None:
    world.sign_in(client, "secretary")
    said = {
        "organization": world.committee.pk, "title": "单元长碰头会", "text": "周五晚七点，居委会二楼。", "to": "staff",
        "buildings": [world.buildings[2].pk], "posts": ["unit_head"], "kind": "", "idempotency_key": "a" * 12,
    }  # fmt: skip
    answered = client.post(f"/d/{world.district.code}/desk/announcements/", said)
    assert answered.status_code == 302, answered.content.decode()[:400]
    page = client.get(answered.headers["Location"]).content.decode()
    assert "赵2（春晓花园3号楼2单元长）" in page


# ---------------------------------------------------------------- the register of heads
def test_only_the_administrator_appoints(world: World) -> None:
    with pytest.raises(NotAllowed):
        appoint_head(
            world.building, unit=None, membership=world.members["staff"], since=clock.today(), actor=world.secretary
        )
    assert not Post.objects.filter(kind__in=HEADS).exists()


def test_one_head_at_a_time_and_no_unit_that_is_not_there(world: World) -> None:
    first = head_of(world, world.building)
    with pytest.raises(DomainError) as refused:
        head_of(world, world.building)
    assert refused.value.code == "head_there"
    with pytest.raises(DomainError) as refused:
        head_of(world, world.building, 3)
    assert refused.value.fields["post"] == ["这栋楼没有 3 单元。"]
    # The same person may head a unit as well.
    appoint_head(
        world.building, unit=2, membership=Membership.objects.get(pk=first.pk), since=clock.today(), actor=world.admin
    )
    assert [head.unit for head in held(first.pk)] == [None, 2]
    assert AuditEvent.objects.filter(action="post.create").count() == 2


@pytest.mark.parametrize("wrong", [{"kind": "grid_worker", "unit": None}, {"kind": "building_head", "unit": 1}])
def test_the_database_knows_which_posts_point_to_a_building(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="post_head_of_a_building"), transaction.atomic():
        Post.objects.create(organization=world.grid_team, name="甲", building=world.building, **wrong)
    with pytest.raises(IntegrityError, match="post_head_of_a_building"), transaction.atomic():
        Post.objects.create(organization=world.grid_team, name="乙", kind="unit_head")


def test_a_head_follows_the_building_and_ends_with_it(world: World) -> None:
    member, building = head_of(world, world.building), world.building
    move_buildings([building.pk], grid=world.grids[1], actor=world.admin)
    (head,) = held(member.pk)
    assert head.organization_id == world.organizations[world.grids[1].pk].pk
    building.refresh_from_db()
    facts = {"compound": building.compound, "number": building.number, "name": "钟楼", "unit_count": 2}
    update_building(building, grid=world.grids[1], actor=world.admin, **facts)
    assert held(member.pk)[0].post_name == "钟楼楼栋长"
    end_building(building, actor=world.admin)
    assert held(member.pk) == []
    assert PostAssignment.objects.get(membership=member).until == clock.today()


def test_heads_handle_nothing_and_miss_nowhere(world: World) -> None:
    team = world.grid_team
    before = (territory().posts[team.pk], territory().handler(team.pk), territory().serving(team.pk))
    member = head_of(world, world.building)
    assert (territory().posts[team.pk], territory().handler(team.pk), territory().serving(team.pk)) == before
    report(world)
    actor = actor_for(member)
    assert actor.role_kinds == {"building_head"}
    assert (Ticket.objects.count(), TicketPolicy.visible(actor).count()) == (1, 0)
    with pytest.raises(Invalid):
        create_post(team, kind="unit_head", name="单元长", is_leader=False, actor=world.admin)


def test_heads_of_another_district_are_not_there(world: World) -> None:
    member = head_of(world, world.building)
    other = make_district("t2", 2)
    with district_scope(other.district):
        assert serving([world.building.pk]) == []
        assert member.pk not in heads().of_member
        assert not Post.objects.filter(kind__in=HEADS).exists()


# ---------------------------------------------------------------- the administrator's pages
def page_of(world: World, name: str, *args: Any) -> str:
    clear_script_prefix()  # the last request left its own
    return f"/d/{world.district.code}{reverse(name, args=args)}"


def test_the_administrator_invites_a_head_from_the_building(world: World, client: Client) -> None:
    world.sign_in(client, "admin")
    address = page_of(world, "manage:head_new", world.building.pk)
    said = {"post": "2", "name": "李大妈", "phone": "13800005678", "since": clock.today().isoformat(), "member": ""}
    refused = client.post(address, {**said, "post": "7", "idempotency_key": "k1"})
    assert refused.status_code == 422
    assert "没有这个单元" in refused.content.decode()
    assert "李大妈" in refused.content.decode()
    page = client.post(address, {**said, "idempotency_key": "k2"})
    assert (page.status_code, "/invitation/" in page.content.decode()) == (200, True)
    reference.forget_everything()
    (head,) = serving([world.building.pk])
    assert (head.name, head.kind, head.unit) == ("李大妈", "unit_head", 2)
    shown = client.get(page_of(world, "manage:building", world.building.pk)).content.decode()
    assert "李大妈" in shown
    assert "13800005678" not in shown
    # Sent twice it happens once.
    client.post(address, {**said, "idempotency_key": "k2"})
    assert PostAssignment.objects.filter(post__kind="unit_head").count() == 1


def test_somebody_known_is_appointed_by_account_and_name(world: World, client: Client) -> None:
    member = head_of(world, world.building, 1, "周")
    world.sign_in(client, "admin")
    address = page_of(world, "manage:head_new", world.building.pk)
    said = {"post": "0", "since": clock.today().isoformat(), "member": User.objects.get(pk=member.user_id).handle}
    refused = client.post(address, {**said, "name": "别人", "idempotency_key": "k1"})
    assert (refused.status_code, "请核对" in refused.content.decode()) == (422, True)
    done = client.post(address, {**said, "name": "周1", "idempotency_key": "k2"})
    assert done.status_code == 302
    reference.forget_everything()
    assert [head.unit for head in held(member.pk)] == [None, 1]


def test_a_building_that_ended_or_of_another_district_gets_no_head(world: World, client: Client) -> None:
    world.sign_in(client, "admin")
    other = make_district("t2", 2)
    assert client.get(page_of(world, "manage:head_new", other.building.pk)).status_code == 404
    end_building(world.building, actor=world.admin)
    assert client.get(page_of(world, "manage:head_new", world.building.pk)).status_code == 404


# ---------------------------------------------------------------- their phone
def test_a_head_signs_in_to_the_own_building(world: World) -> None:
    client = staff_client(world, head_of(world, world.building, 2))
    row = announcement(world)
    home = client.get(f"/d/{world.district.code}/home/")
    assert home.headers["Location"] == f"/d/{world.district.code}/m/building/"
    page = client.get(home.headers["Location"]).content.decode()
    assert "春晓花园1号楼" in page
    assert row.title in page
    read = client.post(page_of(world, "services_worker:read", row.number))
    assert read.status_code == 302
    assert Delivery.objects.get(post_kind="unit_head").read_version == 1
    for name in ("services_worker:announcements", "worker:notices", "worker:building_report"):
        assert client.get(page_of(world, name)).status_code == 200, name


def test_the_first_page_takes_as_many_statements_for_many_announcements_as_for_one(world: World) -> None:
    member = head_of(world, world.building)
    appoint_head(world.buildings[1], unit=1, membership=member, since=clock.today(), actor=world.admin)
    client = staff_client(world, member)
    announcement(world)

    def statements() -> int:
        client.get(page_of(world, "worker:building"))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(page_of(world, "worker:building")).status_code == 200
        return len(captured.captured_queries)

    with_one = statements()
    for _number in range(4):
        announcement(world)
    assert statements() == with_one


def test_a_head_reports_as_a_resident_of_the_own_building_only(world: World) -> None:
    member = head_of(world, world.building)
    client = staff_client(world, member)
    address = page_of(world, "worker:building_report")
    said = {"place": world.building.pk, "content": "门禁坏了，门关不上。", "phone": "13900001111"}
    for wrong, sentence in (
        ({"place": world.buildings[1].pk}, "这不是您的楼。"), ({"content": ""}, "请拍一张，或者说一句。"),
        ({"phone": "12"}, "电话号码不对"),
    ):  # fmt: skip
        page = client.post(address, {**said, **wrong, "idempotency_key": "k0"})
        assert (page.status_code, sentence in page.content.decode()) == (422, True), sentence
    assert client.post(address, {**said, "idempotency_key": "k1"}).status_code == 302
    assert client.post(address, {**said, "idempotency_key": "k1"}).status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.building_id, ticket.channel, ticket.recorded_by_id) == (world.building.pk, "web", None)
    assert TicketPolicy.visible(actor_for(member)).count() == 0


# Every other surface is the staff's, also one that comes later; the API is asked with its own tokens elsewhere.
OPEN_SURFACES = (
    "accounts", "admin", "api", "help", "resident", "services", "setup", "talk",
    "services_worker",  # notices for those who live and work there
)  # fmt: skip
OPEN_TO_HEADS = {
    "worker:building", "worker:building_report", "worker:building_round", "worker:building_matters",
    "worker:notices", "worker:open_notice", "worker:read_all",
    "desk:notices", "desk:read_notices",  # their own messages, as every member's
    "worker:manifest", "worker:service_worker", "worker:offline",  # the application itself, nobody's data
    "worker:outbox",  # what their own phone has not sent yet
}  # fmt: skip


def test_a_head_enters_none_of_the_surfaces_of_staff(world: World, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    client = staff_client(world, head_of(world, world.building))
    ticket = report(world)
    values = {"number": ticket.number, "photo": 1, "notice": 1, "objects": objects_of(world)}
    said, entered, asked = bodies(world), [], 0
    with no_district():
        for name, method, _statuses in rows():
            surface = name.partition(":")[0]
            if ":" not in name or surface in OPEN_SURFACES or name in OPEN_TO_HEADS:
                continue
            path = f"/d/{world.district.code}{path_of(name, values)}"
            with transaction.atomic():
                response = client.get(path) if method == "GET" else client.post(path, said.get(name, {}))
                transaction.set_rollback(True)
            asked += 1
            if response.status_code not in (403, 404):
                entered.append((name, method, response.status_code))
    assert asked > 400
    assert entered == []
