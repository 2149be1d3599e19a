"""三级力量清单 (S3-28) and what residents see of it (S2-20b)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from governance.kernel.models import AuditEvent
from governance.privacy.models import Disclosure
from grids.posts.actions.erase import due_forces, erase_forces
from grids.posts.actions.forces import ForceDetails, edit_force, end_force, reveal_force_phone
from grids.posts.following import forces_follow
from grids.posts.models import Force
from grids.posts.policies import ForcePolicy, find_force
from grids.posts.queries import helpers_for, public_forces, skills_in, skills_of
from grids.posts.skills import called_for, split
from grids.reference import territory
from grids.territory.following import Moved
from tests.posts.cast import PHONE, force


def ref(area):
    return territory().areas[area.pk]


def test_forces_with_the_skill_are_listed_grid_first_then_community_then_street(world):
    street = force(world.street, world.dispatcher, name="街道抢修队", skills=["电工"])
    community = force(world.community, world.secretary, name="社区水电队", skills=["电工", "水暖"])
    grid = force(world.grid, world.worker, skills=["电工"])
    force(world.grid, world.worker, name="李护士", skills=["急救"])
    force(world.grid2, world.secretary, name="隔壁电工", skills=["电工"])
    force(world.other_street, world.other_dispatcher, name="远处电工", skills=["电工"])
    assert list(helpers_for(ref(world.grid), "电工")) == [grid, community, street]
    assert len(helpers_for(ref(world.grid))) == 4


def test_an_ended_force_is_offered_no_more(world):
    row = force(world.grid, world.worker, skills=["电工"])
    end_force(row, actor=world.worker)
    assert list(helpers_for(ref(world.grid), "电工")) == []
    assert skills_in([world.grid.pk]) == []
    with pytest.raises(DomainError) as refused:
        end_force(row, actor=world.worker)
    assert refused.value.code == "force_ended"


def test_the_words_of_a_matter_call_for_a_skill():
    assert called_for("楼道的灯不亮了", ["急救", "电工"]) == ["电工"]
    assert called_for("请来个水暖师傅，灯也坏了", ["电工", "水暖"]) == ["水暖", "电工"]
    assert called_for("公园里很吵", ["电工"]) == []
    assert split("电工、 急救，电工") == ["电工", "急救"]


def test_without_consent_to_publish_the_phone_residents_read_name_and_role_alone(world):
    force(world.grid, world.worker, name="王警官", role="社区民警", kind="police", is_public=True, contact="内勤")
    force(world.grid, world.worker, name="不公开的人")
    (shown,) = public_forces(world.grid.pk)
    assert (shown.name, shown.role, shown.phone, shown.contact) == ("王警官", "社区民警", "", "")
    assert shown.agreed_on == clock.today()


def test_with_consent_the_phone_is_published_and_may_be_taken_back(world):
    row = force(world.community, world.secretary, is_public=True, publishes_phone=True, agreed_on=date(2026, 1, 5))
    assert public_forces(world.grid.pk)[0].phone == PHONE
    edit_force(row, ForceDetails("volunteer", "孙师傅", "水电志愿者", phone=PHONE, is_public=True), actor=world.staff)
    (shown,) = public_forces(world.grid.pk)
    assert (shown.phone, shown.agreed_on) == ("", date(2026, 1, 5))
    edit_force(row, ForceDetails("volunteer", "孙师傅", "水电志愿者", phone=PHONE), actor=world.staff)
    assert public_forces(world.grid.pk) == []
    assert Force.objects.get().agreed_on is None


def test_residents_of_another_grid_read_the_community_but_not_the_neighbours_grid(world):
    force(world.grid, world.worker, is_public=True)
    force(world.community, world.secretary, name="社区律师", is_public=True)
    assert [row.name for row in public_forces(world.grid2.pk)] == ["社区律师"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"kind": "army"}, "kind"),
        ({"name": " "}, "name"),
        ({"role": ""}, "role"),
        ({"headcount": 0}, "headcount"),
        ({"phone": "打社区电话"}, "phone"),
        ({"phone": "137****5678"}, "phone"),
        ({"phone": "", "is_public": True, "publishes_phone": True}, "phone"),
        ({"publishes_phone": True}, "publishes_phone"),
        ({"is_public": True, "agreed_on": date(2099, 1, 1)}, "agreed_on"),
        ({"skills": ["会修各种各样的大家电和小家电"]}, "skills"),
        ({"skills": list("一二三四五六七八九")}, "skills"),
        ({"availability": "周末" * 31}, "availability"),
    ],
)
def test_what_cannot_be_right_is_said_at_its_field(world, said, field):
    with pytest.raises(Invalid) as refused:
        force(world.grid, world.worker, **said)
    assert field in refused.value.fields
    assert not Force.objects.exists()


def test_each_keeps_the_own_place_and_below_and_reads_upwards(world):
    own = force(world.grid, world.worker)
    street = force(world.street, world.dispatcher, name="街道抢修队")
    other = force(world.other_street, world.other_dispatcher, name="远处的队")
    assert {row.pk for row in ForcePolicy.visible(world.worker)} == {own.pk, street.pk}
    assert {row.pk for row in ForcePolicy.visible(world.official)} == {own.pk, street.pk, other.pk}
    details = ForceDetails("volunteer", "改名队", "水电")
    with pytest.raises(NotFound):
        edit_force(street, details, actor=world.worker)
    with pytest.raises(NotFound):
        find_force(world.worker, other.pk)
    with pytest.raises(NotAllowed):
        edit_force(own, details, actor=world.official)
    with pytest.raises(NotAllowed):
        find_force(world.handler, own.pk)
    assert edit_force(own, details, actor=world.dispatcher).name == "改名队"


def test_a_department_or_the_district_has_no_list(world):
    with pytest.raises(NotFound):
        force(world.district_area, world.dispatcher)


def test_a_number_is_opened_with_a_reason_and_written_down(world):
    row = force(world.grid, world.worker)
    with pytest.raises(Invalid):
        reveal_force_phone(row, reason="", actor=world.worker)
    assert reveal_force_phone(row, reason="emergency", actor=world.worker) == PHONE
    found = Disclosure.objects.get()
    assert (found.object_kind, found.object_id, found.field) == ("force", row.pk, "phone")
    events = AuditEvent.objects.filter(object_kind="force", object_id=row.pk)
    assert not any(PHONE in str(event.__dict__) or "孙师傅" in str(event.__dict__) for event in events)


def test_name_and_number_go_after_the_term(world):
    row, here = force(world.grid, world.worker, contact="孙太太"), force(world.grid, world.worker, name="还在的人")
    end_force(row, actor=world.worker)
    later = clock.now() + timedelta(days=2)
    assert due_forces(later) == [row.pk]
    assert erase_forces([row.pk, here.pk]) == (1, {"forces": 1})
    row.refresh_from_db()
    here.refresh_from_db()
    assert (row.name, row.contact, row.phone, row.phone_hash, here.name) == ("", "", "", "", "还在的人")
    assert due_forces(later) == []


def test_skills_of_many_are_read_at_once(world):
    rows = [force(world.grid, world.worker, name=f"第{n}队", skills=["电工", "水暖"]) for n in range(5)]
    with CaptureQueriesContext(connection) as found:
        skills = skills_of(rows)
    assert (len(found), skills[rows[4].pk]) == (1, ["电工", "水暖"])
    edit_force(rows[0], ForceDetails("volunteer", "第0队", "水电", skills=["水暖", "木工"]), actor=world.worker)
    assert sorted(skills_of(rows[:1])[rows[0].pk]) == ["木工", "水暖"]


def test_the_forces_of_a_grid_that_ends_go_to_its_heir_and_stay_after_a_split(world):
    row = force(world.grid, world.worker)
    assert forces_follow(Moved(world.grid, {}, None, world.dispatcher)) == 0
    assert forces_follow(Moved(world.grid, {}, world.grid2, world.dispatcher)) == 1
    row.refresh_from_db()
    assert row.area_id == world.grid2.pk
