"""The register of mediation committees (S3-05): who keeps it, who is in it, and lists read in from a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from governance.kernel import clock
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from requests_intake import clinic_circle
from requests_intake.actions.mediation_register import (
    CommitteeSaid,
    MemberSaid,
    add_member,
    end_member,
    import_committees,
    save_committee,
)
from requests_intake.clinics import committees, member_rows, where_words
from requests_intake.models import CommitteeMember, MediationCommittee
from requests_intake.privacy_clinics import _due_members, _scrub_members
from tests.clinics import clinic_of, committee_of, member_of
from tests.world import World

pytestmark = pytest.mark.django_db


def said(world: World, **changes: Any) -> CommitteeSaid:
    values = {"name": "物业纠纷调委会", "kind": "people", "place": "东湖街道办事处", "since": date(2021, 1, 1),
              "street_id": world.street.pk, "trade": "物业"}  # fmt: skip
    return CommitteeSaid(**{**values, **changes})


def test_a_street_keeps_its_own_and_the_administrator_all(world: World) -> None:
    made = save_committee(None, said(world), actor=world.dispatcher)
    assert (made.street_id, where_words(made)) == (world.street.pk, "东湖街道·物业")
    with pytest.raises(NotAllowed, match="由东湖街道维护"):
        save_committee(made, said(world, place="别处"), actor=world.other_dispatcher)
    with pytest.raises(Invalid) as refused:
        save_committee(None, said(world, name="医疗调委会"), actor=world.other_dispatcher)
    assert set(refused.value.fields) == {"street"}
    for name in ("staff", "secretary", "center", "official", "worker"):
        with pytest.raises(NotAllowed, match="由街道和区管理员维护"):
            save_committee(None, said(world, name="又一个"), actor=world.actor(name))
    whole = save_committee(None, said(world, name="区医疗调委会", street_id=None, trade=""), actor=world.admin)
    assert where_words(whole) == "全区"
    assert save_committee(made, said(world, place="新址"), actor=world.admin).place == "新址"


def test_one_of_a_community_belongs_to_its_street(world: World) -> None:
    made = committee_of(world)
    assert (made.street_id, made.community_id) == (world.street.pk, world.community.pk)
    wrong = said(world, community_id=world.other_community.pk)
    with pytest.raises(Invalid) as refused:
        save_committee(None, wrong, actor=world.admin)
    assert set(refused.value.fields) == {"community"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"), ({"kind": "odd"}, "kind"), ({"place": ""}, "place"),
        ({"until": date(2020, 1, 1)}, "until"), ({"trade": "字" * 21}, "trade"), ({"street_id": 0}, "street"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(world: World, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        save_committee(None, said(world, **changes), actor=world.admin)
    assert field in refused.value.fields
    assert not MediationCommittee.objects.exists()


def test_a_name_stands_once(world: World) -> None:
    committee_of(world)
    with pytest.raises(Invalid, match="需要修改"):
        committee_of(world)


def test_the_list_is_narrowed_by_kind_street_community_and_words(world: World) -> None:
    own = committee_of(world)
    trade = save_committee(None, said(world, kind="administrative"), actor=world.admin)
    far = save_committee(None, said(world, name="西山调委会", street_id=world.other_street.pk), actor=world.admin)
    whole = save_committee(None, said(world, name="区医调委", street_id=None, until=clock.today()), actor=world.admin)
    ended = save_committee(None, said(world, name="旧的", until=date(2022, 1, 1)), actor=world.admin)
    assert set(committees()) == {own, trade, far, whole}
    assert set(committees(current_only=False)) == {own, trade, far, whole, ended}
    assert list(committees(kind="administrative")) == [trade]
    assert set(committees(street_id=world.other_street.pk)) == {far}
    # Residents of the community next door have the street's and the district's.
    assert set(committees(community_id=world.community2.pk)) == {trade, whole}
    assert list(committees(text="春晓 二楼")) == [own]


# ---------------------------------------------------------------- members
def test_a_member_without_an_account_is_kept_by_name_and_encrypted(world: World) -> None:
    committee = committee_of(world)
    made = member_of(world, committee, "", name="孙老师", profession="elder")
    assert CommitteeMember.objects.get(pk=made.pk).name == "孙老师"
    with pytest.raises(TypeError):
        CommitteeMember.objects.filter(name="孙老师").exists()
    with pytest.raises(Invalid) as refused:
        member_of(world, committee, "", name="钱老师", is_keeper=True)
    assert set(refused.value.fields) == {"is_keeper"}
    with pytest.raises(Invalid) as refused:
        add_member(committee, MemberSaid("elder", date(2020, 1, 1)), actor=world.dispatcher)
    assert set(refused.value.fields) == {"name"}


def test_names_are_in_full_only_for_the_committee_and_who_keeps_its_register(world: World) -> None:
    committee = committee_of(world)
    member_of(world, committee, "secretary")
    member_of(world, committee, "", name="孙建国")

    def names(who: str) -> set[str]:
        return {row["name"] for row in member_rows(committee, world.actor(who))}

    for who in ("dispatcher", "admin", "secretary"):
        assert "孙建国" in names(who), who
    for who in ("other_dispatcher", "center", "staff", "official"):
        assert not {"孙建国", "王书记"} & names(who), who
        assert len(names(who)) == 2


def test_nobody_is_in_a_committee_twice_at_the_same_time(world: World) -> None:
    committee = committee_of(world)
    first = member_of(world, committee, "secretary")
    with pytest.raises(Invalid, match="需要修改"):
        member_of(world, committee, "secretary", since=clock.today())
    end_member(first, actor=world.dispatcher)
    again = member_of(world, committee, "secretary", since=clock.today())
    assert again.pk != first.pk


def test_whoever_leaves_reads_nothing_more_and_has_no_duty(world: World) -> None:
    clinic = clinic_of(world, clock.today() + timedelta(days=7 - clock.today().weekday()))
    assert clinic_circle.is_inside(world.secretary, clinic)
    member = CommitteeMember.objects.get(membership=world.members["secretary"])
    with pytest.raises(NotAllowed):
        end_member(member, actor=world.other_dispatcher)
    end_member(member, actor=world.dispatcher)
    assert not clinic_circle.is_inside(world.secretary, clinic)
    assert not clinic.duties.exists()
    with pytest.raises(DomainError, match="已经不在名册里"):
        end_member(member, actor=world.dispatcher)


def test_the_name_of_somebody_without_an_account_goes_after_its_term(world: World) -> None:
    member = member_of(world, committee_of(world), "", name="孙老师", until=clock.today() - timedelta(days=400))
    kept = member_of(world, MediationCommittee.objects.get(), "", name="钱老师")
    assert _due_members(clock.now()) == [member.pk]
    assert _scrub_members([member.pk, kept.pk][:1])[0] == 1
    member.refresh_from_db()
    kept.refresh_from_db()
    assert (member.name, kept.name) == ("", "钱老师")
    assert _due_members(clock.now()) == []


# ---------------------------------------------------------------- a list from a file
def test_a_bad_row_stops_none_of_the_good_ones(world: World) -> None:
    """S3-05: 36 committees are entered by a list."""
    rows: list[tuple[int, CommitteeSaid | str]] = [
        (n, said(world, name=f"第{n}调委会")) for n in range(2, 38)
    ]  # fmt: skip
    rows[3] = (5, "没有这个社区：别处社区。")
    rows[10] = (12, said(world, name="别人的", street_id=world.other_street.pk))
    report = import_committees(rows, actor=world.dispatcher)
    assert (report.added, report.changed) == (34, 0)
    assert [number for number, _why in report.bad] == [5, 12]
    assert "只能登记本街道" in report.bad[1][1]
    again = import_committees([(2, said(world, name="第2调委会", place="新址"))], actor=world.dispatcher)
    assert (again.added, again.changed) == (0, 1)
    assert MediationCommittee.objects.get(name="第2调委会").place == "新址"
    with pytest.raises(NotAllowed):
        import_committees([], actor=world.staff)
