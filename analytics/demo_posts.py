"""The demo's posts and forces: who serves its places, through the real actions; numbers begin with 000.

Everything is drawn from the district's code. Some seats stay empty and one line is 兼管, as it is in the field.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from random import Random

from django.db import transaction

from governance.accounts.actions.create_staff import create_staff
from governance.accounts.models import Membership
from governance.kernel import clock
from governance.kernel.actors import ADVISERS, Actor
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_scope
from grids.actions.posts import assign_post
from grids.generation.spec import read_words
from grids.generation.staffing import handle_of
from grids.models import Building, Post
from grids.posts.actions.forces import ForceDetails, add_force
from grids.posts.actions.law import check_law_building
from grids.posts.actions.lines import set_business_lines, set_line_matrix
from grids.posts.actions.nominations import Nominee, open_nomination, record_vote
from grids.posts.actions.seats import open_seats
from grids.posts.law import checklist
from grids.posts.lines import SHIPPED, people_of
from grids.posts.models import Force
from grids.posts.nominations import voters_of
from grids.queries import actor_for
from grids.reference import territory

_SYSTEM = Actor.system("demo")
SINCE = date(2026, 1, 5)
EMPTY_EACH = 15
"""Of so many grids one has no instructor."""
_FORCES = {
    "grid": (
        ("volunteer", "水电志愿者", ("电工", "水暖"), "工作日晚上和周末", True, True),
        ("party_member", "党员骨干", ("调解",), "随叫随到", True, False),
        ("doctor", "家庭医生", ("急救", "护理"), "周二、周四下午", True, False),
    ),
    "community": (
        ("police", "社区民警", ("调解",), "工作日", True, True),
        ("lawyer", "公益律师", ("法律", "调解"), "每周三", True, False),
        ("property", "水电和绿化维修", ("电工", "水暖", "绿化"), "每天 8 点到 20 点", True, True),
    ),
    "street": (
        ("department", "应急抢修", ("电工", "清运", "驾驶"), "全天", False, False),
        ("social", "陪护和心理疏导", ("心理", "护理"), "工作日", True, True),
    ),
}
_TEAMS = {"property": ("物业维修班", 6), "department": ("街道应急抢修队", 12), "social": ("社工服务站", 5)}


def load_demo_posts(district: District) -> int:
    """Fill seats, lists, lines and one choice of a head where there is no force yet. Returns how many forces."""
    with district_scope(district), transaction.atomic():
        if Force.objects.exists():
            return 0
        rng = Random(f"posts-{district.code}")
        worker, secretary = _member(district, "grid"), _member(district, "community")
        grid = next(role.area_id for role in worker.roles if role.level == "grid")
        _fill_seats(district, rng)
        made = _fill_lists(grid or 0, rng)
        _share_lines(territory().areas[grid or 0].community_id or 0, secretary)
        _choose(grid or 0, rng, worker, secretary)
        return made


def _member(district: District, role: str) -> Actor:
    return actor_for(Membership.objects.get(user__handle=handle_of(district, role)))


def _name(rng: Random) -> str:
    words = read_words()
    return rng.choice(words.surnames) + rng.choice(words.given_names)


def _fill_seats(district: District, rng: Random) -> None:
    """All but some: two communities lack a legal adviser, one its police officer, some grids their instructor."""
    number = count(1)
    for kind in sorted(ADVISERS):
        open_seats(kind, actor=_SYSTEM)
        posts = list(Post.objects.filter(kind=kind, ended_on=None).order_by("organization_id"))
        empty = {"legal_adviser": 2, "community_police": 1}.get(kind, 0)
        taken = posts[: len(posts) - empty] if len(posts) > empty else posts
        people: dict[int, Membership] = {}
        if kind == "party_instructor":
            taken = [post for place, post in enumerate(posts) if place % EMPTY_EACH != EMPTY_EACH - 1]
        # Before anybody is in post: each assignment has the territory read anew.
        places = {post.pk: _community(post) if kind == "party_instructor" else post.pk for post in taken}
        for post in taken:
            place = places[post.pk]
            if place not in people:
                handle = f"{district.code}-p{next(number):03d}"
                people[place] = create_staff(handle=handle, name=_name(rng), actor=_SYSTEM)
            assign_post(post, membership=people[place], since=SINCE, actor=_SYSTEM)


def _community(post: Post) -> int:
    """One instructor for the grids of a community, as a member of its committee is."""
    office = territory().organizations[post.organization_id]
    return territory().areas[office.area_id].community_id or 0


def _fill_lists(grid_id: int, rng: Random) -> int:
    area, made = territory().areas[grid_id], 0
    for level, pk in (("grid", area.id), ("community", area.community_id), ("street", area.street_id)):
        for kind, role, skills, when, is_public, publishes in _FORCES[level] if pk else ():
            team, size = _TEAMS.get(kind, ("", 1))
            details = ForceDetails(
                kind=kind, name=team or _name(rng), role=role, headcount=size,
                contact=_name(rng) if team else "", phone=f"000{rng.randrange(10**8):08d}", skills=skills,
                availability=when, is_public=is_public, publishes_phone=publishes,
            )  # fmt: skip
            add_force(pk or 0, details, actor=_SYSTEM)
            made += 1
    return made


def _share_lines(community_id: int, secretary: Actor) -> None:
    """One after the other, so that everybody has some; the last line is 兼管."""
    lines = set_business_lines(SHIPPED, actor=_SYSTEM)
    people = [holder.membership_id for holder in people_of(community_id)]
    owners = {line.pk: [people[place % len(people)]] for place, line in enumerate(lines[:-1])} if people else {}
    shared = [line.pk for line in lines if line.pk not in owners]
    set_line_matrix(community_id, owners, shared=shared, actor=secretary)


def _choose(grid_id: int, rng: Random, worker: Actor, secretary: Actor) -> None:
    """The last building of the grid chooses its head, some households have said whom they want; two were checked."""
    buildings = list(Building.objects.filter(grid_id=grid_id, ended_on=None).order_by("pk"))
    if not buildings:
        return
    nominees = [Nominee(_name(rng), "", "退休教师，住了二十年"), Nominee(_name(rng), "", "在职党员，周末在家")]
    until = clock.today() + timedelta(days=7)
    row = open_nomination(buildings[-1], nominees, confirm_by=until, actor=worker)
    candidates = list(row.candidates.order_by("pk"))
    for home in voters_of(row)[:40]:
        if rng.random() < 0.6:
            record_vote(row, home, rng.choices(candidates, (3, 2))[0].pk, actor=worker)
    items = list(checklist())
    for building, passed in zip(buildings, (items, items, items[:6]), strict=False):
        check_law_building(building, passed, actor=secretary)
    if len(buildings) > 1:
        check_law_building(buildings[1], items[1:], actor=secretary)
