"""What comes in otherwise than one by one: the same matter many times, several matters in one, on paper, from outside,
in grid circles and under the label of a campaign."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

from analytics.life import intake_words as words
from analytics.life.agenda import Agenda
from analytics.life.residents import photos
from governance.accounts.actions.residents import confirm_code, remember_name, request_code
from governance.accounts.models import Resident
from governance.kernel import clock
from governance.kernel.actors import Actor
from requests_intake.actions.campaigns import CampaignSaid, label_tickets, report_batch, save_campaign
from requests_intake.actions.grid_messages import (
    answer_message,
    flag_message,
    hide_message,
    post_message,
    turn_into_ticket,
)
from requests_intake.actions.merge import may_rate_follower, merge_tickets, rate_any, unmerge_ticket
from requests_intake.actions.split import Part, split_ticket
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import BatchReport, Campaign, GridMessage, Ticket, TicketMerge
from requests_intake.policies import TicketPolicy
from requests_intake.reference import rules

DAY = timedelta(days=1)
_MOST_LABELLED = 12
_HERE = "192.0.2.{}"  # an address of the documentation's, nobody's


class Intake(Agenda):
    """Everything but the single report."""

    name = "intake"

    def prepare(self) -> None:
        self._own: dict[str, int] = {}
        home = self.scene.home
        self.during(0.45, self._outage)
        for share, content in zip((0.15, 0.4, 0.7), words.REPEATED, strict=True):
            self.during(share, partial(self._repeat, content, home[0]))
        for number, content in enumerate(words.HOT):
            self.during(0.1 + 0.12 * number, partial(self._plain, content, words.HOT_CODE, home[number % len(home)]))
        self.during(0.35, self._split)
        self.during(0.88, self._bulk)
        for number, said in enumerate(words.PAPER):
            self.during(0.3 + 0.28 * number, partial(self._paper, *said))
        for number, outside in enumerate(words.OUTSIDE):
            self.during(0.25 + 0.3 * number, partial(self._outside, number, *outside))
        for number in range(len(words.CAMPAIGNS)):
            self.during((0.05, 0.12, 0.6)[number], partial(self._open_campaign, number))
        for share, content, then, answer in words.CIRCLE:
            self.during(share, partial(self._say, content, then, answer))
        for number, content in enumerate(words.CIRCLE_LEFT):
            self.at_last(2 + 2 * number, partial(self._say, content, "", ""))
        for number, content in enumerate(words.LAMPS):
            self.at_last(6 - number, partial(self._leave_alike, content))

    def _plain(self, content: str, code: str, building: int, channel: str = "hotline") -> Ticket:
        report = self.report(content, code=code, channel=channel, building=building)
        return submit_ticket(report, actor=self.demo["dispatch"]).ticket

    # ------------------------------------------------------------ one matter, many people
    def _outage(self) -> None:
        building = self.random.choice(self.scene.home)
        found = [
            submit_ticket(
                replace(self.report(text, code=words.OUTAGE_CODE, channel="web", building=building)),
                actor=Actor.public(),
            ).ticket
            for text in words.OUTAGE
        ]
        numbers = [ticket.pk for ticket in found]
        self.hold(found[0], 6)
        self.after(1, partial(self._merge, numbers))

    def _merge(self, ids: list[int]) -> None:
        master, *others = Ticket.objects.filter(pk__in=ids).order_by("pk")
        actor = self.demo["street"]
        merge_tickets(others, into=master, actor=actor, note=words.MERGED)
        twin = self._plain(words.OUTAGE[3], words.OUTAGE_CODE, master.building_id or self.scene.home[0])
        merge_tickets([twin], into=master, actor=actor, note=words.MERGED)
        self.after(1, partial(self._unmerge, twin.pk))
        self.after(10, partial(self._rate_followers, master.pk))

    def _unmerge(self, ticket_id: int) -> None:
        unmerge_ticket(Ticket.objects.get(pk=ticket_id), actor=self.demo["street"], note=words.NOT_THE_SAME)

    def _rate_followers(self, master_id: int) -> bool:
        """Most of the neighbours say what they think; one is not content and goes on alone."""
        rows = TicketMerge.objects.filter(master=master_id, undone_at=None).select_related("master", "follower")
        waiting = [row.follower for row in rows.order_by("pk") if may_rate_follower(row.follower, row.master)]
        for number, ticket in enumerate(waiting[:8]):
            face = ("satisfied", "satisfied", "so_so", "satisfied", "unsolved")[number % 5] if number < 5 else "so_so"
            rate_any(ticket, face=face, actor=Actor.requester(ticket.pk))
        return bool(waiting)

    def _leave_alike(self, content: str) -> None:
        """Three neighbours of one lamp that nobody has put together yet."""
        self.hold(self._plain(content, words.LAMP_CODE, self.scene.home[-1], "web"))

    def _repeat(self, content: str, building: int) -> None:
        """The same person with the same matter, for the third time at last."""
        report = self.report(content, code=words.REPEAT_CODE, building=building)
        submit_ticket(replace(report, name="吴阿姨", phone="13900019001"), actor=self.demo["dispatch"])

    def _split(self) -> None:
        ticket = self._plain(words.SPLIT, "0207", self.scene.home[0])
        parts = [Part(content, code, ticket.building_id) for content, code in words.PARTS]
        self.after(1, lambda: bool(split_ticket(ticket, parts=parts, actor=self.demo["street"], note=words.SPLIT_NOTE)))

    # ------------------------------------------------------------ notes, paper, other systems
    def _bulk(self) -> None:
        """Back from the morning walk: four notes one after the other."""
        for content, code in words.BULK:
            report = replace(self.report(content, code=code, channel="morning_walk"), name="", phone="")
            submit_ticket(report, actor=self.demo["community"])

    def _paper(self, channel: str, content: str, code: str) -> None:
        report = replace(
            self.report(content, code=code, channel=channel), is_paper=True, photos=photos(self.random)[:1]
        )
        submit_ticket(report, actor=self.demo["community"])

    def _outside(self, place: int, channel: str, content: str, code: str, number: str, limit: int) -> None:
        report = self.report(content, code=code, channel=channel)
        known = number.format(day=f"{clock.today():%Y%m%d}", n=place + 1)
        report = replace(report, external_number=known, external_due_at=clock.now() + limit * DAY)
        submit_ticket(report, actor=self.demo["dispatch"])

    # ------------------------------------------------------------ campaigns
    def _open_campaign(self, number: int) -> None:
        who, name, about, since, until, tops = words.CAMPAIGNS[number]
        today = clock.today()
        said = CampaignSaid(
            name=name, since=today - since * DAY, until=today + until * DAY if until else None, description=about
        )
        row = save_campaign(None, said, actor=self.demo[who])
        for share in (0.2, 0.5, 0.8):
            self.during(max(share, 0.62), partial(self._label, row.pk, who, tops))
        if who != "community":
            self.during(0.72 + 0.1 * number, partial(self._report, row.pk, who))

    def _label(self, campaign_id: int, who: str, tops: tuple[str, ...]) -> bool:
        codes = [ref.id for code, ref in rules().by_code.items() if code[:2] in tops]
        actor = self.demo[who]
        rows = TicketPolicy.visible(actor).filter(category__in=codes, is_restricted=False)
        rows = rows.exclude(campaigns__campaign=campaign_id).order_by("-pk")[:_MOST_LABELLED]
        ids = [row.pk for row in rows]
        return bool(ids) and label_tickets(Campaign.objects.get(pk=campaign_id), ids, actor=actor) > 0

    def _report(self, campaign_id: int, who: str) -> bool:
        campaign = Campaign.objects.get(pk=campaign_id)
        rows = TicketPolicy.visible(self.demo[who]).filter(campaigns__campaign=campaign, is_restricted=False)
        ids = list(rows.order_by("pk").values_list("pk", flat=True)[:15])
        to = self.offices["urban" if who == "street" else "water"]
        return bool(ids) and isinstance(
            report_batch(campaign, ids, organization_id=to, actor=self.demo[who]), BatchReport
        )

    # ------------------------------------------------------------ the circle of the demo's grid
    def _resident(self) -> Resident:
        """A neighbour who has signed in with the phone before, or does now."""
        name = self.random.choice(words.CIRCLE_NAMES)
        phone = f"1390001910{words.CIRCLE_NAMES.index(name)}"
        if name not in self._own:
            public = Actor.public()
            sent = request_code(phone=phone, address=_HERE.format(len(self._own) + 1), actor=public)
            resident = confirm_code(sent.code_id, phone=phone, code=sent.code, actor=public)
            remember_name(resident, name, actor=public)
            self._own[name] = resident.pk
        return Resident.objects.get(pk=self._own[name])

    def _grid_id(self) -> int:
        return next(role.area_id for role in self.demo["grid"].roles if role.area_id is not None)

    def _say(self, content: str, then: str, answer: str) -> None:
        resident = self._resident()
        row = post_message(resident, grid_id=self._grid_id(), text=content, actor=Actor.public())
        if then:
            self.after(1, partial(self._answer_in_circle, row.pk, then, answer))

    def _answer_in_circle(self, pk: int, then: str, answer: str) -> None:
        row, worker = GridMessage.objects.get(pk=pk), self.demo["grid"]
        if then == "advert":
            flag_message(self._resident(), grid_id=row.grid_id, message_id=pk, actor=Actor.public())
            hide_message(row, reason=GridMessage.Hidden.ADVERT, actor=worker)
            return
        if then == "ticket":
            report = Report(content=row.text, building_id=self.random.choice(self.scene.home))
            turn_into_ticket(row, report, actor=worker)
        answer_message(row, text=answer, actor=worker)
