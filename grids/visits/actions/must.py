"""必到必访 (S2-14): the district's rules, the tasks they open, and how a task ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from governance.accounts.models import Notice
from governance.accounts.notifications import tell
from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotAllowed
from grids.households.actions.tags import stigma_sentence
from grids.households.models import Household, HouseholdTag
from grids.households.policies import find_household
from grids.households.tagging import worn
from grids.reference import territory
from grids.visits.models import MustVisit, MustVisitRule, Visit
from grids.visits.models.visit import REACHED
from grids.visits.months import begin_of
from grids.visits.policies import SECRETARY, find_grid, find_must

Kind, End = MustVisitRule.Kind, MustVisit.End
LONGEST_DAYS, LONGEST_HOURS = 366, 240
WORDS = 300
USUAL_EVENTS = (("突发事件", 2), ("群体矛盾", 4), ("重大灾害", 2))
"""必到, with the hours within which the secretary arrives: a proposal, to be changed by the district."""


@dataclass(frozen=True)
class RuleDetails:
    """``tag`` and ``days`` for 必访, ``name`` and ``hours`` for 必到."""

    kind: str
    name: str = ""
    tag: HouseholdTag | None = None
    days: int | None = None
    hours: int | None = None


# ---------------------------------------------------------------- rules
@transaction.atomic
def define_rule(said: RuleDetails, *, actor: Actor) -> MustVisitRule:
    """A new rule; of a tag it opens a task for every household that bears it. Raises ``NotAllowed``, ``Invalid``."""
    require_administrator(actor)
    name, wrong = said.name.strip(), _wrong(said)
    if wrong:
        raise Invalid("rule_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    is_tag = said.kind == Kind.TAG
    row = MustVisitRule.objects.create(
        kind=said.kind, name=said.tag.name if is_tag and said.tag else name, tag=said.tag if is_tag else None,
        days=said.days if is_tag else None, hours=None if is_tag else said.hours, made_at=clock.now(),
    )  # fmt: skip
    audit.record("must_visit_rule.create", actor=actor, object_kind="must_visit_rule", object_id=row.pk)
    if is_tag:
        open_tag_tasks()
    return row


@transaction.atomic
def retire_rule(rule: MustVisitRule, *, actor: Actor) -> MustVisitRule:
    """The rule opens nothing any more; what it opened lapses. Raises ``NotAllowed``, ``DomainError`` ``rule_ended``."""
    require_administrator(actor)
    row = MustVisitRule.objects.select_for_update().get(pk=rule.pk)
    if row.ended_on is not None:
        raise DomainError("rule_ended", _("这条规则已停用。"))
    row.ended_on = clock.today()
    row.save(update_fields=["ended_on"])
    _lapse(MustVisit.objects.filter(rule=row, closed_at=None))
    audit.record("must_visit_rule.abolish", actor=actor, object_kind="must_visit_rule", object_id=row.pk)
    return row


@transaction.atomic
def adopt_usual_events(*, actor: Actor) -> None:
    """What a new district begins with. Raises ``NotAllowed``."""
    known = set(MustVisitRule.objects.filter(kind=Kind.EVENT, ended_on=None).values_list("name", flat=True))
    for name, hours in USUAL_EVENTS:
        if name not in known:
            define_rule(RuleDetails(Kind.EVENT, name=name, hours=hours), actor=actor)


def _wrong(said: RuleDetails) -> dict[str, list[str]]:
    wrong: dict[str, list[str]] = {}
    name = said.name.strip()
    in_use = MustVisitRule.objects.filter(ended_on=None)
    if said.kind not in Kind.values:
        wrong["kind"] = [_("请选必访还是必到。")]
    elif said.kind == Kind.TAG:
        if said.tag is None or said.tag.ended_on is not None:
            wrong["tag"] = [_("请选一种标签。")]
        elif in_use.filter(tag=said.tag).exists():
            wrong["tag"] = [_("这种标签已有规则。")]
        if said.days is None or not 1 <= said.days <= LONGEST_DAYS:
            wrong["days"] = [_("请填 1 到 {most} 天。").format(most=LONGEST_DAYS)]
    else:
        if not name or len(name) > 20:
            wrong["name"] = [_("请写什么事要到场，最多 20 字。")]
        elif said_so := stigma_sentence(name):
            wrong["name"] = [said_so]
        elif in_use.filter(kind=Kind.EVENT, name=name).exists():
            wrong["name"] = [_("已有同名的规则。")]
        if said.hours is None or not 1 <= said.hours <= LONGEST_HOURS:
            wrong["hours"] = [_("请填 1 到 {most} 小时。").format(most=LONGEST_HOURS)]
    return wrong


# ---------------------------------------------------------------- tasks of tags
@transaction.atomic
def open_tag_tasks(household_ids: Sequence[int] | None = None) -> int:
    """Open what the tags of households call for, and let lapse what they call for no more; of these households or all.

    A task is due ``days`` after the tag was put on, or after the last one was closed by a visit. Opening twice opens
    once. The number of statements does not grow with the households. Returns how many were opened.
    """
    rules = {row.tag_id: row for row in MustVisitRule.objects.filter(kind=Kind.TAG, ended_on=None)}
    taggings = worn().filter(tag_id__in=list(rules), household__ended_on=None)
    open_ones = MustVisit.objects.filter(rule__kind=Kind.TAG, closed_at=None)
    if household_ids is not None:
        taggings = taggings.filter(household_id__in=household_ids)
        open_ones = open_ones.filter(household_id__in=household_ids)
    bearing = {
        (rules[tag].pk, home): (rules[tag], grid, since)
        for tag, home, grid, since in taggings.values_list(
            "tag_id", "household_id", "household__building__grid_id", "since"
        )
    }
    known = dict.fromkeys(open_ones.values_list("rule_id", "household_id"))
    gone = {key for key in known if key not in bearing}
    if gone:
        rows = open_ones.values_list("pk", "rule_id", "household_id")
        pairs = {pk for pk, rule, home in rows if (rule, home) in gone}
        _lapse(MustVisit.objects.filter(pk__in=pairs))
    fresh = {key: row for key, row in bearing.items() if key not in known}
    if not fresh:
        return 0
    closed = MustVisit.objects.filter(household_id__in={home for _rule, home in fresh}, end=End.VISITED)
    last = {
        (rule, home): at
        for rule, home, at in closed.order_by().values_list("rule_id", "household_id").annotate(at=Max("closed_at"))
    }
    now = clock.now()
    made = MustVisit.objects.bulk_create(
        [
            MustVisit(
                rule=rule, grid_id=grid or 0, household_id=home, opened_at=now,
                due_at=_due(rule, max(begin_of(since), last.get((rule_id, home)) or begin_of(since))),
            )
            for (rule_id, home), (rule, grid, since) in fresh.items()
        ],
        batch_size=1_000,
        ignore_conflicts=True,
    )  # fmt: skip
    return len(made)


def _due(rule: MustVisitRule, since: datetime) -> datetime:
    """The end of the day so many days after."""
    day = clock.local(since).date() + timedelta(days=rule.days or 0)
    return begin_of(day + timedelta(days=1)) - timedelta(minutes=1)


def _lapse(rows: Any) -> int:
    return int(rows.update(closed_at=clock.now(), end=End.LAPSED))


# ---------------------------------------------------------------- tasks of events
@transaction.atomic
def report_event(
    rule: MustVisitRule, *, actor: Actor, words: str, household: Household | None = None, grid_id: int | None = None,
    place: str = "", at: datetime | None = None,
) -> MustVisit:  # fmt: skip
    """Something happened where the secretary has to come: at a household, or at a place of a grid.

    ``at``: when it happened, now where None; the hours count from then. Raises ``NotAllowed``, ``NotFound``,
    ``Invalid`` by field, ``DomainError`` ``already_open``.
    """
    now, wrong = clock.now(), {}
    if rule.kind != Kind.EVENT or rule.ended_on is not None:
        wrong["rule"] = [_("请选是什么事。")]
    words, place = words.strip(), place.strip()
    if not words or len(words) > WORDS:
        wrong["words"] = [_("请写一句怎么回事，最多 {n} 字。").format(n=WORDS)]
    if at is not None and at > now:
        wrong["at"] = [_("这个时间还没有到。")]
    if household is None and not place:
        wrong["place"] = [_("请写在哪里。")]
    elif len(place) > 60:
        wrong["place"] = [_("最多 60 字。")]
    if wrong:
        raise Invalid("event_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    if household is not None:
        home = find_household(actor, household.pk, lock=True)
        where = home.building.grid_id
        if MustVisit.objects.filter(rule=rule, household=home, closed_at=None).exists():
            raise DomainError("already_open", _("这一户的这件事已经在等书记去了。"))
    else:
        where = find_grid(actor, grid_id or 0).id
    row = MustVisit.objects.create(
        rule=rule, grid_id=where, household=household, place=place, words=words, opened_at=now,
        opened_by_id=actor.membership_id, due_at=(at or now) + timedelta(hours=rule.hours or 0),
    )  # fmt: skip
    audit.record("must_visit.create", actor=actor, object_kind="must_visit", object_id=row.pk, rule=rule.pk)
    _call(row, actor)
    return row


def _call(task: MustVisit, actor: Actor) -> None:
    """Hours count: who is to come, or stands in for them, reads at once where and until when; what happened they read
    on the page alone."""
    places = territory()
    office = places.own.get(places.areas[task.grid_id].community_id or 0)
    holders = places.serving(office) if office else []
    people = {row.membership_id for row in holders if row.kind == SECRETARY} - {actor.membership_id}
    where = task.household.building.name if task.household is not None else places.area_name(task.grid_id)
    until = clock.local(task.due_at)
    text = _("请到场：{what}，{where}，{month}月{day}日 {time} 前").format(
        what=task.rule.name, where=where, month=until.month, day=until.day, time=f"{until:%H:%M}"
    )
    tell([
        Notice(
            membership_id=pk, source=f"must-visit:{task.pk}", kind="must_visit", text=text, brief=_("请书记到场"),
            path="/desk/home-visits/must/", is_critical=True, created_at=clock.now(),
        )
        for pk in sorted(people)
    ])  # fmt: skip


@transaction.atomic
def arrive(task: MustVisit, *, words: str, actor: Actor) -> MustVisit:
    """The secretary came to the place. Raises ``NotAllowed`` for everybody else, ``NotFound``, ``Invalid``,
    ``DomainError`` ``must_closed``."""
    row = find_must(actor, task.pk, lock=True)
    if not is_secretary(actor):
        raise NotAllowed("secretary_only", _("必到必访由社区书记本人去。"))
    if row.closed_at is not None:
        raise DomainError("must_closed", _("这一件已经结束了。"))
    words = words.strip()
    if not words or len(words) > WORDS:
        sentence = _("请写一句到场做了什么，最多 {n} 字。").format(n=WORDS)
        raise Invalid("no_words", sentence, fields={"words": [sentence]})
    row.closed_at, row.closed_by_id, row.end, row.done = clock.now(), actor.membership_id, End.ARRIVED, words
    row.save(update_fields=["closed_at", "closed_by", "end", "done"])
    audit.record("must_visit.arrive", actor=actor, object_kind="must_visit", object_id=row.pk)
    return row


def is_secretary(actor: Actor) -> bool:
    return actor.is_system or SECRETARY in actor.role_kinds


def close_visited(visit: Visit, *, actor: Actor) -> int:
    """What a visit of the secretary's that reached somebody ends; of a rule about a tag the next is opened at once.

    A visit of somebody else ends nothing: the duty is the secretary's own. Called by ``log_visit``.
    """
    if visit.met not in REACHED or not is_secretary(actor):
        return 0
    rows = MustVisit.objects.filter(household_id=visit.household_id, closed_at=None, opened_at__lte=visit.at)
    closed = rows.update(closed_at=visit.at, closed_by_id=actor.membership_id, end=End.VISITED, visit=visit)
    if closed:
        open_tag_tasks([visit.household_id])
    return int(closed)


def reopen_of(visit: Visit) -> None:
    """A visit that ended tasks is taken back: they wait again, and what was opened after them goes."""
    ended = list(MustVisit.objects.filter(visit=visit).values_list("pk", "rule_id"))
    later = MustVisit.objects.filter(
        household_id=visit.household_id, closed_at=None, rule_id__in=[r for _p, r in ended]
    )
    later.delete()
    MustVisit.objects.filter(pk__in=[pk for pk, _rule in ended]).update(
        closed_at=None, closed_by=None, end="", visit=None
    )


def tagged(household_ids: Iterable[int]) -> None:
    """Tags of these households changed: the register says so in the same transaction."""
    open_tag_tasks(list(household_ids))
