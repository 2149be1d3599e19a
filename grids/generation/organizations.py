"""The organizations of a district and the posts in them."""

from __future__ import annotations

from dataclasses import dataclass, field

from grids.generation.spec import DistrictSpec, read_departments
from grids.generation.territory import Land
from grids.models import Area, Level, Organization, Post, PostKind

# Level → the posts of an organization there: kind, whether it leads.
POSTS: dict[str, list[tuple[PostKind, bool]]] = {
    Level.GRID: [(PostKind.GRID_WORKER, False), (PostKind.GRID_LEADER, True)],
    Level.COMMUNITY: [(PostKind.COMMUNITY_STAFF, False), (PostKind.COMMUNITY_SECRETARY, True)],
    Level.STREET: [(PostKind.STREET_DISPATCHER, False), (PostKind.STREET_LEADER, True)],
    Level.DEPARTMENT: [(PostKind.DEPARTMENT_HANDLER, False), (PostKind.DEPARTMENT_LEADER, True)],
    Level.DISTRICT: [
        (PostKind.DISTRICT_DISPATCHER, False),
        (PostKind.RETURN_VISITOR, False),
        (PostKind.SUPERVISOR, False),
        (PostKind.DISTRICT_ADMIN, False),
        (PostKind.SECURITY_ADMIN, False),
        (PostKind.AUDIT_ADMIN, False),
        (PostKind.DISTRICT_OFFICIAL, True),
    ],
}


@dataclass
class Organizations:
    """What was founded: ``own`` by area id, departments by kind, property companies by street id, and all posts."""

    own: dict[int | None, Organization] = field(default_factory=dict)
    departments: dict[str, Organization] = field(default_factory=dict)
    companies: dict[int | None, Organization] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)


def found_organizations(spec: DistrictSpec, land: Land) -> Organizations:
    """An own organization for every area, the departments, a property company per street, and their posts."""
    made = Organizations()
    phones = (f"000-88{number:06d}" for number in range(spec.id % 10 * 100_000, 1_000_000))  # no place has 000
    for areas in ([land.district], land.streets, land.communities, land.grids):
        rows = [
            Organization(
                name=_own_name(area),
                kind=_OWN_KIND[Level(area.level)],
                level=area.level,
                area=area,
                parent=made.own.get(area.parent_id),
                phone="12345" if area.level == Level.DISTRICT else next(phones),
            )
            for area in areas
        ]
        Organization.objects.bulk_create(rows)
        made.own |= {row.area_id: row for row in rows}
    center = made.own[land.district.pk]
    for kind, name in read_departments():
        made.departments[kind] = Organization(
            name=f"{spec.name}{name}",
            kind=Organization.Kind.DEPARTMENT,
            level=Level.DEPARTMENT,
            area=land.district,
            parent=center,
            department_kind=kind,
            phone=next(phones),
        )
    for street in land.streets:
        made.companies[street.pk] = Organization(
            name=f"{street.name.removesuffix('街道')}物业服务公司",
            kind=Organization.Kind.PROPERTY_COMPANY,
            level=Level.DEPARTMENT,
            area=street,
            parent=made.own[street.pk],
            department_kind="property_company",
            phone=next(phones),
        )
    Organization.objects.bulk_create([*made.departments.values(), *made.companies.values()])
    made.posts = [
        Post(organization=organization, kind=kind, name=str(kind.label), is_leader=is_leader)
        for organization in [*made.own.values(), *made.departments.values(), *made.companies.values()]
        for kind, is_leader in POSTS[organization.level]
    ]
    Post.objects.bulk_create(made.posts)
    return made


_OWN_KIND = {
    Level.GRID: Organization.Kind.GRID_TEAM,
    Level.COMMUNITY: Organization.Kind.RESIDENTS_COMMITTEE,
    Level.STREET: Organization.Kind.STREET_OFFICE,
    Level.DISTRICT: Organization.Kind.DISTRICT_CENTER,
}


def _own_name(area: Area) -> str:
    endings = {Level.COMMUNITY: "居委会", Level.STREET: "办事处", Level.DISTRICT: "社会治理中心"}
    return area.name + endings.get(Level(area.level), "")
