"""What a district is like before anybody acts: who is in post, who is slow, where it clusters, what the weather is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random

from analytics.life.words import SAYINGS, WEIGHTS, Saying
from governance.accounts.models import Membership
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.calendar_store import work_calendar
from governance.kernel.models import District
from grids.generation.spec import read_words
from grids.generation.staffing import ROLES, handle_of
from grids.models import Building
from grids.queries import actor_for
from grids.reference import Holder, territory
from requests_intake.models import WorkOrder
from requests_intake.reference import rules
from requests_intake.workflow import RECORDERS

HOUR = timedelta(hours=1)

# Reports by hour of the day in Shanghai: people look around on their way out, at noon and after supper.
_BY_HOUR = (1, 0, 0, 0, 0, 1, 3, 7, 9, 9, 8, 7, 6, 5, 6, 6, 6, 7, 8, 9, 8, 6, 3, 1)
_WEEKEND = 0.6
_BURST = 2.0  # reports of a day of bad weather, against an ordinary day
_SLOW, _ORDINARY, _GOOD = 0.5, 1.0, 1.6
_AT_HOME, _AT_HOME_LAST = 0.15, 0.45  # share of reports around the demo's own accounts
_LEFT_TO_DO, _OF_THE_DESKS = 0.12, 0.35


class Scene:
    """Fixed for one run. ``pace``: how quickly an organization works, 1 is ordinary. ``departments``: the demo's own,
    each with what is its business."""

    def __init__(self, district: District, random: Random, first: date, last: date) -> None:
        self.district = district
        self.random = random
        buildings = Building.objects.filter(ended_on=None).order_by("id")
        self.buildings = list(buildings.values_list("id", "grid_id", "compound_id"))
        self.is_ending = self.is_last = False
        self.held: set[int] = set()  # tickets somebody waits for an answer about: nobody finishes them meanwhile
        self.desks = self._demo_desks()
        self.home = self._home_buildings()
        self._actors: dict[int, Actor] = {}
        self._pace: dict[int, float] = {}
        self._streets = self._street_paces()
        self.weather = self._weather(first, last)
        self.hot_spots = self._hot_spots()
        self.departments = self._demo_departments()
        small = {code for code, ref in rules().by_code.items() if ref.pure.start_level == "grid"}
        self._of_the_grid = [row for row in SAYINGS if row.code in small] or list(SAYINGS)
        words = read_words()
        self.surnames = words.surnames
        self._weights = list(accumulate(self._weight(saying) for saying in SAYINGS))
        center = territory().center().id
        self.dispatcher = self.somebody(center, "district_dispatcher")
        self.visitor = self.somebody(center, "return_visitor")

    def somebody(self, organization_id: int | None, *kinds: str) -> Actor | None:
        """Someone in post there (of these kinds; by default one who handles matters, the leader only if alone)."""
        serving = territory().serving(organization_id) if organization_id is not None else []
        found = [holder for holder in serving if holder.kind in (kinds or RECORDERS)]
        if not found:
            return None
        return self._actor(self.random.choice([holder for holder in found if not holder.is_leader] or found))

    def _actor(self, holder: Holder) -> Actor:
        if holder.membership_id not in self._actors:
            self._actors[holder.membership_id] = actor_for(Membership.objects.get(pk=holder.membership_id))
        return self._actors[holder.membership_id]

    def forget_people(self) -> None:
        """Posts or deputies have changed, or a day has begun."""
        self._actors.clear()

    def pace(self, organization_id: int) -> float:
        """An organization is as quick as its street, more or less; departments have a pace of their own."""
        if organization_id not in self._pace:
            places = territory()
            organization = places.organizations[organization_id]
            street_id = places.areas[organization.area_id].street_id
            base = self._streets.get(street_id or 0, _ORDINARY)
            # By its name: a primary key would make the same month another in every installation.
            self._pace[organization_id] = base * Random(f"{self.district.code}:{organization.name}").uniform(0.75, 1.25)
        return self._pace[organization_id]

    def finishing(self, organization_id: int) -> float:
        """As ``pace``, and slow where somebody will sign in to the demo and look for something to do."""
        waits = _LEFT_TO_DO if self.is_ending and organization_id in self.desks else 1.0
        return self.pace(organization_id) * waits

    def _street_paces(self) -> dict[int, float]:
        """One good street, about every fourth slow."""
        streets = [area.id for area in territory().at_level("street")]
        shuffled = self.random.sample(streets, len(streets))
        slow = shuffled[1 : 1 + round(len(streets) / 4)]
        return {
            pk: _GOOD if len(streets) > 1 and pk == shuffled[0] else _SLOW if pk in slow else _ORDINARY
            for pk in streets
        }

    def _demo_desks(self) -> set[int]:
        """Organizations of the demo's own accounts."""
        handles = [handle_of(self.district, role) for role in ROLES]
        members = Membership.objects.filter(user__handle__in=handles)
        return {role.organization_id for member in members for role in actor_for(member).roles if role.organization_id}

    def _demo_departments(self) -> dict[int, list[Saying]]:
        """What is the business of each of the demo's own departments, by organization."""
        places, by_code = territory(), rules().by_code
        kinds = {pk: kind for pk in sorted(self.desks) if (kind := places.organizations[pk].department_kind)}
        known = [(row, by_code[row.code].pure.departments[:1]) for row in SAYINGS if row.code in by_code]
        found = {pk: [row for row, first in known if kind in first] for pk, kind in kinds.items()}
        return {pk: sayings for pk, sayings in found.items() if sayings}

    def busy(self) -> set[int]:
        """Those of the demo's own organizations that have something in hand."""
        rows = WorkOrder.objects.filter(organization_id__in=self.desks, ended_at=None)
        return set(rows.values_list("organization_id", flat=True))

    def _said_of_a_desk(self) -> Saying:
        """Something for the demo's own departments; first for those that have nothing to do."""
        busy = self.busy()
        idle = [pk for pk in self.departments if pk not in busy]
        return self.random.choice(self.departments[self.random.choice(idle or list(self.departments))])

    def _home_buildings(self) -> list[int]:
        """The buildings around the demo's own accounts, where there is more to see than anywhere else."""
        member = Membership.objects.filter(user__handle=handle_of(self.district, "grid")).first()
        areas = {role.area_id for role in actor_for(member).roles} if member else set()
        return [pk for pk, grid_id, _compound in self.buildings if grid_id in areas]

    def _weather(self, first: date, last: date) -> dict[date, str]:
        """Two days of heavy rain, and in the heating months three cold ones."""
        days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
        found: dict[date, str] = {}
        spells = [("r", 2)] if 4 <= last.month <= 10 else [("r", 2), ("c", 3)]
        for number, (flag, length) in enumerate(spells):
            part = days[number * len(days) // len(spells) : (number + 1) * len(days) // len(spells)]
            start = self.random.randrange(max(1, len(part) - length + 1))
            found.update(dict.fromkeys(part[start : start + length], flag))
        return found

    def _hot_spots(self) -> list[tuple[list[int], tuple[str, ...]]]:
        """Compounds people complain about again and again, each of the same few things."""
        compounds: dict[int, list[int]] = {}
        for pk, _grid, compound_id in self.buildings:
            if compound_id is not None:
                compounds.setdefault(compound_id, []).append(pk)
        chosen = self.random.sample(sorted(compounds), min(3, len(compounds)))
        themes = [("0206", "0201"), ("0604", "0101"), ("0402", "0404")]
        return [(compounds[pk], theme) for pk, theme in zip(chosen, themes, strict=False)]

    @staticmethod
    def _weight(saying: Saying) -> float:
        same = sum(1 for other in SAYINGS if other.code[:2] == saying.code[:2])
        return WEIGHTS[saying.code[:2]] / same

    def load_of(self, hour: datetime) -> float:
        """How many reports come in this hour, as a share without unit."""
        local = clock.local(hour)
        day = _WEEKEND if local.weekday() >= 5 else 1.0
        return _BY_HOUR[local.hour] * day * (_BURST if local.date() in self.weather else 1.0)

    def said_where(self, hour: datetime) -> tuple[Saying, int]:
        """Something somebody says at this hour, and the building it is about."""
        random, local = self.random, clock.local(hour)
        weather = self.weather.get(local.date(), "")
        if self.is_last and self.home:
            return random.choice(self._of_the_grid), random.choice(self.home)
        if self.is_ending and self.departments and random.random() < _OF_THE_DESKS:
            return self._said_of_a_desk(), self.building()
        if weather and random.random() < 0.6:
            return random.choice([row for row in SAYINGS if weather in row.flags]), self.building()
        if self.hot_spots and random.random() < 0.12:
            buildings, codes = random.choice(self.hot_spots)
            return random.choice([row for row in SAYINGS if row.code in codes]), random.choice(buildings)
        if local.hour >= 19 and random.random() < 0.35:
            return random.choice([row for row in SAYINGS if "n" in row.flags]), self.building()
        if local.weekday() == 0 and random.random() < 0.2:
            return random.choice([row for row in SAYINGS if "w" in row.flags]), self.building()
        return random.choices(SAYINGS, cum_weights=self._weights)[0], self.building()

    def building(self) -> int:
        if self.home and self.random.random() < (_AT_HOME_LAST if self.is_ending else _AT_HOME):
            return self.random.choice(self.home)
        return self.random.choice(self.buildings)[0]

    def resident(self) -> tuple[str, str]:
        """A name as people leave it, and a phone from a range nobody has. Some report more than once."""
        number = self.random.randrange(10_000) if self.random.random() < 0.85 else self.random.randrange(12)
        family = self.surnames[number % len(self.surnames)]
        title = ("女士", "先生", "阿姨", "师傅", "老师")[number % 5]
        return family + title, f"1390000{number:04d}"


def hours_between(start: datetime, end: datetime) -> Iterator[datetime]:
    """Beginnings of the hours that end by ``end``, first the earliest."""
    moment = start
    while moment + HOUR <= end:
        yield moment
        moment += HOUR


def working_days_before(day: date, count: int) -> date:
    """The day that many working days earlier."""
    while count:
        day -= timedelta(days=1)
        count -= work_calendar().is_working(day)
    return day


def at_work(moment: datetime) -> bool:
    """Whether offices are open."""
    return any(start <= moment < end for start, end in work_calendar().working_intervals(clock.local(moment).date()))


def awake(moment: datetime) -> bool:
    """Whether residents look at their phones."""
    return 8 <= clock.local(moment).hour < 22
