"""The district's tags: seven colours, no stigma, sensitive ones only for whom they are meant."""

from __future__ import annotations

from datetime import timedelta

import pytest

from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_scope
from governance.privacy.models import Disclosure
from grids.households.actions.reveal import open_tagging
from grids.households.actions.tags import (
    USUAL_ROLES,
    TagDetails,
    change_tag,
    define_tag,
    end_tagging,
    retire_tag,
    set_service_roles,
    tag_household,
    tag_households,
)
from grids.households.models import HouseholdTag, HouseholdTagging, ServiceRole
from grids.households.reference import service_roles, tags_in_use
from grids.households.stigma import stigma_in, stigma_words
from grids.households.tagging import tags_of
from tests.households.homes import home, many, tag, with_rooms
from tests.world import make_district

SENSITIVE = {"is_sensitive": True, "readers": ["community_secretary"], "name": "常看望", "mark": "望", "colour": "plum"}


@pytest.fixture
def rooms(world):
    return with_rooms(world.building)


def test_a_district_has_at_most_seven_tags_each_with_its_colour(world):
    colours = list(HouseholdTag.Colour.values)
    assert len(colours) == 7
    for place, colour in enumerate(colours):
        tag(world.admin, name=f"标签{place}", mark="一二三四五六七"[place], colour=colour)
    with pytest.raises(DomainError) as refused:
        tag(world.admin, name="第八种", mark="八", colour="rose")
    assert refused.value.code == "seven_tags"
    assert len(tags_in_use()) == 7


@pytest.mark.parametrize("word", ["黑户", "黑 户", "钉子户", "上访户", "精神病户", "高危户", "懒汉户"])
def test_words_that_stigmatize_are_refused_with_the_reason_and_another_way(world, word):
    with pytest.raises(Invalid) as refused:
        tag(world.admin, name=word, mark="某")
    said = refused.value.fields["name"][0]
    found = stigma_in(word)
    assert found is not None
    assert found.reason in said
    assert found.instead in said
    assert not HouseholdTag.objects.exists()


def test_the_meaning_and_the_grounds_are_looked_at_too(world, rooms):
    with pytest.raises(Invalid) as refused:
        tag(world.admin, meaning="有前科的住户")
    assert "meaning" in refused.value.fields
    row = home(world.building, rooms[0], world.worker)
    with pytest.raises(Invalid) as refused:
        tag_household(row, tag(world.admin), reason="是个老赖", actor=world.worker)
    assert "reason" in refused.value.fields


def test_every_stigma_word_carries_a_reason_and_what_to_write_instead():
    assert len(stigma_words()) >= 60
    assert all(row.reason and row.instead and stigma_in(row.word) for row in stigma_words())
    assert stigma_in("党员户") is None
    assert stigma_in("独居老人，常看望") is None


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"mark": "党员"}, "mark"),
        ({"colour": "black"}, "colour"),
        ({"visit_every": 0}, "visit_every"),
        ({"is_sensitive": True}, "readers"),
        ({"is_sensitive": True, "readers": ["district_official"]}, "readers"),
        ({"name": ""}, "name"),
    ],
)
def test_a_tag_that_cannot_be_used_is_refused_at_its_field(world, said, field):
    with pytest.raises(Invalid) as refused:
        tag(world.admin, **said)
    assert field in refused.value.fields


def test_only_the_administrator_makes_tags_and_two_share_no_colour_mark_or_name(world):
    first = tag(world.admin)
    for name in ("worker", "secretary", "official"):
        with pytest.raises(NotAllowed):
            tag(getattr(world, name), name="新", mark="新", colour="blue")
    with pytest.raises(Invalid) as refused:
        tag(world.admin)
    assert {"name", "mark", "colour"} <= refused.value.fields.keys()
    changed = change_tag(first, TagDetails("党员家庭", "党", "blue", "家里有党员"), actor=world.admin)
    assert (changed.name, changed.colour) == ("党员家庭", "blue")


def test_a_tag_is_worn_from_a_day_to_a_day(world, rooms):
    row, word = home(world.building, rooms[0], world.worker), tag(world.admin, visit_every=30)
    tagging = tag_household(row, word, reason="本人愿意", actor=world.worker)
    assert [seen.name for seen in tags_of([row.pk], world.worker)[row.pk]] == ["党员户"]
    with pytest.raises(DomainError) as refused:
        tag_household(row, word, reason="再来一次", actor=world.worker)
    assert refused.value.code == "already_tagged"
    HouseholdTagging.objects.filter(pk=tagging.pk).update(since=clock.today() - timedelta(days=9))
    end_tagging(tagging, actor=world.worker)
    assert HouseholdTagging.objects.get().until == clock.today()
    HouseholdTagging.objects.update(until=clock.today() - timedelta(days=1))
    assert not tags_of([row.pk], world.worker)
    assert tag_household(row, word, reason="又愿意了", actor=world.worker).pk != tagging.pk


