"""主动治理: which tasks somebody sees and may make, and where hot spots and repeats call for new ones. Reads only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.kernel.actors import Actor, Role
from governance.kernel.calendar import SHANGHAI
from governance.kernel.errors import NotAllowed, NotFound
from grids.models import Building
from grids.reference import area_of
from requests_intake.ledgers import Ledger, register
from requests_intake.models import ProactiveOrigin, ProactiveTask, RequestType, Ticket, TicketRepeat
from requests_intake.workflow import TicketState

HOTSPOT_TICKETS, HOTSPOT_DAYS = 5, 30  # kpi S3-26
REPEAT_TIMES, REPEAT_DAYS = 3, 90
_COMMUNITY = frozenset({"community_secretary", "community_staff"})
_STREET = frozenset({"street_dispatcher", "street_leader"})
_DISTRICT = frozenset({"district_dispatcher", "district_official", "supervisor"})
_GROUND = frozenset({"grid_worker", "grid_leader"})
READERS = _COMMUNITY | _STREET | _DISTRICT
"""Who has the list at the desk. Who goes and looks has it on the phone."""
WORKERS = _COMMUNITY | _STREET | {"district_dispatcher"}
_GONE = (TicketState.MERGED.value, TicketState.REJECTED.value, TicketState.WITHDRAWN.value)
State = ProactiveTask.State
RUNNING = (State.OPEN, State.DOING)


def visible_tasks(actor: Actor) -> QuerySet[ProactiveTask]:
    """The tasks of one's own grid, community or street; of the whole district for those who answer for it."""
    return _of(actor, READERS | _GROUND)


def _of(actor: Actor, kinds: frozenset[str]) -> QuerySet[ProactiveTask]:
    mine = Q(pk__in=[])
    for role in actor.roles:
        if role.kind not in kinds:
            continue
        if role.kind in _DISTRICT:
            return ProactiveTask.objects.all()
        if role.kind in _GROUND:
            mine |= _in_grid(role)
        else:
            mine |= Q(community_id=role.area_id) if role.kind in _COMMUNITY else Q(street_id=role.area_id)
    return ProactiveTask.objects.filter(mine)


def _in_grid(role: Role) -> Q:
    """Of a building of the grid, of a compound with a building there, or of its whole community."""
    grid = area_of(role)
    if grid is None or grid.level != "grid":
        return Q(pk__in=[])
    here = Building.objects.filter(grid_id=grid.id, ended_on=None)
    of_compound = Q(building=None, compound__in=here.filter(compound__isnull=False).values("compound_id"))
    of_all = Q(building=None, compound=None, community_id=grid.community_id)
    return Q(building__in=here.values("pk")) | of_compound | of_all


def find_task(actor: Actor, pk: int, *, lock: bool = False) -> ProactiveTask:
    """The task if the actor sees it, else 404."""
    tasks = visible_tasks(actor).select_for_update(of=("self",)) if lock else visible_tasks(actor)
    found = tasks.filter(pk=pk).first()
    if found is None:
        raise NotFound("no_task", _("没有这项主动治理，或者不在您的范围内。"))
    return found


def may_work(actor: Actor, task: ProactiveTask) -> bool:
    """Whether the actor's post makes moves on it: grid, community and street of the place, the district's dispatcher.

    One statement for who works on the ground, none for the others.
    """
    if actor.role_kinds & _GROUND and _of(actor, _GROUND).filter(pk=task.pk).exists():
        return True
    return any(
        role.kind == "district_dispatcher"
        or (role.kind in _COMMUNITY and role.area_id == task.community_id)
        or (role.kind in _STREET and role.area_id == task.street_id)
        for role in actor.roles
    )


def require_worker(actor: Actor, task: ProactiveTask) -> None:
    if not may_work(actor, task):
        raise NotAllowed("not_allowed", _("主动治理由网格、社区、街道和区调度台办，您的岗位只能看。"))


def waiting(actor: Actor) -> int:
    """How many wait to be begun where the actor's post may begin them."""
    return _of(actor, WORKERS).filter(state=State.OPEN).count()


def to_look_at(actor: Actor) -> int:
    """How many run in the grids somebody works in."""
    return _of(actor, _GROUND).filter(state__in=RUNNING).count()


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, SHANGHAI)


# ---------------------------------------------------------------- what calls for a task
@dataclass(frozen=True)
class Cause:
    """``subject`` names the thing without a period; ``tickets``: ids it came from, the newest first."""

    subject: str
    category_id: int | None
    community_id: int | None
    street_id: int | None
    compound_id: int | None
    building_id: int | None
    tickets: tuple[int, ...]


