"""Tickets by the thousand for one district: a few live ones with their whole history, many finished long ago."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.db import connection

from analytics.bulk.copying import Table, new_ids
from analytics.bulk.history import LOADER, Course, Recorder
from analytics.life.words import SAYINGS
from governance.kernel import clock
from governance.kernel.calendar_store import work_calendar
from governance.kernel.crypto import keyed_hash
from governance.kernel.models import District
from governance.kernel.search import index_objects
from governance.kernel.tenancy.context import current_district_id, district_transaction
from grids.models import Building
from grids.reference import AreaRef, territory
from requests_intake import sla, workflow
from requests_intake.actions.orders import organization_at
from requests_intake.models import (
    Clock,
    ClockEntry,
    Note,
    NumberCounter,
    Rating,
    Requester,
    Supervision,
    Ticket,
    TicketTransition,
    WorkOrder,
)
from requests_intake.numbering import make_number
from requests_intake.reference import CategoryRef, rules
from requests_intake.subscribers import SEARCH_KIND, search_text

CHUNK = 10_000
_YEARS = timedelta(days=4 * 365)
_FULL = timedelta(days=90)
_OPEN_SHARE, _OPEN_AGE = 0.02, timedelta(days=12)
_LEVEL_NAMES, _LEVEL_WEIGHTS = ("grid", "community", "street", "district"), (45, 30, 18, 7)
_FACE_NAMES, _FACE_WEIGHTS = ("satisfied", "so_so", "unsolved"), (60, 20, 20)
_CHANNEL_NAMES, _CHANNEL_WEIGHTS = ("web", "hotline", "door"), (50, 35, 15)


def share_out(tickets: int, districts: int) -> list[int]:
    """Skewed sizes: the first district has about seven times as many as the twentieth."""
    weights = [1 / (number + 1) ** 0.65 for number in range(districts)]
    upto = [round(tickets * sum(weights[: number + 1]) / sum(weights)) for number in range(districts)]
    return [after - before for before, after in zip([0, *upto], upto, strict=False)]


def load_tickets(
    district: District, count: int, *, seed: int = 7, searchable: bool = False, lately: float = _OPEN_SHARE
) -> int:
    """Add ``count`` tickets to a district, a transaction per chunk. Returns rows written in all tables together.

    ``lately``: the share that was brought within the last twelve days, of which about three quarters are still open.
    """
    random = Random(f"{seed}:{district.code}:{count}")
    rows = 0
    for start in range(0, count, CHUNK):
        with district_transaction(district):
            rows += _Chunk(random, clock.now(), lately).load(min(CHUNK, count - start), searchable=searchable)
    return rows


@dataclass(frozen=True)
class _Place:
    building_id: int
    compound_id: int | None
    grid: AreaRef


class _Chunk:
    """One transaction's worth of one district."""

    def __init__(self, random: Random, now: datetime, lately: float) -> None:
        self.random, self.now, self.lately = random, now, lately
        areas = territory().areas
        buildings = Building.objects.filter(ended_on=None).order_by("id")
        rows = buildings.values_list("id", "compound_id", "grid_id")
        self.places = [_Place(pk, compound_id, areas[grid_id]) for pk, compound_id, grid_id in rows]
        self.categories = {saying.code: rules().by_code[saying.code] for saying in SAYINGS}
        self.sayings = [row for row in SAYINGS if not self.categories[row.code].pure.is_restricted]
        self.tables = {
            model: Table(model)
            for model in (Requester, Ticket, WorkOrder, Supervision, Clock, ClockEntry, TicketTransition, Note, Rating)
        }
        self.departments = [row for row in rules().organizations if row.level == "department"]
        self._entry_ids, self._supervision_ids = _endless(ClockEntry), _endless(Supervision)
        self.version, self.policy = rules().policy(now)
        self.calendar = work_calendar()
        # What every new ticket begins with, before anybody has it in hand.
        self._common = {
            "request_type": "complaint",
            "located_by": "building",
            "organization_id": territory().center().id,
            "level": "district",
            "max_level": "grid",
        }
        self._promises: dict[tuple[date, int], datetime] = {}
        self._limits: dict[tuple[int, date], sla.Limit] = {}
        self._urgencies: dict[tuple[int, date], str] = {}
        self._organizations: dict[tuple[int, str], int] = {}
        self._sequences = dict(NumberCounter.objects.values_list("day", "last"))
        self._used: set[date] = set()

    def load(self, count: int, *, searchable: bool) -> int:
        moments = sorted(self._moment() for _number in range(count))
        ticket_ids = new_ids(Ticket, count)
        order_ids, clock_ids = _endless(WorkOrder), _endless(Clock)
        transition_ids, rating_ids = _endless(TicketTransition), _endless(Rating)
        shell = self._shell()
        requesters = self._requesters(shell[Requester], count, min(moments))
        texts: list[tuple[int, str]] = []
        for moment in moments:
            facts = self._facts(next(ticket_ids), self.random.choice(requesters), moment)
            if moment >= self.now - _FULL:
                self._recent(Ticket(**facts), order_ids, clock_ids, transition_ids, rating_ids)
            else:
                self._old(shell, facts, next(order_ids), transition_ids, rating_ids)
            if searchable:
                texts.append((facts["id"], search_text(Ticket(**facts))))
        written = sum(table.write() for table in self.tables.values())
        self._keep_sequences()
        for start in range(0, len(texts), 1_000):
            index_objects(SEARCH_KIND, texts[start : start + 1_000])
        return written + len(texts)

    def _moment(self) -> datetime:
        if self.random.random() < self.lately:
            return self.now - _OPEN_AGE * self.random.random() - timedelta(minutes=1)
        return self.now - _OPEN_AGE - (_YEARS - _OPEN_AGE) * self.random.random()

    def _facts(self, pk: int, requester_id: int, moment: datetime) -> dict[str, Any]:
        """The columns that say what was reported, where and when."""
        random = self.random
        saying, place = random.choice(self.sayings), random.choice(self.places)
        category = self.categories[saying.code]
        content = saying.say(random)
        return {
            "id": pk,
            "number": self._number(moment),
            "channel": random.choices(_CHANNEL_NAMES, _CHANNEL_WEIGHTS)[0],
            "category_id": category.id,
            "urgency": self._urgency(category, clock.local(moment).date()),
            "title": content.split("。")[0][:60],
            "content": content,
            "requester_id": requester_id,
            "building_id": place.building_id,
            "compound_id": place.compound_id,
            "area_id": place.grid.id,
            "grid_id": place.grid.id,
            "community_id": place.grid.community_id,
            "street_id": place.grid.street_id,
            "submitted_at": moment,
            **self._common,
        }

    def _urgency(self, category: CategoryRef, day: date) -> str:
        key = (category.id, day)
        if key not in self._urgencies:
            self._urgencies[key] = self.policy.effective_urgency(category.pure.urgency, category.code, day)
        return self._urgencies[key]

    def _number(self, moment: datetime) -> str:
        day = clock.local(moment).date()
        self._sequences[day] = self._sequences.get(day, 0) + 1
        self._used.add(day)
        return make_number(day, self._sequences[day])

    def _keep_sequences(self) -> None:
        """So that tickets reported later go on counting."""
        days = sorted(self._used)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO requests_intake_numbercounter (district_id, day, last) "
                "SELECT %s, day, last FROM unnest(%s::date[], %s::int[]) AS v(day, last) "
                "ON CONFLICT (district_id, day) DO UPDATE SET last = excluded.last",
                [current_district_id(), days, [self._sequences[day] for day in days]],
            )

    def _shell(self) -> dict[Any, list[str]]:
        """Cells that rows of finished tickets have in common. One phone serves everybody: encrypting is dear."""
        now, phone = self.now, "13900000000"
        rows = (
            Requester(
                pk=0, name="居民", phone=phone, phone_hash=keyed_hash(phone), tail_hash=keyed_hash("tail:0000"),
                created_at=now,
            ),
            Ticket(
                pk=0, state="closed", area_id=0, submitted_at=now, close_reason="rated", needs_verification=False,
                policy_version=self.version, **self._common,
            ),
            WorkOrder(
                pk=0, ticket_id=0, sequence=1, state=workflow.OrderState.VERIFIED.value, organization_id=0,
                level="grid", dispatched_at=now, limit_value=5, limit_unit="work_day", due_at=now,
            ),
            TicketTransition(
                pk=0, ticket_id=0, move="", at=now, recorded_at=now, delivered_at=now, actor_name=LOADER.name,
            ),
            Rating(pk=0, ticket_id=0, face="satisfied", is_first=True, at=now),
        )  # fmt: skip
        return {type(row): self.tables[type(row)].template(row) for row in rows}

    def _requesters(self, template: list[str], count: int, since: datetime) -> list[int]:
        """People report about four times each."""
        found = list(new_ids(Requester, count // 4 + 1))
        for pk in found:
            self.tables[Requester].add(template, id=pk, created_at=since)
        return found

    def _organization(self, facts: dict[str, Any], level: str) -> int:
        key = (facts["grid_id"], level)
        if key not in self._organizations:
            self._organizations[key] = organization_at(Ticket(**facts), level).id
        return self._organizations[key]

    def _old(
        self, shell: dict[Any, list[str]], facts: dict[str, Any], order_id: int,
        transition_ids: Iterator[int], rating_ids: Iterator[int],
    ) -> None:  # fmt: skip
        """Finished long ago: its order, how it began and how it ended."""
        random, begun, pk = self.random, facts["submitted_at"], facts["id"]
        level = random.choices(_LEVEL_NAMES, _LEVEL_WEIGHTS)[0]
        organization_id = self._organization(facts, level)
        promise, limit = self._promise(facts)
        share = random.uniform(0.05, 0.95) if random.random() < 0.8 else random.uniform(1.0, 1.8)
        done = begun + (promise - begun) * share
        closed = done + timedelta(hours=random.uniform(1, 60))
        face = random.choices(_FACE_NAMES, _FACE_WEIGHTS)[0]
        final = "so_so" if face == "unsolved" else face
        signed = begun + (done - begun) * 0.1
        self.tables[Ticket].add(
            shell[Ticket],
            **facts
            | {"level": level, "max_level": level, "resolved_level": level, "organization_id": organization_id}
            | {"accepted_at": begun, "promise_due_at": promise, "order_due_at": promise}
            | {"resolved_at": done, "closed_at": closed, "first_satisfaction": face}
            | {"final_satisfaction": final},
        )
        self.tables[WorkOrder].add(
            shell[WorkOrder], id=order_id, ticket_id=pk, organization_id=organization_id, level=level,
            dispatched_at=begun, signed_at=signed, contacted_at=signed, resolved_at=done, ended_at=done,
            limit_value=limit.value, limit_unit=limit.unit.value, due_at=promise,
        )  # fmt: skip
        moves = self.tables[TicketTransition]
        both = {"ticket_id": pk, "work_order_id": order_id}
        both["payload"] = {"level": level, "organization": organization_id}
        moves.add(
            shell[TicketTransition], id=next(transition_ids), move="submit", to_state="submitted",
            at=begun, recorded_at=begun, delivered_at=begun, **both,
        )  # fmt: skip
        both["payload"] = {**both["payload"], "first": face, "final": final}
        moves.add(
            shell[TicketTransition], id=next(transition_ids), move="close", from_state="submitted", to_state="closed",
            at=closed, recorded_at=closed, delivered_at=closed, **both,
        )  # fmt: skip
        self.tables[Rating].add(shell[Rating], id=next(rating_ids), ticket_id=pk, face=face, at=closed)

    def _promise(self, facts: dict[str, Any]) -> tuple[datetime, sla.Limit]:
        """When it was due. Limits in working days end the same for a whole day, which is worked out once."""
        moment = facts["submitted_at"]
        category, day = rules().categories[facts["category_id"]], clock.local(moment).date()
        known = (category.id, day)
        if known not in self._limits:
            self._limits[known] = sla.promise_limit(
                self.policy, request_type=facts["request_type"], urgency=facts["urgency"],
                category_code=category.code, grid_size=category.pure.limit_class == "minor", on=day,
            )  # fmt: skip
        limit = self._limits[known]
        if limit.unit is not sla.Unit.WORK_DAY:
            return sla.due_at(moment, limit, self.calendar), limit
        key = (day, limit.value)
        if key not in self._promises:
            self._promises[key] = sla.due_at(moment, limit, self.calendar)
        return self._promises[key], limit

    def _recent(
        self, ticket: Ticket, order_ids: Iterator[int], clock_ids: Iterator[int],
        transition_ids: Iterator[int], rating_ids: Iterator[int],
    ) -> None:  # fmt: skip
        """Every move, by the rules of real ones. What began lately mostly still goes on."""
        random = self.random
        recorder = Recorder(ticket.submitted_at, order_ids, clock_ids)
        course = Course(ticket, recorder, self.now)
        level = random.choices(_LEVEL_NAMES, _LEVEL_WEIGHTS)[0]
        own = level != "district" or random.random() < 0.5
        course.begin(organization_at(ticket, level) if own else random.choice(self.departments))
        old = ticket.submitted_at < self.now - _OPEN_AGE
        takes = timedelta(hours=random.uniform(3, 90) if old else random.uniform(20, 400))
        if course.contact(timedelta(minutes=random.uniform(4, 240))) and course.resolve(takes):
            face = random.choices(["satisfied", "so_so"], [3, 1])[0]
            course.rate(takes + timedelta(hours=random.uniform(1, 70)), face)
        if ticket.closed_at is None:
            course.wait()
        self.tables[Ticket].add_instance(ticket)
        for order in recorder.orders:
            self.tables[WorkOrder].add_instance(order)
        if ticket.closed_at is None:
            for supervision in recorder.supervisions:
                supervision.pk = next(self._supervision_ids)
                self.tables[Supervision].add_instance(supervision)
            for row in recorder.clocks:
                row.supervision = row.supervision  # it has its id only now
                self.tables[Clock].add_instance(row)
            for entry in recorder.entries:
                entry.pk, entry.ticket_id, entry.recorded_at = next(self._entry_ids), ticket.pk, entry.at
                self.tables[ClockEntry].add_instance(entry)
        for transition in recorder.transitions:
            transition.pk = next(transition_ids)
            if ticket.closed_at is not None:
                transition.clock = None  # only open tickets keep their clocks
            transition.work_order = transition.work_order
            transition.recorded_at = transition.delivered_at = transition.at
            self.tables[TicketTransition].add_instance(transition)
        if course.rating is not None:
            course.rating.pk = next(rating_ids)
            self.tables[Rating].add_instance(course.rating)
        if random.random() < 0.1:
            # Few notes: free text is not what bulk data is for.
            note = Note(
                pk=next(new_ids(Note, 1)), ticket=ticket, audience=Note.Audience.INTERNAL, text="已电话联系。",
                created_at=ticket.submitted_at,
            )  # fmt: skip
            self.tables[Note].add_instance(note)


def _endless(model: Any) -> Iterator[int]:
    while True:
        yield from new_ids(model, 5_000)
