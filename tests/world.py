"""The standing cast: one small district with square grids, its organizations, posts and people.

District → 2 streets → 2 communities each → 2 grids each. Streets lie side by side from west to east, communities
within them too, grids of a community above each other; a grid is 0.01° wide and high. Every community has one compound
that lies over both its grids, with two buildings in each grid.

Somebody is in post along the first chain (``grid``, ``community``, ``street``), in the first grid, community and
street of the second street (``other_…``), in both departments and in the centre; all other posts are empty (缺岗).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import F

from governance.accounts.models import Membership, Staff, User
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.models import District
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import district_transaction
from grids.models import Area, AreaBorder, Building, Compound, Organization, Post, PostAssignment
from grids.queries import actor_for
from requests_intake.actions.reference import load_reference_data

PASSWORD = "a-password-for-tests"
SINCE = date(2017, 1, 1)
SIDE = 0.01  # degrees; about 1.1 km from south to north

CHAIN_POSTS = {
    "grid": [("grid_worker", "网格员", False), ("grid_leader", "网格长", True)],
    "community": [("community_staff", "社区工作者", False), ("community_secretary", "社区书记", True)],
    "street": [("street_dispatcher", "街道调度员", False), ("street_leader", "街道负责人", True)],
    "department": [("department_handler", "承办人", False), ("department_leader", "部门负责人", True)],
    "district": [
        ("district_dispatcher", "区调度员", False),
        ("return_visitor", "回访员", False),
        ("supervisor", "督查员", False),
        ("district_admin", "区管理员", False),
        ("security_admin", "安全管理员", False),
        ("audit_admin", "审计员", False),
        ("district_official", "区级领导", True),
    ],
}
OWN_KIND = {
    "grid": "grid_team",
    "community": "residents_committee",
    "street": "street_office",
    "department": "department",
    "district": "district_center",
}


@dataclass
class World:
    """Everything a test wants to name. Actors carry the roles they have when the district is made.

    Actors: worker, leader (grid); staff, secretary (community); dispatcher, street_leader; handler, handler_leader
    (water); urban_handler; center (district dispatcher), visitor, supervisor, admin, security, auditor, official;
    other_worker, other_secretary, other_dispatcher (second street).
    ``users[name]`` and ``members[name]`` belong to them.
    """

    district: District
    district_area: Area
    streets: list[Area]
    communities: list[Area]
    grids: list[Area]
    compounds: list[Compound]
    buildings: list[Building]
    center_office: Organization
    street_office: Organization
    committee: Organization
    grid_team: Organization
    water: Organization
    urban: Organization
    organizations: dict[int, Organization]  # by area, departments apart
    password: str = PASSWORD
    users: dict[str, User] = field(default_factory=dict)
    members: dict[str, Membership] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Actor:
        actors = self.__dict__.get("actors", {})
        if name in actors:
            return actors[name]
        raise AttributeError(name)

    @property
    def street(self) -> Area:
        return self.streets[0]

    @property
    def other_street(self) -> Area:
        return self.streets[1]

    @property
    def community(self) -> Area:
        return self.communities[0]

    @property
    def community2(self) -> Area:
        """In the same street; nobody is in post."""
        return self.communities[1]

    @property
    def other_community(self) -> Area:
        return self.communities[2]

    @property
    def grid(self) -> Area:
        return self.grids[0]

    @property
    def grid2(self) -> Area:
        """In the same community; nobody is in post."""
        return self.grids[1]

    @property
    def other_grid(self) -> Area:
        return self.grids[4]

    @property
    def compound(self) -> Compound:
        return self.compounds[0]

    @property
    def building(self) -> Building:
        return self.buildings[0]

    def point_in(self, grid: Area) -> tuple[float, float]:
        """A longitude and latitude in the middle of a grid."""
        west, south = _corner(self.district.pk, self.grids.index(grid))
        return (round(west + SIDE / 2, 6), round(south + SIDE / 2, 6))

    def actor(self, name: str) -> Actor:
        """The person's roles as of now, after posts or grants have changed."""
        return actor_for(self.members[name])

    def sign_in(self, client: Any, name: str) -> Any:
        """Give a test client the session that signing in makes, and return the client."""
        client.force_login(self.users[name], backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        session["district_id"] = self.district.pk
        session.save()
        return client


def make_district(code: str = "t1", id: int = 1) -> World:
    """Make the district and everything in it, in a transaction of its own (or the test's)."""
    district = District.objects.create(id=id, code=code, name=f"{code} 演示区", area_code=f"99{id:04d}")
    with district_transaction(district):
        world = _territory(district)
        _people(world)
        load_reference_data()
        bump_reference()
        world.actors = {name: actor_for(member) for name, member in world.members.items()}
    return world


def _corner(district_id: int, index: int) -> tuple[float, float]:
    column, row = divmod(index, 2)
    return (113.0 + district_id * 0.2 + column * SIDE, 34.0 + row * SIDE)


def _rectangle(west: float, south: float, columns: int, rows: int) -> dict[str, Any]:
    xs = (round(west, 6), round(west + columns * SIDE, 6))
    ys = (round(south, 6), round(south + rows * SIDE, 6))
    ring = [[xs[0], ys[0]], [xs[1], ys[0]], [xs[1], ys[1]], [xs[0], ys[1]], [xs[0], ys[0]]]
    return {"type": "Polygon", "coordinates": [ring]}


def _children(level: str, names: list[str], parents: list[Area], each: int) -> list[Area]:
    rows = []
    for number, name in enumerate(names):
        parent, place = parents[number // each], number % each + 1
        rows.append(
            Area(
                level=level,
                code=f"{parent.code}{place:03d}",
                name=name,
                parent=parent,
                path=f"{parent.path}.{place:03d}",
                street_id=parent.street_id,
                community_id=parent.community_id,
                household_count=250 if level == "grid" else 0,
                valid_from=SINCE,
            )
        )
    Area.objects.bulk_create(rows)
    Area.objects.filter(level=level).update(**{f"{level}_id": F("id")})
    for row in rows:
        setattr(row, f"{level}_id", row.pk)
    return rows


def _territory(district: District) -> World:
    top = Area.objects.create(
        level="district", code=district.area_code, name=district.name, path=district.area_code, valid_from=SINCE
    )
    streets = _children("street", ["东湖街道", "西山街道"], [top], 2)
    communities = _children("community", ["春晓社区", "夏荷社区", "秋月社区", "冬青社区"], streets, 2)
    grid_names = [f"{area.name}第{n}网格" for area in communities for n in "一二"]
    grids = _children("grid", grid_names, communities, 2)
    shapes = [(top, 0, 4, 2)]
    shapes += [(area, n * 4, 2, 2) for n, area in enumerate(streets)]
    shapes += [(area, n * 2, 1, 2) for n, area in enumerate(communities)]
    shapes += [(area, n, 1, 1) for n, area in enumerate(grids)]
    AreaBorder.objects.bulk_create(
        AreaBorder(area=area, geometry=_rectangle(*_corner(district.pk, first), columns, rows))
        for area, first, columns, rows in shapes
    )
    compounds = Compound.objects.bulk_create(
        Compound(name=f"{area.name[:2]}花园", management="professional", community=area) for area in communities
    )
    buildings = Building.objects.bulk_create(_building(district, grids, compounds, n) for n in range(16))
    own, departments = _organizations([top], streets, communities, grids)
    return World(
        district=district,
        district_area=top,
        streets=streets,
        communities=communities,
        grids=grids,
        compounds=compounds,
        buildings=buildings,
        center_office=own[top.pk],
        street_office=own[streets[0].pk],
        committee=own[communities[0].pk],
        grid_team=own[grids[0].pk],
        water=departments[0],
        urban=departments[1],
        organizations=own,
    )


def _building(district: District, grids: list[Area], compounds: list[Compound], n: int) -> Building:
    """Number ``n`` of 16: buildings 1 and 2 of a compound stand in its first grid, 3 and 4 in its second."""
    west, south = _corner(district.pk, n // 2)
    compound, number = compounds[n // 4], n % 4 + 1
    return Building(
        grid=grids[n // 2],
        compound=compound,
        number=str(number),
        name=f"{compound.name}{number}号楼",
        lng=round(west + SIDE * (0.3 + 0.4 * (n % 2)), 6),
        lat=round(south + SIDE / 2, 6),
        unit_count=2,
        floor_count=6,
        household_count=24,
    )


def _organizations(*levels: list[Area]) -> tuple[dict[int, Organization], list[Organization]]:
    """Own organizations of all areas, from the top down, and the two departments under the centre."""
    own: dict[int, Organization] = {}
    for areas in levels:
        rows = [
            Organization(
                name={"street": f"{area.name}办事处", "community": f"{area.name}居委会"}.get(
                    area.level, f"{area.name}指挥中心" if area.level == "district" else area.name
                ),
                kind=OWN_KIND[area.level],
                level=area.level,
                area=area,
                parent=own.get(area.parent_id or 0),
                phone="12345",
            )
            for area in areas
        ]
        Organization.objects.bulk_create(rows)
        own |= {row.area_id: row for row in rows}
    top = levels[0][0]
    departments = Organization.objects.bulk_create(
        Organization(
            name=name, kind="department", level="department", area=top, parent=own[top.pk], department_kind=kind
        )
        for name, kind in (("区自来水公司", "water"), ("区城市管理局", "urban_management"))
    )
    everything = [*own.values(), *departments]
    Post.objects.bulk_create(
        Post(organization=row, kind=kind, name=name, is_leader=is_leader)
        for row in everything
        for kind, name, is_leader in CHAIN_POSTS[row.level]
    )
    return own, departments


def _people(world: World) -> None:
    own = world.organizations
    other_office, other_committee = own[world.other_street.pk], own[world.other_community.pk]
    cast = {
        "worker": (world.grid_team, "grid_worker", "周网格员"),
        "leader": (world.grid_team, "grid_leader", "吴网格长"),
        "staff": (world.committee, "community_staff", "郑社工"),
        "secretary": (world.committee, "community_secretary", "王书记"),
        "dispatcher": (world.street_office, "street_dispatcher", "冯调度"),
        "street_leader": (world.street_office, "street_leader", "陈主任"),
        "handler": (world.water, "department_handler", "褚承办"),
        "handler_leader": (world.water, "department_leader", "卫经理"),
        "urban_handler": (world.urban, "department_handler", "蒋承办"),
        "center": (world.center_office, "district_dispatcher", "沈调度"),
        "visitor": (world.center_office, "return_visitor", "韩回访"),
        "supervisor": (world.center_office, "supervisor", "杨督查"),
        "admin": (world.center_office, "district_admin", "朱管理"),
        "security": (world.center_office, "security_admin", "许安全"),
        "auditor": (world.center_office, "audit_admin", "秦审计"),
        "official": (world.center_office, "district_official", "尤区长"),
        "other_worker": (own[world.other_grid.pk], "grid_worker", "许网格员"),
        "other_secretary": (other_committee, "community_secretary", "何书记"),
        "other_dispatcher": (other_office, "street_dispatcher", "吕调度"),
    }
    posts = {(post.organization_id, post.kind): post for post in Post.objects.all()}
    password = make_password(PASSWORD)
    handles = {name: f"{world.district.code}-{name.replace('_', '-')}" for name in cast}
    users = User.objects.bulk_create(User(handle=handle, password=password) for handle in handles.values())
    members = Membership.objects.bulk_create(
        Membership(user=user, kind=Membership.Kind.STAFF, joined_at=clock.now()) for user in users
    )
    Staff.objects.bulk_create(
        Staff(membership=member, name=name) for member, (_, _, name) in zip(members, cast.values(), strict=True)
    )
    PostAssignment.objects.bulk_create(
        PostAssignment(post=posts[organization.pk, kind], membership=member, since=SINCE)
        for member, (organization, kind, _) in zip(members, cast.values(), strict=True)
    )
    world.users = dict(zip(cast, users, strict=True))
    world.members = dict(zip(cast, members, strict=True))