def hotspots(on: date) -> list[Cause]:
    """Five or more matters of one category in one compound (or building that lies in none) within 30 days (S3-26).

    Restricted matters, what was turned down or merged, and what was brought in proactively do not count. At most three
    statements.
    """
    since = _start(on - timedelta(days=HOTSPOT_DAYS))
    matters = Ticket.objects.filter(
        submitted_at__gte=since, submitted_at__lt=_start(on + timedelta(days=1)), is_restricted=False,
        is_proactive=False, category__isnull=False,
    ).exclude(state__in=_GONE)  # fmt: skip
    many = Count("pk")
    compounds = matters.filter(compound__isnull=False).values("category_id", "compound_id").annotate(n=many)
    buildings = (
        matters.filter(compound=None, building__isnull=False).values("category_id", "building_id").annotate(n=many)
    )
    hot = {
        ("c", row["category_id"], row["compound_id"]) for row in compounds.filter(n__gte=HOTSPOT_TICKETS).order_by()
    } | {("b", row["category_id"], row["building_id"]) for row in buildings.filter(n__gte=HOTSPOT_TICKETS).order_by()}
    if not hot:
        return []
    groups: dict[tuple[str, int, int], list[Ticket]] = defaultdict(list)
    found = matters.filter(category_id__in={category for _kind, category, _place in hot})
    columns = ("pk", "category_id", "compound_id", "building_id", "community_id", "street_id")
    for ticket in found.order_by("-submitted_at", "-pk").only(*columns):
        kind, place = ("c", ticket.compound_id) if ticket.compound_id else ("b", ticket.building_id)
        key = (kind, ticket.category_id or 0, place or 0)
        if key in hot:
            groups[key].append(ticket)
    return [
        Cause(
            f"hotspot:{category}:{kind}{place}", category, tickets[0].community_id, tickets[0].street_id,
            place if kind == "c" else None, place if kind == "b" else None, tuple(row.pk for row in tickets),
        )
        for (kind, category, place), tickets in sorted(groups.items())
    ]  # fmt: skip


def repeats(on: date) -> list[Cause]:
    """The same person with the same kind of matter at the same place for the third time within 90 days (kpi E.5).

    Two statements. The cause names tickets, never the person.
    """
    since = _start(on - timedelta(days=REPEAT_DAYS))
    links = TicketRepeat.objects.filter(
        ticket__submitted_at__gte=since, earlier__submitted_at__gte=since, ticket__is_restricted=False,
        ticket__request_type__in=[RequestType.HELP, RequestType.COMPLAINT],
    ).exclude(ticket__state__in=_GONE)  # fmt: skip
    earlier: dict[int, set[int]] = defaultdict(set)
    for ticket_id, earlier_id in links.values_list("ticket_id", "earlier_id"):
        earlier[ticket_id].add(earlier_id)
    third = {pk: olds for pk, olds in earlier.items() if len(olds) >= REPEAT_TIMES - 1}
    found = []
    seen: set[int] = set()
    # The newest speaks for all those before it.
    for ticket in Ticket.objects.filter(pk__in=third).order_by("-submitted_at", "-pk"):
        if ticket.pk in seen:
            continue
        group = (ticket.pk, *sorted(third[ticket.pk], reverse=True))
        seen |= set(group)
        found.append(
            Cause(
                f"repeat:{min(group)}", ticket.category_id, ticket.community_id, ticket.street_id, ticket.compound_id,
                ticket.building_id, group,
            )
        )  # fmt: skip
    return found


def known_lately(source: str, days: int, on: date) -> tuple[set[str], set[int]]:
    """Subjects and tickets that have a task of that source which still runs or was made within so many days."""
    since = _start(on - timedelta(days=days))
    lately = ProactiveTask.objects.filter(source=source).filter(Q(state__in=RUNNING) | Q(created_at__gte=since))
    subjects = {key.rpartition(":")[0] for key in lately.values_list("source_key", flat=True)}
    tickets = set(ProactiveOrigin.objects.filter(task__in=lately).values_list("ticket_id", flat=True))
    return subjects, tickets


register(
    Ledger(
        code="proactive",
        title=gettext_lazy("主动治理"),
        about=gettext_lazy("热点、季节和反复反映的事，没等人说先去办"),
        url_name="desk:proactive",
        kinds=READERS,
        group=gettext_lazy("治理"),
        waiting=waiting,
        icon="bulb",
    )
)
