"""主动治理 (S3-31): tasks made by the nightly round, and what communities and streets do with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.storage import StoredImage
from grids.models import Building, Compound
from grids.reference import territory
from requests_intake import routing
from requests_intake.actions.context import savepoint
from requests_intake.actions.submit import Report, submit_ticket
from requests_intake.models import Channel, ProactiveOrigin, ProactiveTask, RequestType, SeasonTemplate, Ticket
from requests_intake.proactive import (
    HOTSPOT_DAYS,
    REPEAT_DAYS,
    RUNNING,
    Cause,
    find_task,
    hotspots,
    known_lately,
    repeats,
    require_worker,
)
from requests_intake.reference import rules
from requests_intake.seasons import occurrence

State, Source = ProactiveTask.State, ProactiveTask.Source
DUE_DAYS = 7
_TITLES = {
    Source.HOTSPOT: gettext_lazy("{place}：30 天里 {n} 件“{category}”"),
    Source.REPEAT: gettext_lazy("{place}：同一人反映“{category}”{n} 次"),
}
_TEXTS = {
    Source.HOTSPOT: gettext_lazy("同一个地方、同一类事反复来，去看一次，找出根子，一次解决。"),
    Source.REPEAT: gettext_lazy("同一件事说了又说，请上门问清楚，看上几次为什么没有办好。"),
}


# ---------------------------------------------------------------- the nightly round
@savepoint
def make_due_tasks(on: date | None = None) -> int:
    """Make what the day calls for, once each. Returns how many are new. Run twice it makes nothing more."""
    day = on or clock.today()
    return (
        _season_tasks(day)
        + _caused(Source.HOTSPOT, hotspots(day), HOTSPOT_DAYS, day)
        + _caused(Source.REPEAT, repeats(day), REPEAT_DAYS, day)
    )


def _season_tasks(day: date) -> int:
    """One task a place for every template whose days have begun; a night that was missed is made up for."""
    made = 0
    for template in SeasonTemplate.objects.filter(is_active=True).order_by("pk"):
        began = occurrence(template.starts_on, template.ends_on, day)
        if began is not None:
            made += _insert(_season_rows(template, began, day))
    return made


def _season_rows(template: SeasonTemplate, began: date, day: date) -> list[ProactiveTask]:
    places = territory()
    common: dict[str, Any] = {
        "source": Source.SEASON, "template": template, "text": template.text, "checklist": template.checklist,
        "category_id": template.category_id, "due_on": max(began, day) + timedelta(days=template.due_days),
    }  # fmt: skip
    spots: list[tuple[str, str, int | None, int | None, int | None]] = []
    if template.scope == SeasonTemplate.Scope.COMMUNITY:
        spots = [(f"a{area.id}", area.name, area.id, None, None) for area in places.at_level("community")]
    elif template.scope == SeasonTemplate.Scope.COMPOUND:
        rows = Compound.objects.filter(ended_on=None).order_by("pk").values_list("pk", "name", "community_id")
        spots = [(f"c{pk}", name, area, pk, None) for pk, name, area in rows]
    else:
        found = Building.objects.filter(ended_on=None).order_by("pk")
        for pk, name, grid, compound in found.values_list("pk", "name", "grid_id", "compound_id"):
            area = places.areas.get(grid)
            spots.append((f"b{pk}", name, area.community_id if area else None, compound, pk))
    return [
        _task(
            f"season:{template.pk}:{key}:{began}", _("{season}：{place}").format(season=template.name, place=name),
            community_id=community, compound_id=compound, building_id=building, **common,
        )
        for key, name, community, compound, building in spots
    ]  # fmt: skip


def _task(key: str, title: str, *, community_id: int | None, **values: Any) -> ProactiveTask:
    area = territory().areas.get(community_id or 0)
    street_id = area.street_id if area else values.pop("street_id", None)
    values.pop("street_id", None)
    place = routing.Place(None, community_id, street_id)
    office = routing.choose_organization("community", place, rules().organizations)
    return ProactiveTask(
        source_key=key, title=title[:120], community_id=community_id, street_id=street_id,
        organization_id=office.id, created_at=clock.now(), **values,
    )  # fmt: skip


def _insert(rows: Iterable[ProactiveTask]) -> int:
    """Write those whose key is not there yet; two rounds at once make each once."""
    wanted = {row.source_key: row for row in rows}
    there = set(ProactiveTask.objects.filter(source_key__in=wanted).values_list("source_key", flat=True))
    new = [row for key, row in wanted.items() if key not in there]
    ProactiveTask.objects.bulk_create(new, ignore_conflicts=True, batch_size=500)
    return len(new)


def _caused(source: str, causes: list[Cause], days: int, day: date) -> int:
    """Tasks for places and persons that have none of the kind lately, with the tickets they came from."""
    if not causes:
        return 0
    subjects, tickets = known_lately(source, days, day)
    fresh = [
        cause
        for cause in causes
        if cause.subject not in subjects and not (source == Source.REPEAT and tickets.intersection(cause.tickets))
    ]
    names = _place_names(fresh)
    rows = {
        f"{cause.subject}:{day}": _task(
            f"{cause.subject}:{day}",
            str(_TITLES[Source(source)]).format(
                place=names[cause], n=len(cause.tickets), category=rules().category_name(cause.category_id)
            ),
            source=source, text=str(_TEXTS[Source(source)]), category_id=cause.category_id,
            community_id=cause.community_id, street_id=cause.street_id, compound_id=cause.compound_id,
            building_id=cause.building_id, due_on=day + timedelta(days=DUE_DAYS),
        )
        for cause in fresh
    }  # fmt: skip
    made = _insert(rows.values())
    ids = dict(ProactiveTask.objects.filter(source_key__in=rows).values_list("source_key", "pk"))
    ProactiveOrigin.objects.bulk_create(
        [
            ProactiveOrigin(task_id=ids[f"{cause.subject}:{day}"], ticket_id=ticket)
            for cause in fresh
            for ticket in cause.tickets
        ],
        ignore_conflicts=True,
        batch_size=500,
    )
    return made


def _place_names(causes: list[Cause]) -> dict[Cause, str]:
    """Compound, else building, else community, as people call them; two statements."""
    compounds = {cause.compound_id for cause in causes if cause.compound_id}
    buildings = {cause.building_id for cause in causes if cause.building_id and not cause.compound_id}
    of_compound = dict(Compound.objects.filter(pk__in=compounds).values_list("pk", "name"))
    of_building = dict(Building.objects.filter(pk__in=buildings).values_list("pk", "name"))
    return {
        cause: of_compound.get(cause.compound_id or 0)
        or of_building.get(cause.building_id or 0)
        or territory().area_name(cause.community_id)
        for cause in causes
    }


# ---------------------------------------------------------------- what people do
def _locked(task: ProactiveTask, actor: Actor, *states: str) -> ProactiveTask:
    found = find_task(actor, task.pk, lock=True)
    require_worker(actor, found)
    if found.state not in states:
        label = State(found.state).label
        raise DomainError("wrong_state", _("现在不能这样办：这一项“{state}”。").format(state=label), state=found.state)
    return found


def _store(task: ProactiveTask, state: str, actor: Actor) -> ProactiveTask:
    task.state, task.changed_by_id = state, actor.membership_id
    task.closed_at = clock.now() if state not in RUNNING else None
    task.save()
    audit.record("proactive." + state, actor=actor, object_kind="proactive_task", object_id=task.pk, source=task.source)
    return task


@savepoint
def start_task(task: ProactiveTask, *, actor: Actor) -> ProactiveTask:
    """Somebody has taken it up. Raises ``NotAllowed``, ``NotFound`` and ``wrong_state``, as all of these do."""
    return _store(_locked(task, actor, State.OPEN), State.DOING, actor)


@savepoint
def finish_task(task: ProactiveTask, *, actor: Actor) -> ProactiveTask:
    """Done, and what was found is a ticket where there was something."""
    return _store(_locked(task, actor, State.DOING), State.DONE, actor)


@savepoint
def drop_task(task: ProactiveTask, *, reason: str, actor: Actor) -> ProactiveTask:
    """Not needed, for one of the named reasons."""
    found = _locked(task, actor, *RUNNING)
    if reason not in ProactiveTask.Reason.values:
        raise Invalid("no_reason", _("请选为什么不办。"), fields={"reason": [_("请选为什么不办。")]})
    found.reason = reason
    return _store(found, State.DROPPED, actor)


@savepoint
def resume_task(task: ProactiveTask, *, actor: Actor) -> ProactiveTask:
    """Take it up again after it was ended by mistake."""
    found = _locked(task, actor, State.DONE, State.DROPPED)
    found.reason = ""
    return _store(found, State.DOING, actor)


@dataclass(frozen=True)
class Spot:
    """Where something was found: a building, or words and the community they are in."""

    building_id: int | None = None
    address: str = ""
    community_id: int | None = None


@savepoint
def open_ticket(
    task: ProactiveTask,
    *,
    content: str,
    actor: Actor,
    spot: Spot | None = None,
    start_level: str = "",
    photos: Sequence[StoredImage] = (),
    at: datetime | None = None,
) -> Ticket:
    """Bring in what was found, as a matter of the place found proactively; once a task. Raises ``Invalid`` too.

    ``spot``: where exactly, else the task's own place. ``start_level``: as in ``Report``.
    """
    found = _locked(task, actor, *RUNNING)
    if found.opened_ticket_id is not None:
        raise DomainError("opened_already", _("这一项已经立过一件诉求。"))
    category = rules().categories.get(found.category_id or 0)
    where = spot or Spot(found.building_id, _address_of(found), found.community_id)
    report = Report(
        content=content,
        title=found.title if len(found.title) <= 60 else "",
        request_type=RequestType.HELP,
        category_code=category.code if category else "",
        channel=Channel.PATROL,
        building_id=where.building_id,
        address=where.address,
        community_id=where.community_id,
        is_proactive=True,
        start_level=start_level,
        photos=tuple(photos),
    )
    ticket = submit_ticket(report, actor=actor, at=at).ticket
    found.opened_ticket = ticket
    _store(found, State.DOING, actor)
    return ticket


def _address_of(task: ProactiveTask) -> str:
    if task.compound_id is None or task.building_id is not None:
        return ""
    return Compound.objects.values_list("name", flat=True).get(pk=task.compound_id)
