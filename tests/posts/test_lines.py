"""管线 (S1-09a): every line of a community has an owner, or is marked 兼管."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotFound
from grids.actions.posts import end_assignment
from grids.models import PostAssignment
from grids.posts.actions.lines import set_business_lines, set_line_matrix
from grids.posts.lines import matrices, people_of
from grids.posts.models import BusinessLine, LineAssignment


@pytest.fixture
def lines(world):
    return {row.name: row for row in set_business_lines(["民政", "社保", "党建"], actor=world.admin)}


def member(world, name):
    return world.members[name].pk


def test_a_line_without_an_owner_blocks_saving_and_is_named(world, lines):
    owners = {lines["民政"].pk: [member(world, "staff")], lines["党建"].pk: [member(world, "secretary")]}
    with pytest.raises(Invalid) as refused:
        set_line_matrix(world.community.pk, owners, shared=[], actor=world.secretary)
    assert refused.value.message == "社保 无负责人"
    assert list(refused.value.fields) == [f"line_{lines['社保'].pk}"]
    assert not LineAssignment.objects.exists()


def test_marked_as_looked_after_beside_others_it_may_be_saved(world, lines):
    owners = {
        lines["民政"].pk: [member(world, "staff"), member(world, "worker")],
        lines["党建"].pk: [member(world, "secretary")],
    }
    set_line_matrix(world.community.pk, owners, shared=[lines["社保"].pk], actor=world.secretary)
    matrix = matrices([world.community.pk])[world.community.pk]
    by_name = {row.line.name: row for row in matrix.rows}
    assert by_name["民政"].owners == {member(world, "staff"), member(world, "worker")}
    assert by_name["社保"].is_shared
    assert matrix.orphans == []


def test_who_left_the_community_leaves_the_line_without_an_owner(world, lines):
    owners = {row.pk: [member(world, "staff")] for row in lines.values()}
    set_line_matrix(world.community.pk, owners, shared=[], actor=world.secretary)
    held = PostAssignment.objects.get(membership=world.members["staff"], post__kind="community_staff")
    end_assignment(held, until=clock.today() - timedelta(days=1), actor=world.admin)
    assert len(matrices([world.community.pk])[world.community.pk].orphans) == 3


def test_another_owner_leaves_the_first_on_record(world, lines):
    line = lines["民政"].pk
    rest = {lines["社保"].pk: [member(world, "staff")], lines["党建"].pk: [member(world, "staff")]}
    set_line_matrix(world.community.pk, {line: [member(world, "staff")], **rest}, shared=[], actor=world.secretary)
    LineAssignment.objects.update(since=clock.today() - timedelta(days=30))
    set_line_matrix(world.community.pk, {line: [member(world, "worker")], **rest}, shared=[], actor=world.secretary)
    first, now = LineAssignment.objects.filter(line_id=line).order_by("since")
    assert (first.membership_id, first.until) == (member(world, "staff"), clock.today() - timedelta(days=1))
    assert (now.membership_id, now.until) == (member(world, "worker"), None)
    assert LineAssignment.objects.count() == 4


def test_only_the_own_secretary_sets_the_matrix_and_only_with_own_people(world, lines):
    mine = {row.pk: [member(world, "staff")] for row in lines.values()}
    with pytest.raises(NotAllowed):
        set_line_matrix(world.community.pk, mine, shared=[], actor=world.staff)
    with pytest.raises(NotFound):
        set_line_matrix(world.community.pk, mine, shared=[], actor=world.other_secretary)
    theirs = {row.pk: [member(world, "other_worker")] for row in lines.values()}
    with pytest.raises(Invalid):
        set_line_matrix(world.community.pk, theirs, shared=[], actor=world.secretary)


def test_before_the_district_has_lines_there_is_nothing_to_set(world):
    with pytest.raises(DomainError) as refused:
        set_line_matrix(world.community.pk, {}, shared=[], actor=world.secretary)
    assert refused.value.code == "no_lines"


def test_a_line_that_is_left_out_ends_with_who_had_it(world, lines):
    owners = {row.pk: [member(world, "staff")] for row in lines.values()}
    set_line_matrix(world.community.pk, owners, shared=[], actor=world.secretary)
    LineAssignment.objects.update(since=clock.today() - timedelta(days=3))
    found = set_business_lines(["党建", "民政", "应急"], actor=world.admin)
    assert [row.name for row in found] == ["党建", "民政", "应急"]
    assert BusinessLine.objects.get(name="社保").ended_on == clock.today()
    assert LineAssignment.objects.get(line__name="社保").until == clock.today() - timedelta(days=1)


@pytest.mark.parametrize(
    "names", [[], ["民政", "民政"], ["一二三四五六七八九十十一十二"], [f"第{n}条" for n in range(21)]]
)
def test_lines_that_cannot_be_are_refused(world, names):
    with pytest.raises(Invalid) as refused:
        set_business_lines(names, actor=world.admin)
    assert "names" in refused.value.fields
    with pytest.raises(NotAllowed):
        set_business_lines(["民政"], actor=world.secretary)


def test_the_people_of_a_community_are_its_staff_and_those_of_its_grids(world):
    assert {row.name for row in people_of(world.community.pk)} == {"郑社工", "王书记", "周网格员", "吴网格长"}


def test_matrices_of_many_communities_are_read_at_once(world, lines):
    ids = [area.pk for area in world.communities]
    matrices(ids[:1])
    with CaptureQueriesContext(connection) as found:
        matrices(ids)
    assert len(found) == 1
