"""People in the posts of a generated district: invented names, nobody able to sign in."""

from __future__ import annotations

from collections.abc import Iterator

from governance.accounts.actions.create_staff import NewStaff, create_many_staff
from governance.kernel.actors import Actor
from governance.kernel.models import District
from grids.generation.organizations import Organizations
from grids.generation.spec import DistrictSpec, Words
from grids.generation.territory import SINCE, Land
from grids.models import Organization, Post, PostAssignment, PostKind

EMPTY = 0.04  # share of posts with nobody in them (缺岗)

# One connected set of posts has people with names like their work and handles one can remember: the first grid, the
# community and street it lies in, two departments, the centre. ``demo_accounts`` gives them passwords in a demo.
# Role → kind of post, name of the person, what to call the post.
ROLES: dict[str, tuple[PostKind, str, str]] = {
    "grid": (PostKind.GRID_WORKER, "周网格员", "网格员"),
    "leader": (PostKind.GRID_LEADER, "吴网格长", "网格长"),
    "community": (PostKind.COMMUNITY_SECRETARY, "郑书记", "社区书记"),
    "street": (PostKind.STREET_DISPATCHER, "冯调度", "街道调度员"),
    "water": (PostKind.DEPARTMENT_HANDLER, "褚承办", "自来水公司承办人"),
    "urban": (PostKind.DEPARTMENT_HANDLER, "蒋承办", "城市管理局承办人"),
    "dispatch": (PostKind.DISTRICT_DISPATCHER, "沈调度", "区调度员"),
    "visitor": (PostKind.RETURN_VISITOR, "韩回访", "回访员"),
    "district": (PostKind.DISTRICT_OFFICIAL, "尤区长", "区级领导"),
    "admin": (PostKind.DISTRICT_ADMIN, "朱管理", "区管理员"),
    "security": (PostKind.SECURITY_ADMIN, "秦安全", "安全管理员"),
    "auditor": (PostKind.AUDIT_ADMIN, "许审计", "审计员"),
}

# Heads of a building of the demo's grid (``heads``). Role → name of the person, what to call the post.
HEAD_ROLES: dict[str, tuple[str, str]] = {"building": ("何楼长", "楼栋长"), "unit": ("吕大姐", "单元长")}

# Mediators beside them (``mediators``). Role → name of the person, what to call the post.
MEDIATOR_ROLES: dict[str, tuple[str, str]] = {
    "mediator": ("卫调解", "调解员"),
    "mediator-street": ("姜调解", "街道调解员"),
}


def handle_of(district: District | DistrictSpec, role: str) -> str:
    """How the person of a role signs in: ``s0-grid``."""
    return f"{district.code}-{role}"


def fill_posts(spec: DistrictSpec, words: Words, land: Land, organizations: Organizations) -> None:
    """One person for every post save about four in a hundred; the connected posts and the centre are never empty."""
    rng = spec.random("people")
    roles = _roles(land, organizations)
    center = organizations.own[land.district.pk].pk
    names = _names(spec, words)
    people: list[NewStaff] = []
    filled: list[Post] = []
    for post in organizations.posts:
        role = roles.get((post.organization_id, post.kind))
        if role is not None:
            people.append(NewStaff(handle_of(spec, role), ROLES[role][1]))
        elif post.organization_id == center or rng.random() >= EMPTY:
            people.append(NewStaff(f"{spec.code}-u{len(people) + 1:05d}", next(names)))
        else:
            continue
        filled.append(post)
    members = create_many_staff(people, actor=Actor.system("load_districts"))
    PostAssignment.objects.bulk_create(
        (
            PostAssignment(post=post, membership=member, since=SINCE)
            for post, member in zip(filled, members, strict=True)
        ),
        batch_size=2000,
    )


def _roles(land: Land, organizations: Organizations) -> dict[tuple[int, str], str]:
    """Role by organization and kind of post."""
    grid = land.grids[0]
    own = organizations.own
    holders: dict[str, Organization] = {
        "grid": own[grid.pk],
        "leader": own[grid.pk],
        "community": own[grid.community_id],
        "street": own[grid.street_id],
        "water": organizations.departments["water"],
        "urban": organizations.departments["urban_management"],
    }
    center = own[land.district.pk]
    return {(holders.get(role, center).pk, kind): role for role, (kind, *_) in ROLES.items()}


def _names(spec: DistrictSpec, words: Words) -> Iterator[str]:
    rng = spec.random("names of people")
    while True:
        yield rng.choice(words.surnames) + rng.choice(words.given_names)
