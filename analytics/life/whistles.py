"""Whistles of the lived weeks, through the real actions: most organizations come in time, some are late, one refuses.

They draw from their own source of chance, so that the tickets of a seed stay the same. The last days leave something
open at every desk of the demo: one asked for, one to accept, one refused, one to evaluate.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from random import Random

from analytics.life import staff
from analytics.life.scene import Scene, at_work, working_days_before
from governance.accounts.models import Membership
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.tenancy.context import scope_at
from grids.generation.staffing import handle_of
from grids.models import Building
from grids.queries import actor_for
from requests_intake.actions.evaluation import Scores, evaluate_caller, evaluate_target
from requests_intake.actions.whistle import Call, ask_whistle, blow_now, close_whistle
from requests_intake.actions.whistle_respond import (
    accept_whistle,
    arbitrate_refusal,
    handle_whistle,
    refuse_whistle,
    report_in,
)
from requests_intake.models import Ticket, Whistle, WhistleTarget
from requests_intake.whistle_policies import offices_of, organizations_of
from requests_intake.whistle_workflow import RESPONDERS
from requests_intake.workflow import TicketState

_PER_WEEK = 3
_LATE = 0.25
_ABOUT_A_MATTER = 0.5
SAID = (
    ("daily", "楼前路面塌了一块，下面水管在漏，请两家一起到现场定怎么修。", "关了阀门换了管，路面补好了。"),
    ("daily", "雨水井返水，楼前积水过脚面，请一起看是哪一段堵了。", "疏通了一段，下游交代了养护单位。"),
    ("key", "门前占道摊点清了又来，商户要求一起商量固定的地方。", "划了临时摊区，商户签了约定。"),
    ("daily", "施工围挡压了消火栓，请到现场挪开并试水。", "围挡退了两米，试水正常。"),
    ("key", "几家共用的管道井没人认，居民装修进不去，请一起认定。", "现场认定归属，写了纪要。"),
    ("emergency", "井盖不见了，行人差点掉下去，先围起来。", "先围挡，当天换了新井盖。"),
)


def _meeting(about: Ticket) -> tuple[str, str]:
    """Why they are called to a matter, and what came of it."""
    return f"{about.title}。一家办不下来，请到现场一起定怎么办。", "几家到现场一起看过，定了谁办、哪天办完。"


Step = tuple[datetime, int, Callable[[], object]]


class Whistles:
    """The whistles of one district's weeks, blown by the street of the demo's own account for its departments."""

    def __init__(self, scene: Scene, hours: list[datetime], seed: int) -> None:
        self.district = scene.district
        self.random = Random(f"{seed}:{scene.district.code}:whistles")
        self._steps: list[Step] = []
        self._count = 0
        people = [self._demo(name) for name in ("street", "community", "water", "urban", "dispatch")]
        known = [actor for actor in people if actor is not None]
        working = [hour for hour in hours if at_work(hour)]
        if len(known) < len(people) or not working:
            return  # a district without the demo's accounts has no street that would blow
        self.street, self.community, self.water, self.urban, self.centre = known
        self.buildings = self._own_buildings()
        if not self.buildings:
            return
        last = working_days_before(clock.local(hours[-1]).date(), 2)
        before = [hour for hour in working if clock.local(hour).date() < last]
        for _n in range(round(len(hours) / (7 * 24) * _PER_WEEK)):
            if before:
                self._at(self.random.choice(before), partial(self._live, self._draw()))
        if before:
            self._at(before[len(before) // 3], partial(self._live, SAID[-1]))
            for share, must_come in ((0.4, True), (0.7, False)):
                self._at(before[int(share * len(before))], partial(self._refuse, must_come=must_come))
        for number, act in enumerate((self._to_accept, self._refused, self._to_evaluate, self._asked)):
            self._at(working[max(0, len(working) - 2 - number)], act)

    def live_hour(self, hour: datetime) -> None:
        """Whatever is due by the end of this hour, in order; a doing may plan the next."""
        while True:
            due = sorted((step for step in self._steps if step[0] < hour + timedelta(hours=1)), key=lambda s: s[:2])
            if not due:
                return
            self._steps.remove(due[0])
            with scope_at(self.district, max(due[0][0], hour)):
                try:
                    due[0][2]()
                except DomainError:
                    continue  # what a person may not do now, nobody does in the demo either

    def _at(self, moment: datetime, act: Callable[[], object]) -> None:
        self._count += 1
        self._steps.append((moment + timedelta(minutes=self.random.randrange(2, 40)), self._count, act))

    def _demo(self, name: str) -> Actor | None:
        member = Membership.objects.filter(user__handle=handle_of(self.district, name)).first()
        return actor_for(member) if member else None

    def _own_buildings(self) -> list[int]:
        offices = offices_of(self.street)
        rows = Building.objects.filter(ended_on=None, grid__street_id__in=[row.area_id for row in offices])
        return list(rows.order_by("id").values_list("pk", flat=True))

    def _draw(self) -> tuple[str, str, str]:
        return self.random.choice(SAID)

    def _call(self, kind: str, summary: str, *actors: Actor, about: Ticket | None = None) -> Call:
        building = about.building if about else Building.objects.get(pk=self.random.choice(self.buildings))
        assert building is not None
        called = [organizations_of(actor, *RESPONDERS)[0] for actor in actors]
        if about:
            trade = staff.department_of(about)
            called.sort(key=lambda office: office != trade)  # the first leads
        return Call(
            kind=kind, summary=summary, place=f"{building.name}前", organizations=called, building_id=building.pk,
            tickets=[about.number] if about else [],
        )  # fmt: skip

    def _matter(self) -> Ticket | None:
        """The matter of the street that has waited longest, of their trade, if nobody was called for it yet."""
        theirs = {organizations_of(actor, *RESPONDERS)[0] for actor in (self.water, self.urban)}
        waiting = Ticket.objects.filter(
            state=TicketState.HANDLING, is_restricted=False, building_id__in=self.buildings, whistle_links=None
        )
        rows = waiting.select_related("building").order_by("promise_due_at", "id")
        return next((row for row in rows if staff.department_of(row) in theirs), None)

    def _live(self, said: tuple[str, str, str]) -> None:
        """One from blowing to closing, over some working hours; every other one is about a matter that waits."""
        both = [self.water, self.urban]
        called = both if self.random.random() < 0.5 else [self.random.choice(both)]
        about = self._matter() if self.random.random() < _ABOUT_A_MATTER else None
        kind, summary, done = ("daily", *_meeting(about)) if about else said
        self._go_on(blow_now(self._call(kind, summary, *called, about=about), actor=self.street), done)

    def _go_on(self, whistle: Whistle, done: str) -> None:
        """Those called come, handle and are rated; the caller closes."""
        scale = timedelta(minutes=12) if whistle.kind == "emergency" else timedelta(hours=2)
        rows = WhistleTarget.objects.filter(whistle=whistle).exclude(state="released")
        for row in rows.order_by("is_lead"):
            actor = next(
                one for one in (self.water, self.urban) if row.organization_id in organizations_of(one, *RESPONDERS)
            )
            late = 6 if self.random.random() < _LATE else 1
            now = clock.now()
            self._at(now + scale * 0.3, partial(accept_whistle, row, actor=actor))
            self._at(now + scale * late, partial(report_in, row, actor=actor))
            lead_last = timedelta(hours=1) if row.is_lead else timedelta(0)
            self._at(now + scale * 7 + lead_last, partial(handle_whistle, row, note=done, actor=actor))
            self._at(now + scale * 9 + lead_last, partial(self._evaluate, row, late == 1))
            self._at(now + scale * 12 + lead_last, partial(self._answer, row, actor))
        self._at(clock.now() + scale * 11 + timedelta(hours=2), partial(self._close, whistle.pk))

    def _evaluate(self, row: WhistleTarget, came_soon: bool) -> None:
        speed = 5 if came_soon else 2
        scores = Scores(speed, self.random.choice((3, 4, 4, 5)), self.random.choice((4, 5)))
        evaluate_target(row, scores=scores, actor=self.street)

    def _answer(self, row: WhistleTarget, actor: Actor) -> None:
        if self.random.random() < 0.6:
            evaluate_caller(row, scores=Scores(4, self.random.choice((3, 4, 5)), 4), actor=actor)

    def _refuse(self, *, must_come: bool) -> None:
        """One of two says it is not theirs, and the centre decides."""
        whistle = blow_now(self._call(*SAID[1][:2], self.water, self.urban), actor=self.street)
        row = WhistleTarget.objects.get(whistle=whistle, organization_id=organizations_of(self.urban, *RESPONDERS)[0])
        refuse_whistle(
            row, reason="not_ours", clause="职责目录第 12 条", actor=self.urban, note="管网不在我们的清单里。",
            suggested_id=organizations_of(self.water, *RESPONDERS)[0],
        )  # fmt: skip
        self._at(clock.now() + timedelta(minutes=20), partial(self._decide, row, must_come))

    def _decide(self, row: WhistleTarget, must_come: bool) -> None:
        note = "路面归你们养护，请一起到场。" if must_come else "现场只涉及管网，水务到场即可。"
        self._go_on(arbitrate_refusal(row, must_come=must_come, note=note, actor=self.centre), SAID[1][2])

    def _close(self, pk: int) -> None:
        close_whistle(Whistle.objects.get(pk=pk), actor=self.street)

    # ------------------------------------------------------------ what is left open
    def _to_accept(self) -> None:
        about = self._matter()
        kind, summary = ("daily", _meeting(about)[0]) if about else SAID[0][:2]
        blow_now(self._call(kind, summary, self.water, self.urban, about=about), actor=self.street)

    def _refused(self) -> None:
        whistle = blow_now(self._call(*SAID[1][:2], self.urban, self.water), actor=self.street)
        row = WhistleTarget.objects.get(whistle=whistle, is_lead=True)
        instead = organizations_of(self.water, *RESPONDERS)[0]
        refuse_whistle(
            row, reason="not_ours", clause="职责目录第 12 条", suggested_id=instead, actor=self.urban,
            note="雨污水管道的养护不归我们，请叫水务的来。",
        )  # fmt: skip

    def _to_evaluate(self) -> None:
        whistle = blow_now(self._call(*SAID[3][:2], self.water), actor=self.street)
        row = WhistleTarget.objects.get(whistle=whistle)
        report_in(row, actor=self.water)
        handle_whistle(row, note=SAID[3][2], actor=self.water)

    def _asked(self) -> None:
        ask_whistle(self._call(*SAID[4][:2], self.water, self.urban), actor=self.community)
