"""What the district's own offices do in these weeks: people go and come, things are set, asked, answered and noted.

Each doing is a real action at its share of the weeks; what the actor may not do is left undone. Nobody of the demo's
own accounts goes away or leaves.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from io import BytesIO

from django.db import transaction
from openpyxl import Workbook

from analytics.life import office_words as words
from analytics.life.scene import Scene
from governance.accounts.actions.notices import read_notices
from governance.accounts.actions.offices import answer_feedback, give_feedback, publish_legal_text, save_register_entry
from governance.accounts.legal import default_text
from governance.accounts.models import ImpactAssessment, LegalText, Membership, PlatformFeedback, SecurityIncident
from governance.kernel import clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError
from grids.actions.absences import record_absence
from grids.actions.organizations import create_organization
from grids.actions.register_imports import start_import, undo_import, upload_register
from grids.actions.staff import invite_staff
from grids.generation.staffing import ROLES, handle_of
from grids.importing.running import run
from grids.importing.sheets import BY_KIND
from grids.models import Area, Organization, Post
from grids.queries import actor_for
from grids.reference import Holder, territory
from requests_intake.actions.handover import hand_over, orders_in_hand
from requests_intake.actions.routing_rules import set_routing_rules
from requests_intake.actions.settings_words import CategoryRules, change_category, set_phrases
from requests_intake.models import Category
from requests_intake.phrases import PHRASES

logger = logging.getLogger(__name__)
DAY = timedelta(days=1)
_TURNS_TO_IT = 0.3  # chance that what waits is done in an hour of work
_READS = 0.75  # chance that somebody empties the inbox on a working day


class Office:
    """Works off its agenda hour by hour; ``work`` takes the share of the weeks that has passed."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        handles = [handle_of(scene.district, role) for role in ROLES]
        self.demo = list(Membership.objects.filter(user__handle__in=handles).select_related("user").order_by("pk"))
        self._asked: list[int] = []
        self._agenda = self._plan()

    def work(self, share: float) -> None:
        if self.scene.random.random() > _TURNS_TO_IT:
            return  # not everything is done in the first hour of the morning
        while self._agenda and self._agenda[0][0] <= share:
            _when, doing = self._agenda.pop(0)
            admin = self._keeper("district_admin")
            if admin is not None:
                # A refusal takes back what the doing had begun.
                with suppress(DomainError), transaction.atomic():
                    doing(admin)

    def read(self) -> None:
        """Late in the afternoon people look through what the platform told them; not everybody, not every day."""
        for member in self.demo:
            if self.scene.random.random() < _READS:
                read_notices(actor=actor_for(member))

    def _plan(self) -> list[tuple[float, Callable[[Actor], None]]]:
        agenda: list[tuple[float, Callable[[Actor], None]]] = [
            (0.0, self._colleague(3, "water", "department_handler")), (0.0, self._station), (0.01, self._ask_better),
            (0.01, self._colleague(4, "community", "community_staff")),
            (0.02, self._colleague(5, "urban", "department_handler")), (0.03, self._texts), (0.04, self._assess(0)),
            (0.06, self._phrases), (0.07, self._routing),
            (0.15, self._import(words.COMPOUND, is_kept=True)), (0.3, self._away(-1, 5)), (0.42, self._leave),
            (0.55, self._import(words.WRONG_COMPOUND, is_kept=False)), (0.6, self._incident), (0.66, self._assess(1)),
            (0.85, self._invite(1)), (0.87, self._away(1, 8)), (0.9, self._away(2, 6)), (0.91, self._invite(2)),
        ]  # fmt: skip
        for number, (at, kind, content, answer) in enumerate(words.FEEDBACK):
            agenda.append((at, self._say(kind, content)))
            if answer:
                agenda.append((min(1.0, at + 0.03 + 0.02 * number), self._answer(number, answer)))
        return sorted(agenda, key=lambda doing: doing[0])

    def _keeper(self, kind: str) -> Actor | None:
        return self.scene.somebody(territory().center().id, kind)

    def _colleagues(self, number: int) -> tuple[Holder, Holder] | None:
        """Two people of one organization, neither known to the demo; the first can go away. Others for each number."""
        known, found = {member.pk for member in self.demo}, []
        for organization_id in territory().own.values():
            serving = [row for row in territory().serving(organization_id) if row.membership_id not in known]
            if len({row.membership_id for row in serving}) > 1:
                found.append((serving[0], serving[1]))
        return found[(number * 7) % len(found)] if found else None

    # -- people
    def _away(self, since: int, days: int) -> Callable[[Actor], None]:
        """Days away that begin ``since`` days from then, with a colleague as deputy."""

        def act(admin: Actor) -> None:
            pair = self._colleagues(since + days)
            if pair is not None:
                who, deputy = (Membership.objects.get(pk=row.membership_id) for row in pair)
                first = clock.today() + since * DAY
                record_absence(
                    who, since=first, until=first + days * DAY, deputy=deputy, reason=words.ABSENCE, actor=admin
                )

        return act

    def _leave(self, admin: Actor) -> None:
        """Somebody goes to another office; their open orders go to a colleague, their post stays empty."""
        pair = self._colleagues(3)
        if pair is not None:
            leaver = Membership.objects.get(pk=pair[0].membership_id)
            organizations = set(orders_in_hand(leaver).values_list("organization_id", flat=True))
            to = dict.fromkeys(organizations, pair[1].membership_id)
            hand_over(leaver, until=clock.today(), to=to, actor=admin)

    def _invite(self, number: int) -> Callable[[Actor], None]:
        def act(admin: Actor) -> None:
            held = {row.post_id for rows in territory().holders.values() for row in rows}
            posts = Post.objects.filter(ended_on=None, kind="grid_worker").exclude(pk__in=held).order_by("pk")
            name, phone = self.scene.resident()
            handle = f"{self.scene.district.code}-n{number:05d}"
            invite_staff(
                handle=handle, name=name[0] + words.GIVEN[number], phone=phone, posts=posts[:1],
                since=clock.today() + DAY, actor=admin,
            )  # fmt: skip

        return act

    def _colleague(self, number: int, role: str, kind: str) -> Callable[[Actor], None]:
        """A second person for a post of the demo's own offices: what comes there is claimed by one of them."""

        def act(admin: Actor) -> None:
            handle = handle_of(self.scene.district, role)
            member = next((row for row in self.demo if row.user.handle == handle), None)
            if member is None:
                return
            office = next(each.organization_id for each in actor_for(member).roles if each.organization_id)
            posts = Post.objects.filter(ended_on=None, kind=kind, organization=office).order_by("pk")[:1]
            name, phone = self.scene.resident()
            invite_staff(
                handle=f"{self.scene.district.code}-n{number:05d}", name=name[0] + words.GIVEN[number], phone=phone,
                posts=posts, since=clock.today(), actor=admin,
            )  # fmt: skip
            self.scene.forget_people()

        return act

    def _station(self, admin: Actor) -> None:
        """The market bureau stations a team with the demo's street, which sends it what is its trade directly."""
        handle = handle_of(self.scene.district, "street")
        member = next((row for row in self.demo if row.user.handle == handle), None)
        if member is None:
            return
        street = Area.objects.get(pk=next(role.area_id for role in actor_for(member).roles if role.area_id))
        team = create_organization(
            name=street.name.removesuffix("街道") + words.STATIONED, kind=Organization.Kind.DEPARTMENT, area=street,
            department_kind="market", stationed_street=street, actor=admin,
        )  # fmt: skip
        posts = Post.objects.filter(ended_on=None, kind="department_handler", organization=team)
        name, phone = self.scene.resident()
        invite_staff(
            handle=f"{self.scene.district.code}-n00006", name=name[0] + words.GIVEN[6], phone=phone, posts=posts,
            since=clock.today(), actor=admin,
        )  # fmt: skip
        self.scene.forget_people()

    # -- settings
    def _ask_better(self, admin: Actor) -> None:
        for code, questions in words.QUESTIONS.items():
            row = Category.objects.filter(code=code, is_active=True).exclude(parent=None).first()
            if row is None:
                continue
            said = CategoryRules(
                name=row.name, urgency=row.urgency, limit_class=row.limit_class, start_level=row.start_level,
                departments=tuple(row.departments), is_safety=row.is_safety, keywords=tuple(row.keywords),
                questions=questions,
            )  # fmt: skip
            with suppress(DomainError):
                change_category(row, said, actor=admin)

    def _phrases(self, admin: Actor) -> None:
        set_phrases({"resolve": (*map(str, PHRASES["resolve"]), words.PHRASE)}, actor=admin)

    def _routing(self, admin: Actor) -> None:
        """What has a fixed place goes there at once."""
        set_routing_rules({"version": 1, "rules": words.RULES}, based_on=0, note=words.RULES_NOTE, actor=admin)

    def _texts(self, admin: Actor) -> None:
        """The consent in the district's own words, and in place of a filing number that this is no real office."""
        consent = default_text(LegalText.Kind.CONSENT).replace("\n\n", f"\n\n{words.CONSENT}\n\n", 1)
        for kind, text in ((LegalText.Kind.CONSENT, consent), (LegalText.Kind.FILING, words.FILING)):
            publish_legal_text(kind, text=text, valid_from=clock.today(), actor=admin)

    # -- what people say of the platform
    def _say(self, kind: str, content: str) -> Callable[[Actor], None]:
        def act(_admin: Actor) -> None:
            row, _code = give_feedback(kind=kind, content=content, contact="", actor=Actor.public())
            self._asked.append(row.pk)

        return act

    def _answer(self, number: int, answer: str) -> Callable[[Actor], None]:
        def act(admin: Actor) -> None:
            if number < len(self._asked):
                answer_feedback(PlatformFeedback.objects.get(pk=self._asked[number]), answer=answer, actor=admin)

        return act

    # -- registers
    def _assess(self, number: int) -> Callable[[Actor], None]:
        def act(admin: Actor) -> None:
            keeper = self._keeper("security_admin") or admin
            said = words.ASSESSMENTS[number]
            save_register_entry(ImpactAssessment(assessed_on=clock.today(), **said), actor=keeper)

        return act

    def _incident(self, admin: Actor) -> None:
        """A list sent to the wrong group: found at once, told, closed."""
        keeper, now = self._keeper("security_admin") or admin, clock.now()
        incident = SecurityIncident(
            occurred_at=now - timedelta(minutes=70), discovered_at=now - timedelta(minutes=62),
            authority_told_at=now - timedelta(minutes=35), people_told_at=now - timedelta(minutes=12), closed_at=now,
            people_count=11, **words.INCIDENT,
        )  # fmt: skip
        save_register_entry(incident, actor=keeper)

    # -- the register
    def _import(self, compound: str, *, is_kept: bool) -> Callable[[Actor], None]:
        """A workbook with a new compound; the wrong one is taken back."""

        def act(admin: Actor) -> None:
            job = upload_register(name=f"{compound}.xlsx", content=self._workbook(compound), actor=admin)
            run(job.pk, actor=admin)
            start_import(job, actor=admin)
            run(job.pk, actor=admin)
            if not is_kept:
                undo_import(job, actor=admin)

        return act

    def _workbook(self, compound: str) -> bytes:
        places = territory()
        grid = places.at_level("grid")[-1]
        community = places.areas[grid.community_id or 0]
        book, content = Workbook(), BytesIO()
        sheets: dict[str, list[list[str | int]]] = {
            "compounds": [["社区代码", "小区名称"], [community.code, compound]],
            "buildings": [
                ["网格代码", "小区名称", "楼号", "单元数"],
                [grid.code, compound, "1", 2],
                [grid.code, compound, "2", 2],
                [grid.code, compound, "3", 2],
                [words.NO_GRID, compound, "4", 2],  # one that is found wrong
            ],
        }
        for kind, rows in sheets.items():
            page = book.create_sheet(BY_KIND[kind].title)
            for row in rows:
                page.append(row)
        del book["Sheet"]
        book.save(content)
        return content.getvalue()
