"""What only a few know, in the lived weeks: reports (举报) with their circle, letters to the secretary (书记直通车)."""

from __future__ import annotations

from functools import partial

from analytics.life.agenda import Agenda
from governance.kernel.actors import Actor
from grids.reference import territory
from requests_intake import circle
from requests_intake.actions import letters
from requests_intake.actions.restricted import add_case_member
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import CaseMember, Channel, RequestType, Ticket

_ABOUT_WATER = "自来水公司上门换表，说不给辛苦费就排到下个月，前后收了两次，没有收据。"
_ABOUT_NOBODY = "小区车位是业委会里的人自己分的，账从来不公布，问了就说过几天。"
_BENCH = "郑书记，楼下的长椅坏了大半年，老人没地方坐。另外谢谢您上次帮忙协调加装扶手。"
_TALK = "书记您好，我在居民议事会上说了几句不同意见，之后有邻居不太理我，想找您单独聊聊。"
_SCHOOL = "书记，放学时校门口的路太挤，能不能请交警来看看？我不想让别人知道是我提的。"


class Confidential(Agenda):
    """Two reports, one of them with somebody named into its circle; three letters, of which one waits for an answer,
    one for its author's consent, and one is a ticket like any other by now."""

    name = "confidential"

    def prepare(self) -> None:
        self.during(0.35, partial(self._report, _ABOUT_WATER, about_id=self.offices["water"], names=True))
        self.at_last(20, partial(self._report, _ABOUT_NOBODY))
        self.during(0.4, partial(self._letter, _SCHOOL, then=self._turned_over))
        self.at_last(30, partial(self._letter, _BENCH, then=self._asked))
        self.at_last(3, partial(self._letter, _TALK, then=None))

    # ------------------------------------------------------------ reports
    def _report(self, content: str, *, about_id: int | None = None, names: bool = False) -> None:
        name, phone = self.resident()
        ticket = submit_ticket(
            Report(
                content=content, name=name, phone=phone, building_id=self.random.choice(self.scene.home),
                request_type=RequestType.REPORT, about_id=about_id,
            ),
            actor=Actor.public(),
        ).ticket  # fmt: skip
        self.hold(ticket)
        if names:
            self.after(3, partial(self._name, ticket))

    def _name(self, ticket: Ticket) -> bool:
        """The confidential desk names the district's leader, who is to know of it."""
        keeper = self.somebody(territory().center().id, *circle.desk_kinds())
        member = self.demo["district"].membership_id
        if keeper is None or member is None:
            return False
        add_case_member(
            ticket,
            membership_id=member,
            role=CaseMember.Role.SUPERVISOR,
            reason="涉及收费，请分管领导知悉",
            actor=keeper,
        )
        return True

    # ------------------------------------------------------------ letters
    def _letter(self, content: str, *, then: object) -> None:
        name, phone = self.resident()
        community = next(role.area_id for role in self.demo["community"].roles if role.kind == circle.ADDRESSEE)
        ticket = submit_ticket(
            Report(
                content=content, name=name, phone=phone, community_id=community, channel=Channel.TO_SECRETARY,
                request_type=RequestType.SUGGESTION,
            ),
            actor=Actor.public(),
        ).ticket  # fmt: skip
        if callable(then):
            self.after(4, partial(then, ticket))

    def _asked(self, ticket: Ticket) -> None:
        secretary = self.demo["community"]
        letters.reply_letter(ticket, note="信收到了，长椅这件事社区来办，先谢谢您惦记着大家。", actor=secretary)
        letters.ask_consent(ticket, note="想把长椅转给物业去修，您同意吗？信里别的话不转。", actor=secretary)

    def _turned_over(self, ticket: Ticket) -> None:
        letters.ask_consent(ticket, note="想请交警和街道一起来看，您的姓名不转，可以吗？", actor=self.demo["community"])
        self.after(5, partial(self._agreed, ticket))

    def _agreed(self, ticket: Ticket) -> None:
        letters.answer_consent(ticket, agrees=True, actor=Actor.requester(ticket.pk))
        letters.convert_letter(ticket, actor=self.demo["community"])
