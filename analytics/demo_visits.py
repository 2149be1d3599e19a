"""The demo's visits, care and contacts in the register of ``demo_households``, through the real actions."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from governance.kernel import clock
from governance.kernel.actors import Actor
from grids.generation.spec import read_words
from grids.households.models import Household, HouseholdTag
from grids.households.tagging import bearing
from grids.models import Building
from grids.visits.actions.care import CareDetails, HelperDetails, add_benefit, begin_care
from grids.visits.actions.contacts import (
    MemberDetails,
    link_households,
    name_hub,
    name_member,
    name_sponsor,
    record_help,
    write_to_household,
    write_to_member,
)
from grids.visits.actions.must import RuleDetails, adopt_usual_events, define_rule, report_event
from grids.visits.actions.outcomes import USUAL_OUTCOMES, set_outcomes
from grids.visits.actions.visits import VisitDetails, log_visit
from grids.visits.models import ContactLink, MustVisitRule

_SYSTEM = Actor.system("demo")
_VISITS = 48
_SAID = (
    "想装个楼道扶手",
    "孩子上学的事问了一句",
    "水管有点渗，已经约了物业",
    "挺好的，没什么事",
    "想参加周末的活动",
    "",
)
_CALLED = ("李师傅", "老周", "陈老师")


def load_demo_visits(grid_id: int, rows: list[Household], rng: Random, worker: Actor, secretary: Actor) -> None:
    """``rows``: the households of the worker's grid. Days go back a month at most, as for everybody."""
    outcomes = set_outcomes(USUAL_OUTCOMES, actor=_SYSTEM)
    adopt_usual_events(actor=_SYSTEM)
    now = clock.now()
    for row in rng.sample(rows, min(_VISITS, len(rows))):
        met = rng.choices(("yes", "no", "phone", "refused"), (70, 18, 10, 2))[0]
        outcome = rng.choice(outcomes) if met == "yes" and rng.random() < 0.6 else None
        at = now - timedelta(days=rng.randint(0, 27), minutes=rng.randint(5, 600))
        words = rng.choice(_SAID) if met in ("yes", "phone") else ""
        log_visit(row, VisitDetails(met, outcome=outcome, findings=words, at=at), actor=worker)
    looked_after = _care(rows, rng, worker)
    _must(grid_id, worker, looked_after)
    _contacts(grid_id, rows, rng, worker, secretary)


def _care(rows: list[Household], rng: Random, worker: Actor) -> list[Household]:
    tag = HouseholdTag.objects.filter(mark="望", ended_on=None).first()
    wanted = {pk for (pk,) in bearing([tag.pk]).values_list("household_id")} if tag else set()
    found = [row for row in rows if row.pk in wanted][:6]
    names = read_words().surnames
    for place, row in enumerate(found):
        helper = HelperDetails("neighbour", name=f"{rng.choice(names)}阿姨")
        if place % 2:
            helper = HelperDetails("staff", member=worker.membership_id)
        details = CareDetails("alone", "closest" if place < 2 else "close", needs="每周买一次菜，看看煤气关了没有")
        care = begin_care(row, details, helper, actor=worker)
        if place < 2:
            day = clock.today() + timedelta(days=12 + place)
            add_benefit(care, what="高龄津贴", recheck_on=day, actor=worker)
    return found


def _must(grid_id: int, worker: Actor, looked_after: list[Household]) -> None:
    tag = HouseholdTag.objects.filter(mark="望", ended_on=None).first()
    if tag is not None:
        define_rule(RuleDetails(MustVisitRule.Kind.TAG, tag=tag, days=30), actor=_SYSTEM)
    rule = MustVisitRule.objects.get(name="群体矛盾", ended_on=None)
    report_event(rule, actor=worker, words="几户为停车位争起来，话说得急", grid_id=grid_id, place="北门停车场")
    if looked_after:
        sudden = MustVisitRule.objects.get(name="突发事件", ended_on=None)
        report_event(sudden, actor=worker, words="夜里水管爆了，家里进了水", household=looked_after[0])


def _contacts(grid_id: int, rows: list[Household], rng: Random, worker: Actor, secretary: Actor) -> None:
    words = read_words()
    buildings = list(Building.objects.filter(grid_id=grid_id, ended_on=None).order_by("pk"))
    for place, called in enumerate(_CALLED):
        full = rng.choice(words.surnames) + rng.choice(words.given_names)
        phone = f"000{rng.randrange(10**8):08d}"  # no place has 000
        member = name_member(grid_id, MemberDetails(full, called, phone, agrees=True), actor=worker)
        link_households(member, rows[place * 8 : place * 8 + 8], actor=worker)
        for building in buildings[place * 2 : place * 2 + 2]:
            sponsor = name_sponsor(building, member, actor=secretary)
            if place == 0:
                record_help(sponsor, on=clock.today(), words="换了两只楼道灯", actor=secretary)
    link = ContactLink.objects.order_by("pk").first()
    if link is not None:
        write_to_member(link, "楼道灯又不亮了，能帮着说一声吗")
        write_to_household(link, "周六上午小广场有义诊，想去的告诉我", actor=worker)
    if rows:
        name_hub(rows[-1], buildings[:2], agrees=True, actor=worker)
