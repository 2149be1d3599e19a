"""Explicit grants on areas and organizations, held by guardian in the district's own tables."""

from __future__ import annotations

import pytest
from guardian.models import UserObjectPermission

from governance.kernel.errors import Invalid, NotAllowed
from governance.kernel.models import AuditEvent
from governance.kernel.tenancy.context import district_transaction
from grids.actions.grants import grant_area, grant_organization, revoke_area_grant, revoke_organization_grant
from grids.models import AreaGrant, OrganizationGrant
from tests.world import World, make_district


def _granted_roles(world: World, name: str) -> set[tuple[str, str, int | None, int | None]]:
    before = set(world.actors[name].roles)
    return {
        (role.kind, role.level, role.area_id, role.organization_id)
        for role in world.actor(name).roles
        if role not in before
    }


def test_area_grant_gives_and_loses_the_right_to_dispatch(world: World) -> None:
    member = world.members["worker"]
    grant_area(world.street, membership=member, codename="dispatch_area", actor=world.admin)
    assert _granted_roles(world, "worker") == {("street_dispatcher", "street", world.street.pk, None)}
    revoke_area_grant(world.street, membership=member, codename="dispatch_area", actor=world.admin)
    assert _granted_roles(world, "worker") == set()


def test_area_grant_to_read_makes_a_reader(world: World) -> None:
    grant_area(world.other_community, membership=world.members["handler"], codename="read_area", actor=world.admin)
    assert _granted_roles(world, "handler") == {("reader", "community", world.other_community.pk, None)}


def test_organization_grant_gives_and_loses_its_work_orders(world: World) -> None:
    member = world.members["worker"]
    grant_organization(world.water, membership=member, actor=world.admin)
    assert _granted_roles(world, "worker") == {("department_handler", "department", None, world.water.pk)}
    revoke_organization_grant(world.water, membership=member, actor=world.admin)
    assert _granted_roles(world, "worker") == set()


def test_grant_is_a_row_of_our_own_table_with_the_district(world: World) -> None:
    grant = grant_area(world.street, membership=world.members["worker"], codename="read_area", actor=world.admin)
    assert isinstance(grant, AreaGrant)
    assert (grant.district_id, grant.content_object_id) == (world.district.pk, world.street.pk)
    assert isinstance(
        grant_organization(world.water, membership=world.members["worker"], actor=world.admin), OrganizationGrant
    )
    assert not UserObjectPermission.objects.exists()


def test_granting_twice_changes_nothing(world: World) -> None:
    for _ in range(2):
        grant_area(world.street, membership=world.members["worker"], codename="read_area", actor=world.admin)
    assert AreaGrant.objects.count() == 1


def test_grant_is_invisible_in_another_district(world: World) -> None:
    grant_area(world.street, membership=world.members["worker"], codename="read_area", actor=world.admin)
    other = make_district("t2", 2)
    with district_transaction(other.district):
        assert AreaGrant.objects.count() == 0


def test_only_the_administrator_grants(world: World) -> None:
    with pytest.raises(NotAllowed):
        grant_area(world.street, membership=world.members["worker"], codename="read_area", actor=world.official)
    with pytest.raises(NotAllowed):
        revoke_organization_grant(world.water, membership=world.members["handler"], actor=world.handler_leader)
    assert not AreaGrant.objects.exists()


def test_unknown_right_is_refused(world: World) -> None:
    with pytest.raises(Invalid):
        grant_area(world.street, membership=world.members["worker"], codename="delete_area", actor=world.admin)


def test_each_grant_is_audited(world: World) -> None:
    member = world.members["worker"]
    grant_area(world.street, membership=member, codename="read_area", actor=world.admin)
    revoke_area_grant(world.street, membership=member, codename="read_area", actor=world.admin)
    rows = AuditEvent.objects.filter(object_kind="area", object_id=world.street.pk).order_by("id")
    assert [(row.action, row.detail["right"]) for row in rows] == [
        ("grant.give", "read_area"),
        ("grant.take", "read_area"),
    ]
