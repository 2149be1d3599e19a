"""Announcements of the lived weeks, through the real actions: uneven, some corrected or withdrawn, receipts missing.

They draw from their own source of chance, so that the tickets of a seed stay the same.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from analytics.life.announcement_words import SAYINGS, Saying
from analytics.life.scene import Scene, at_work
from governance.accounts.models import Membership
from governance.kernel import clock
from governance.kernel.actors import HEADS, Actor
from governance.kernel.errors import DomainError
from governance.kernel.models import District
from governance.kernel.tenancy.context import scope_at
from grids.queries import actor_for
from grids.reference import OrganizationRef, territory
from requests_intake.forms.places import building_name
from services.actions.announcements import (
    Draft,
    confirm_reading,
    correct_announcement,
    draft_announcement,
    publish_announcement,
    withdraw_announcement,
)
from services.audience import Audience, heads_of
from services.models import Announcement, Delivery
from services.policies import PUBLISHERS
from services.wording import guess_kind

_PER_WEEK = {"grid": 0.5, "community": 3.5, "street": 1.5, "district": 0.5}
_MORE_PER_COMMUNITY = 0.35  # a week, for each community beyond the first
_CORRECTED, _WITHDRAWN, _LEFT_AS_DRAFT = 0.12, 0.07, 0.05
_CONFIRMS = 0.35  # of those who have not yet, each working evening


class Announcements:
    """The announcements of one district's weeks."""

    def __init__(self, scene: Scene, hours: list[datetime], seed: int) -> None:
        self.district: District = scene.district
        self.buildings = scene.buildings
        self.random = Random(f"{seed}:{scene.district.code}:announcements")
        self._actors: dict[int, Actor] = {}
        weeks = len(hours) / (7 * 24)
        rates = dict(_PER_WEEK)
        rates["community"] += _MORE_PER_COMMUNITY * (len(territory().at_level("community")) - 1)
        working = [hour for hour in hours if at_work(hour)]
        levels = [level for level, rate in rates.items() for _n in range(round(rate * weeks))]
        self.coming = sorted((self.random.choice(working), level) for level in levels if working)
        self.corrections: list[tuple[datetime, int, str]] = []

    def live_hour(self, hour: datetime) -> None:
        """What offices publish, correct and withdraw in this hour; towards evening people confirm what they read."""
        while self.coming and self.coming[0][0] <= hour:
            _hour, level = self.coming.pop(0)
            with scope_at(self.district, hour + timedelta(minutes=self.random.randrange(2, 50))):
                self._try(level)
        due = [row for row in self.corrections if row[0] <= hour]
        self.corrections = [row for row in self.corrections if row[0] > hour]
        for _moment, pk, what in due:
            with scope_at(self.district, hour + timedelta(minutes=self.random.randrange(2, 50))):
                self._change(Announcement.objects.get(pk=pk), what)
        if clock.local(hour).hour == 16 and at_work(hour):
            with scope_at(self.district, hour + timedelta(minutes=55)):
                self._confirm()

    def _try(self, level: str) -> None:
        try:
            self._publish(level)
        except DomainError:
            return  # nobody in the posts it is for: then nobody sends it

    def _publish(self, level: str) -> None:
        office, actor = self._office(level)
        if office is None or actor is None:
            return
        random, month = self.random, clock.today().month
        fitting = [row for row in SAYINGS if row.level == level and (not row.months or month in row.months)]
        # Only the grid of the demo's accounts has heads of buildings: elsewhere nobody calls them together.
        of_heads = [row for row in fitting if HEADS.issuperset(row.to.split(","))]
        if of_heads and not heads_of(self._audience(of_heads[0], office)[0]):
            fitting = [row for row in fitting if row not in of_heads]
        saying = random.choice(fitting)
        audience, place = self._audience(saying, office)
        day = clock.today() + timedelta(days=random.randint(1, 3))
        words = {"place": place, "day": f"{day.month}月{day.day}日"}
        draft = Draft(
            title=saying.title.format(**words),
            text=saying.text.format(**words),
            kind=guess_kind(saying.title),
            visible_until=day + timedelta(days=saying.days),
            is_pinned=saying.is_pinned,
            wants_receipt=saying.wants_receipt,
        )
        row = draft_announcement(draft, organization_id=office.id, audience=audience, actor=actor)
        if random.random() < _LEFT_AS_DRAFT:
            return
        publish_announcement(row, actor=actor)
        chance = random.random()
        if chance < _CORRECTED + _WITHDRAWN:
            moment = clock.now() + timedelta(hours=random.randint(2, 26))
            self.corrections.append((moment, row.pk, "correct" if chance < _CORRECTED else "withdraw"))

    def _change(self, row: Announcement, what: str) -> None:
        actor = self._publisher(row.organization_id)
        if actor is None:
            return
        if what == "withdraw":
            withdraw_announcement(row, reason=self.random.choice(("施工改期，另行通知。", "发错了范围。")), actor=actor)
            return
        text = f"{row.text}\n联系人：居委会值班室。"
        note = self.random.choice(("补上联系人。", "原来漏写了找谁。"))
        correct_announcement(row, title=row.title, text=text, visible_until=row.visible_until, note=note, actor=actor)

    def _confirm(self) -> None:
        waiting = Delivery.objects.filter(
            announcement__wants_receipt=True, announcement__state=Announcement.State.PUBLISHED, read_at=None,
            announcement__published_at__gte=clock.now() - timedelta(days=6),
        )  # fmt: skip
        for delivery in waiting.select_related("announcement").order_by("pk"):
            if self.random.random() < _CONFIRMS:
                confirm_reading(delivery.announcement, actor=self._actor(delivery.membership_id))

    def _audience(self, saying: Saying, office: OrganizationRef) -> tuple[Audience, str]:
        if saying.to == "area":
            return Audience(areas=frozenset({office.area_id})), ""
        if saying.to == "buildings":
            return self._buildings(office)
        return Audience(posts=frozenset((kind, office.area_id) for kind in saying.to.split(","))), ""

    def _buildings(self, office: OrganizationRef) -> tuple[Audience, str]:
        """One to four buildings of one compound, or the whole place where it has none."""
        grids = {area.id for area in territory().children(office.area_id, "grid")}
        compounds: dict[int | None, list[int]] = {}
        for pk, grid_id, compound_id in self.buildings:
            if grid_id in grids:
                compounds.setdefault(compound_id, []).append(pk)
        if not compounds:
            return Audience(areas=frozenset({office.area_id})), ""
        inside = compounds[self.random.choice(sorted(compounds, key=str))]
        chosen = self.random.sample(inside, min(len(inside), self.random.randint(1, 4)))
        named = building_name(chosen[0])
        whole = named.compound if named and len(chosen) > 1 else named.label if named else ""
        return Audience(buildings=frozenset(chosen)), whole

    def _office(self, level: str) -> tuple[OrganizationRef | None, Actor | None]:
        """An office of the level with somebody who may publish; those around the demo's accounts oftener."""
        places = territory()
        offices = [
            places.organizations[places.own[area.id]] for area in places.at_level(level) if area.id in places.own
        ]
        manned = [row for row in offices if self._publisher(row.id)]
        if not manned:
            return None, None
        office = manned[0] if self.random.random() < 0.3 else self.random.choice(manned)
        return office, self._publisher(office.id)

    def _publisher(self, organization_id: int) -> Actor | None:
        serving = [holder for holder in territory().serving(organization_id) if holder.kind in PUBLISHERS]
        return self._actor(serving[0].membership_id) if serving else None

    def _actor(self, membership_id: int) -> Actor:
        if membership_id not in self._actors:
            self._actors[membership_id] = actor_for(Membership.objects.get(pk=membership_id))
        return self._actors[membership_id]