def test_a_retired_tag_comes_off_every_household_and_frees_its_colour(world, rooms):
    rows, word = many(world.building, rooms, world.worker), tag(world.admin)
    assert len(tag_households(rows, word, reason="社区核实", actor=world.worker)) == len(rows)
    assert retire_tag(word, actor=world.admin) == len(rows)
    assert not tags_of([row.pk for row in rows], world.worker)
    assert tag(world.admin).pk != word.pk


def test_nobody_tags_the_households_of_another_grid(world, rooms):
    rows, word = many(world.building, rooms, world.worker), tag(world.admin)
    with pytest.raises(NotAllowed):
        tag_households(rows, word, reason="社区核实", actor=world.other_worker)
    assert not HouseholdTagging.objects.exists()


def test_without_the_right_a_sensitive_tag_is_neutral_and_the_attempt_is_written_down(world, rooms):
    row, word = home(world.building, rooms[0], world.worker), tag(world.admin, **SENSITIVE)
    tagging = tag_household(row, word, reason="独居，本人同意", actor=world.secretary)
    (seen,) = tags_of([row.pk], world.worker)[row.pk]
    assert (seen.colour, seen.is_hidden) == ("neutral", True)
    assert "常看望" not in (seen.name, seen.mark)
    assert seen.mark != "望"
    with pytest.raises(NotAllowed) as refused:
        open_tagging(tagging, reason="home_visit", actor=world.worker)
    assert refused.value.code == "tag_restricted"
    attempt = AuditEvent.objects.get(action="reveal_tag")
    assert (attempt.succeeded, attempt.object_id, attempt.actor) == (False, row.pk, world.worker.principal)
    with pytest.raises(NotAllowed):
        end_tagging(tagging, actor=world.worker)
    with pytest.raises(NotAllowed):
        tag_household(home(world.building, rooms[1], world.worker), word, reason="看着像", actor=world.worker)


def test_with_the_right_it_is_seen_and_its_grounds_are_opened_with_a_reason(world, rooms):
    row, word = home(world.building, rooms[0], world.worker), tag(world.admin, **SENSITIVE)
    tagging = tag_household(row, word, reason="独居，本人同意", actor=world.secretary)
    (seen,) = tags_of([row.pk], world.secretary)[row.pk]
    assert (seen.name, seen.colour, seen.is_hidden) == ("常看望", "plum", False)
    with pytest.raises(Invalid):
        open_tagging(tagging, reason="", actor=world.secretary)
    assert open_tagging(tagging, reason="home_visit", actor=world.secretary).reason == "独居，本人同意"
    assert Disclosure.objects.get().field == "tag"


def test_eight_service_roles_at_most_in_the_districts_own_words(world):
    set_service_roles(USUAL_ROLES, actor=world.admin)
    assert [role.name for role in service_roles()] == [name for name, _duty in USUAL_ROLES]
    assert len(USUAL_ROLES) == 8
    with pytest.raises(Invalid) as refused:
        set_service_roles([*USUAL_ROLES, ("记录员", "写下来")], actor=world.admin)
    assert refused.value.code == "eight_roles"
    set_service_roles([("宣传员", "讲政策"), ("联络员", "传话")], actor=world.admin)
    assert [role.name for role in service_roles()] == ["宣传员", "联络员"]
    assert ServiceRole.objects.count() == 9  # who left the set is kept, ended
    with pytest.raises(NotAllowed):
        set_service_roles(USUAL_ROLES, actor=world.secretary)


def test_a_role_without_a_duty_is_refused_at_its_line(world):
    with pytest.raises(Invalid) as refused:
        set_service_roles([("宣传员", "讲政策"), ("信息员", "")], actor=world.admin)
    assert list(refused.value.fields) == ["duty_1"]


def test_the_tags_of_one_district_are_not_those_of_another(world):
    define_tag(TagDetails("党员户", "党", "rose", "家里有党员"), actor=world.admin)
    other = make_district("t2", id=2)
    with district_scope(other.district):
        assert tags_in_use() == []
