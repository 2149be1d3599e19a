"""System, security and audit are three people: nobody is two of them on the same day, not even as a deputy."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client

from analytics.manage.checklist import checklist
from governance.accounts.models import Membership
from governance.accounts.policies import require_auditor, require_security_admin
from governance.kernel import clock
from governance.kernel.errors import DomainError, NotAllowed
from governance.kernel.reference import bump_reference
from grids.actions.absences import record_absence
from grids.actions.posts import assign_post
from grids.models import Absence, Post, PostAssignment, PostKind
from tests.world import World

ADMINISTRATIONS = ("district_admin", "security_admin", "audit_admin")


def _appoint(world: World, name: str, kind: str, since: date | None = None, until: date | None = None) -> None:
    assign_post(
        Post.objects.get(kind=kind),
        membership=world.members[name],
        since=since or clock.today(),
        until=until,
        actor=world.admin,
    )


@pytest.mark.parametrize("held", ["security", "auditor"])
@pytest.mark.parametrize("wanted", ADMINISTRATIONS)
def test_who_holds_one_of_the_three_gets_no_second(world: World, held: str, wanted: str) -> None:
    own = PostAssignment.objects.get(membership=world.members[held]).post.kind
    if own == wanted:
        return
    with pytest.raises(DomainError) as refused:
        _appoint(world, held, wanted)
    assert refused.value.code == "two_administrations"
    assert str(PostKind(own).label) in refused.value.message


def test_one_after_the_other_is_allowed_and_other_posts_always(world: World) -> None:
    today = clock.today()
    PostAssignment.objects.filter(membership=world.members["auditor"]).update(until=today)
    with pytest.raises(DomainError):
        _appoint(world, "auditor", "security_admin")
    _appoint(world, "auditor", "security_admin", since=today + timedelta(days=1))
    _appoint(world, "security", "return_visitor")


def test_a_term_that_will_begin_counts_as_well(world: World) -> None:
    today = clock.today()
    _appoint(world, "worker", "audit_admin", since=today + timedelta(days=10))
    _appoint(world, "worker", "security_admin", until=today + timedelta(days=9))
    with pytest.raises(DomainError):
        _appoint(world, "worker", "district_admin", since=today + timedelta(days=5))


def test_no_second_one_by_standing_in(world: World) -> None:
    days = {"since": clock.today(), "until": clock.today() + timedelta(days=3)}
    with pytest.raises(DomainError) as refused:
        record_absence(world.members["auditor"], deputy=world.members["security"], actor=world.admin, **days)
    assert refused.value.code == "two_administrations"
    record_absence(world.members["auditor"], deputy=world.members["staff"], actor=world.admin, **days)
    with pytest.raises(DomainError) as refused:
        record_absence(world.members["security"], deputy=world.members["staff"], actor=world.admin, **days)
    assert refused.value.code == "two_administrations"
    assert Absence.objects.count() == 1


def test_no_second_one_for_a_deputy_by_appointing_the_absent(world: World) -> None:
    days = {"since": clock.today(), "until": clock.today() + timedelta(days=3)}
    record_absence(world.members["worker"], deputy=world.members["security"], actor=world.admin, **days)
    with pytest.raises(DomainError):
        _appoint(world, "worker", "audit_admin")
    _appoint(world, "worker", "audit_admin", since=clock.today() + timedelta(days=4))


def test_each_policy_lets_its_own_administrator_through_and_no_other(world: World) -> None:
    for name in ("admin", "security", "auditor", "official", "worker"):
        for policy, right in ((require_security_admin, "security"), (require_auditor, "auditor")):
            if name == right:
                policy(world.actor(name))
            else:
                with pytest.raises(NotAllowed):
                    policy(world.actor(name))


def test_the_checklist_waits_for_both(world: World) -> None:
    def line() -> tuple[bool, str]:
        return next((item.done, item.found) for item in checklist() if item.title == "安全管理员、审计员已任命")

    assert line() == (True, "齐全")
    Membership.objects.filter(pk__in=[world.members["security"].pk, world.members["auditor"].pk]).update(
        is_active=False
    )
    bump_reference()
    assert line() == (False, "缺安全管理员、审计员")


def test_they_land_on_a_page_that_is_theirs(world: World) -> None:
    for name in ("security", "auditor"):
        client = world.sign_in(Client(), name)
        assert client.get("/home/", follow=True).status_code == 200
        assert client.get("/desk/").status_code == 403
        assert client.get("/manage/people/").status_code == 403
