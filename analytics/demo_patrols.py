"""The demo's patrols: three weeks of one community of each district, through the real actions at their own hours.

Drawn from the district's code, so that the same demo comes out every time.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random
from uuid import UUID

from django.db import transaction

from governance.accounts.models import Membership
from governance.kernel import clock, outbox
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_transaction, scope_at
from grids.generation.staffing import handle_of
from grids.models import Area
from grids.patrols.actions.patrols import PatrolSaid, close_unfinished, finish_patrol, start_patrol
from grids.patrols.actions.plans import PlanSaid, set_plan
from grids.patrols.models import Patrol, PatrolPlan
from grids.queries import actor_for
from grids.reference import territory
from requests_intake.actions.resolve import solve_on_site
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import TicketTransition

DAYS = 21
SHIFTS = {"am": (time(8, 30), time(11, 30)), "pm": (time(14, 0), time(17, 0))}
_WALKED, _ENDED, _FINDS, _TOGETHER = 0.88, 0.97, 0.18, 0.06
_FOUND = (
    ("楼前绿化带里有建筑垃圾，请物业清走了", "0105"), ("单元门口堆着纸箱，当场劝住户搬回家", "0106"),
    ("井盖有点翘，垫平了", "0604"), ("消防通道停着电动车，挪开了", "0401"),
)  # fmt: skip


def load_demo_patrols(district: District) -> int:
    """Write the demo's plans and patrols into a district that has none. Returns how many patrols were walked."""
    with district_transaction(district):
        if PatrolPlan.objects.exists():
            return 0
        secretary = _member(district, "community")
        walker = _member(district, "grid")
        home = Area.objects.get(pk=next(role.area_id for role in walker.roles if role.level == "grid"))
        grids = [area.id for area in territory().at_level("grid") if area.community_id == home.community_id]
        first = clock.today() - timedelta(days=DAYS)
        rng = Random(f"patrols-{district.code}")
        end = clock.now()
    begin = datetime.combine(first, time(8), clock.SHANGHAI)
    with scope_at(district, begin), transaction.atomic(), outbox.told_by_caller():
        found = {pk: actor for pk in grids if (actor := _walker(pk)) is not None} | {home.pk: walker}
        # Who walks two grids walks one after the other: the demo's keep to one.
        by_person = {actor.membership_id: pk for pk, actor in found.items()}
        walkers = {pk: found[pk] for pk in by_person.values()}
        planner = secretary if secretary.role_kinds & {"community_secretary"} else Actor.system("demo")
        set_plan(walkers, "routine", PlanSaid(SHIFTS), actor=planner)
        for offset in range(DAYS):
            day = first + timedelta(days=offset)
            _night(district, day)
            if work_calendar().is_working(day):
                for pk, actor in walkers.items():
                    for code in SHIFTS:
                        _walk(district, day, code, pk, actor, rng, end)
        _night(district, clock.local(end).date())
        return Patrol.objects.count()


def _member(district: District, role: str) -> Actor:
    return actor_for(Membership.objects.get(user__handle=handle_of(district, role)))


def _walker(grid_id: int) -> Actor | None:
    """Who walks a grid; nobody where the post is empty."""
    places = territory()
    found = [holder for holder in places.serving(places.own[grid_id]) if holder.kind == "grid_worker"]
    return actor_for(Membership.objects.get(pk=found[0].membership_id)) if found else None


def _night(district: District, day: date) -> None:
    with scope_at(district, datetime.combine(day, time(2, 30), clock.SHANGHAI)):
        close_unfinished()


def _walk(district: District, day: date, code: str, grid_id: int, actor: Actor, rng: Random, end: datetime) -> None:
    """One shift of one grid: mostly walked, seldom left open, sometimes with others, now and then with a find."""
    opens = datetime.combine(day, SHIFTS[code][0], clock.SHANGHAI)
    start, length = opens + timedelta(minutes=rng.randint(-10, 40)), timedelta(minutes=rng.randint(55, 110))
    walked, ended, found, joint = (rng.random() for _each in range(4))
    name, words = UUID(int=rng.getrandbits(128), version=4), rng.choice(_FOUND)
    if walked > _WALKED or start + length > end:
        return
    crew = {"police": 1, "property": 1, "volunteer": 2} if joint < _TOGETHER else {}
    with scope_at(district, start):
        row = start_patrol(PatrolSaid(name, grid_id, crew=crew), actor=actor)
    if found < _FINDS:
        with scope_at(district, start + length / 2):
            _find(grid_id, words, actor)
    if code == "am" or ended < _ENDED:
        with scope_at(district, start + length):
            finish_patrol(row, actor=actor)


def _find(grid_id: int, words: tuple[str, str], actor: Actor) -> None:
    content, category = words
    grid = territory().areas[grid_id]
    said = Report(
        content=content, category_code=category, request_type="help", channel="patrol", is_proactive=True,
        start_level="grid", address=grid.name, community_id=grid.community_id,
    )  # fmt: skip
    ticket = submit_ticket(said, actor=actor).ticket
    if ticket.grid_id == grid_id:
        solve_on_site(ticket, actor=actor, reply=content)
    outbox.deliver(TicketTransition)
