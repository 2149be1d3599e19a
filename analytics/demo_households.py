"""The demo's register: invented households of one community of each district, through the real actions.

Everything is drawn from the district's code, so that the same demo comes out every time. Names are put together from
the demo's own list, numbers begin with 000 and reach nobody.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

from django.db import transaction

from analytics.demo_canvasses import load_demo_canvasses
from analytics.demo_visits import load_demo_visits
from governance.accounts.models import Membership
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_scope
from grids.generation.spec import Words, read_words
from grids.generation.staffing import handle_of
from grids.households.actions.elements import ElementDetails, add_element
from grids.households.actions.figures import Declared, declare_figure
from grids.households.actions.households import HouseholdDetails, NewHousehold, Where, register_households
from grids.households.actions.persons import PersonDetails
from grids.households.actions.tags import USUAL_ROLES, TagDetails, define_tag, set_service_roles, tag_households
from grids.households.models import Household, HouseholdTag
from grids.models import Area, Building, Room
from grids.queries import actor_for

_SYSTEM = Actor.system("demo")

TAGS = (
    TagDetails("党员户", "党", "rose", "家里有党员，愿意带头参加活动"),
    TagDetails(
        "常看望", "望", "plum", "独居、高龄，本人或家人同意常去看看", 7, True, ["community_secretary", "grid_worker"]
    ),
    TagDetails("新搬来", "新", "green", "入住不到半年，先认认门", 60),
    TagDetails("租住户", "租", "blue", "租房住，合同到期常换人", 90),
    TagDetails("热心户", "热", "apricot", "愿意帮邻里、当志愿者"),
    TagDetails("优待户", "优", "teal", "军属、烈属等优待家庭，本人愿意公开", 90, True, ["community_secretary"]),
)
_ELEMENTS = (
    ("school", "第二实验幼儿园", ""), ("market", "便民菜市场", ""), ("clinic", "惠民药店", ""),
    ("shop", "老街粮油店", ""),
    ("manhole", "南门口井盖", "01"), ("street_lamp", "小广场东侧路灯", "02"), ("hydrant", "1号楼前消防栓", "03"),
    ("charger", "车棚充电桩", "04"),
)  # fmt: skip


def load_demo_households(district: District) -> int:
    """Write the demo's households into a district that has none and has flats. Returns how many were written."""
    with district_scope(district), transaction.atomic():
        if Household.objects.exists() or not Room.objects.exists():
            return 0
        worker = _member(district, "grid")
        grid = Area.objects.get(pk=next(role.area_id for role in worker.roles if role.level == "grid"))
        rng = Random(f"households-{district.code}")
        tags = {tag.mark: tag for tag in (define_tag(details, actor=_SYSTEM) for details in TAGS)}
        set_service_roles(USUAL_ROLES, actor=_SYSTEM)
        here = Building.objects.filter(grid__community_id=grid.community_id, ended_on=None).order_by("pk")
        own = [building for building in here if building.grid_id == grid.pk]
        others = [building for building in here if building.grid_id != grid.pk]
        written = _fill(own, rng, worker) + _fill(others, rng, _SYSTEM, named=False)
        mine = {building.pk for building in own}
        homes, secretary = [row for row in written if row.building_id in mine], _member(district, "community")
        _tag(homes, tags, rng, worker, secretary)
        for kind, name, number in _ELEMENTS:
            code = f"{grid.code}-{number}" if number else ""
            add_element(grid.pk, ElementDetails(kind, name, code), actor=worker)
        _declare(grid.community_id, district)
        load_demo_visits(grid.pk, homes, rng, worker, secretary)
        load_demo_canvasses(grid.community_id, homes, rng, worker, secretary)
        return len(written)


def _member(district: District, role: str) -> Actor:
    return actor_for(Membership.objects.get(user__handle=handle_of(district, role)))


def _fill(buildings: list[Building], rng: Random, actor: Actor, *, named: bool = True) -> list[Household]:
    """Eleven of twelve flats with somebody in them: people move in faster than anybody writes it down.

    ``named``: with names and numbers; the neighbours of the demo's grid are counted only.
    """
    words = read_words()
    rooms = Room.objects.filter(unit__building__in=buildings).select_related("unit").order_by("unit", "floor", "number")
    by_pk = {building.pk: building for building in buildings}
    new = []
    for room in rooms:
        if room.use == Room.Use.EMPTY or rng.random() < 1 / 12:
            continue
        household = _household(Where(by_pk[room.unit.building_id], room), words, rng)
        new.append(household if named else _unnamed(household))
    return register_households(new, actor=actor, is_generated=True)


def _unnamed(new: NewHousehold) -> NewHousehold:
    details = replace(new.details, contact_name="", contact_phone="", may_be_called=False, agreed_on=None)
    return NewHousehold(new.where, details)


def _household(where: Where, words: Words, rng: Random) -> NewHousehold:
    assert where.room is not None
    rented, shop = where.room.use == Room.Use.RENTED, where.room.use == Room.Use.BUSINESS
    people = rng.choices((1, 2, 3, 4, 5), (18, 27, 30, 17, 8))[0]
    surname = rng.choice(words.surnames)
    named = [surname + rng.choice(words.given_names) for _ in range(min(people, 2))]
    phone = f"000{rng.randrange(10**8):08d}"  # no place has 000
    year = clock.today().year
    persons = [PersonDetails(named[0], phone, year - rng.randint(26, 86), "head")]
    persons += [PersonDetails(name, "", year - rng.randint(24, 80), "spouse") for name in named[1:]]
    kind = (
        Household.Kind.BUSINESS if shop else Household.Kind.SHARED if rented and people > 3 else Household.Kind.FAMILY
    )
    moved = clock.today() - timedelta(days=rng.randint(30, 900) if rented else rng.randint(200, 9_000))
    agrees = rng.random() < 0.8
    details = HouseholdDetails(
        kind=kind, people_count=people, contact_name=named[0], contact_phone=phone, may_be_called=agrees,
        agreed_on=clock.today() - timedelta(days=20) if agrees else None, moved_in_on=moved,
    )  # fmt: skip
    return NewHousehold(where, details, persons)


def _tag(rows: list[Household], tags: dict[str, HouseholdTag], rng: Random, worker: Actor, secretary: Actor) -> None:
    def some(share: float) -> list[Household]:
        return [row for row in rows if rng.random() < share]

    rented = [row for row in rows if row.room and row.room.use == Room.Use.RENTED]
    half_a_year = clock.today() - timedelta(days=180)
    fresh = [row for row in rows if row.moved_in_on and row.moved_in_on > half_a_year]
    tag_households(some(0.12), tags["党"], reason="本人愿意亮身份", actor=worker)
    tag_households(some(0.05), tags["望"], reason="独居，家人同意常去看看", actor=worker)
    tag_households(fresh, tags["新"], reason="新入住", actor=worker)
    tag_households(rented, tags["租"], reason="租住登记", actor=worker)
    tag_households(some(0.06), tags["热"], reason="报名做志愿者", actor=worker)
    tag_households(some(0.03), tags["优"], reason="本人申请", actor=secretary)


def _declare(community_id: int | None, district: District) -> None:
    """What was reported last year: not quite what the register holds."""
    assert community_id is not None
    buildings = Building.objects.filter(grid__community_id=community_id, ended_on=None)
    said = sum(buildings.values_list("household_count", flat=True))
    last_year = date(clock.today().year - 1, 12, 31)
    figure = Declared(last_year, f"{last_year.year}年人口统计报表", said, round(said * 2.6))
    declare_figure(community_id, figure, actor=_member(district, "community"))
