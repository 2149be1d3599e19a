"""Mediations of the lived weeks, through the real actions: one settled and looked after, one not kept, some still open.

They need the demo's two mediators and draw nothing by chance, so that the tickets of a seed stay the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from analytics.life.scene import Scene, at_work
from governance.accounts.models import Membership
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from governance.kernel.tenancy.context import scope_at
from grids.generation.staffing import handle_of
from grids.queries import actor_for
from requests_intake.actions.mediation import NewCase, Party, open_case, record_session
from requests_intake.actions.mediation_end import end_case, record_performance, record_visit, settle_case, tell_due
from requests_intake.models import MediationCase, MediationParty

DAY = timedelta(days=1)
Step = tuple[datetime, Callable[[], object]]
LEAK = "楼上卫生间漏水，把楼下卧室的顶棚泡坏了，楼上说是楼下自己装修弄的，两家半个月没说话。"
NOISE = "晚上十点以后孩子跑跳，楼下上楼敲过三次门，话越说越重。"
BEAM = "二楼要装空调外机，一楼说正对窗户，业委会劝过两次没有劝下来。"
LIFT = "加装电梯，一楼住户担心采光，其他十一户都签了字，施工停了一个月。"
FENCE = "两家院墙之间的过道，一家砌了花池，另一家三轮车出不来。"


class Mediations:
    """The mediations of one district's weeks."""

    def __init__(self, scene: Scene, hours: list[datetime]) -> None:
        self.district = scene.district
        self._steps: list[Step] = []
        found = [self._demo(name) for name in ("mediator", "mediator-street")]
        known = [actor for actor in found if actor is not None]
        working = [hour for hour in hours if at_work(hour)]
        if len(known) < len(found) or len(working) < 40:
            return  # no mediators, or too short a time for anybody to have met
        self.mediator, self.of_street = known
        begin, last = working[2], working[-1]
        self._at(begin, partial(self._settled, LEAK, "property", "small", keeps=True))
        self._at(begin + DAY, partial(self._settled, BEAM, "neighbour", "big", keeps=False))
        self._at(begin + 3 * DAY, self._referred)
        self._at(last - 5 * DAY, self._running)
        self._at(last - timedelta(hours=5), self._fresh)

    def live_hour(self, hour: datetime) -> None:
        """Whatever is due by the end of this hour, in order; a doing may plan the next."""
        while True:
            due = sorted((step for step in self._steps if step[0] < hour + timedelta(hours=1)), key=lambda s: s[0])
            if not due:
                return
            self._steps.remove(due[0])
            with scope_at(self.district, max(due[0][0], hour)):
                try:
                    due[0][1]()
                except DomainError:
                    continue  # what a person may not do now, nobody does in the demo either

    def _at(self, moment: datetime, act: Callable[[], object]) -> None:
        self._steps.append((moment, act))

    def _demo(self, name: str) -> Actor | None:
        member = Membership.objects.filter(user__handle=handle_of(self.district, name)).first()
        return actor_for(member) if member else None

    def _open(self, facts: str, dispute: str, severity: str, *parties: Party) -> MediationCase:
        others = [] if severity == "small" else [self.of_street.membership_id or 0]
        mode = {"small": "outreach", "big": "clinic", "hard": "joint"}[severity]
        new = NewCase(
            kind="people", dispute=dispute, severity=severity, mode=mode, facts=facts, parties=parties, mediators=others
        )
        return open_case(new, actor=self.mediator)

    def _meet(self, case: MediationCase, minutes: str) -> None:
        names = "、".join(MediationParty.objects.filter(case=case).order_by("pk").values_list("name", flat=True))
        record_session(
            case, held_at=clock.now(), place="社区调解室", mode=case.mode, present=names, minutes=minutes,
            actor=self.mediator,
        )  # fmt: skip

    def _settled(self, facts: str, dispute: str, severity: str, *, keeps: bool) -> None:
        case = self._open(facts, dispute, severity, Party("潘志强", "13900000101"), Party("葛秀兰", "13900000102"))
        now = clock.now()
        self._at(now + DAY, partial(self._meet, case, "先分开谈，再一起到现场看。双方同意各让一步。"))
        self._at(now + 2 * DAY, partial(self._agree, case, keeps=keeps))

    def _agree(self, case: MediationCase, *, keeps: bool) -> None:
        looks_on = clock.today() + timedelta(days=14)
        settle_case(
            case, text="一、甲方七日内修好，费用自理。\n二、乙方不再追究，双方和好。", performance_due=looks_on,
            follow_up_on=looks_on, actor=self.mediator,
        )  # fmt: skip
        now = clock.now()
        if case.severity != "small":
            self._at(now + 2 * DAY, partial(self._visit, case))
        self._at(now + 14 * DAY, partial(self._look, case, keeps=keeps))

    def _visit(self, case: MediationCase) -> None:
        party = MediationParty.objects.filter(case=case).order_by("pk")[0]
        record_visit(
            case, party=party.pk, channel="phone", was_reached=True, satisfaction="satisfied", words="说得公道",
            actor=self.mediator,
        )  # fmt: skip

    def _look(self, case: MediationCase, *, keeps: bool) -> None:
        tell_due()
        finding = "修好了，两家一起看过。" if keeps else "只拆了一半，说忙，约好下周再来。"
        record_performance(case, performed=keeps, finding=finding, actor=self.mediator)

    def _referred(self) -> None:
        case = self._open(LIFT, "housing", "hard", Party("宋建平", "13900000103"), Party("十一户代表 陶明", ""))
        now = clock.now()
        self._at(now + DAY, partial(self._meet, case, "社区、街道一起谈，一楼要先做采光评估，谈不拢。"))
        self._at(now + 4 * DAY, partial(self._refer, case))

    def _refer(self, case: MediationCase) -> None:
        end_case(
            case, state="referred", outcome="双方同意请区里做行政调解。", referral_kind="administrative",
            referred_to="区住房和城乡建设局", referred_on=clock.today(), actor=self.mediator,
        )  # fmt: skip

    def _running(self) -> None:
        case = self._open(NOISE, "neighbour", "small", Party("雷春燕", "13900000104"), Party("方德胜", "13900000105"))
        self._at(clock.now() + DAY, partial(self._meet, case, "楼上答应铺地垫，晚十点后不跑跳，先看一周。"))

    def _fresh(self) -> None:
        self._open(FENCE, "neighbour", "small", Party("史桂英", "13900000106"), Party("唐国庆", ""))
