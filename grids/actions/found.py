"""The first stones of a district: its own area, its centre, and the departments every district has."""

from __future__ import annotations

from django.db import transaction

from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import current_district
from grids.generation.organizations import POSTS
from grids.generation.spec import read_departments
from grids.models import Area, Level, Organization, Post


@transaction.atomic
def found_center(*, actor: Actor) -> Organization:
    """The area of the whole district in scope, the centre that answers when nobody else does, and its posts."""
    require_administrator(actor)
    district = current_district()
    area = Area.objects.create(
        level=Level.DISTRICT,
        code=district.area_code,
        name=district.name,
        path=district.area_code,
        valid_from=clock.today(),
    )
    center = Organization.objects.create(
        name=f"{district.name}社会治理中心",
        kind=Organization.Kind.DISTRICT_CENTER,
        level=Level.DISTRICT,
        area=area,
        phone=district.hotline,
    )
    _make_posts([center])
    audit.record("organization.found_center", actor=actor, object_kind="organization", object_id=center.pk)
    bump_reference()
    return center


@transaction.atomic
def found_departments(center: Organization, *, actor: Actor) -> list[Organization]:
    """The usual departments of a district (``grids/data/departments.json``) under its centre, with empty posts."""
    require_administrator(actor)
    made = Organization.objects.bulk_create(
        Organization(
            name=f"{current_district().name}{name}",
            kind=Organization.Kind.DEPARTMENT,
            level=Level.DEPARTMENT,
            area_id=center.area_id,
            parent=center,
            department_kind=kind,
        )
        for kind, name in read_departments()
    )
    _make_posts(made)
    audit.record("organization.found_departments", actor=actor, count=len(made))
    bump_reference()
    return made


def _make_posts(organizations: list[Organization]) -> None:
    Post.objects.bulk_create(
        Post(organization=row, kind=kind, name=str(kind.label), is_leader=is_leader)
        for row in organizations
        for kind, is_leader in POSTS[row.level]
    )
