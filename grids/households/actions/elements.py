"""Places and things of a grid: written down, corrected, ended."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid, NotFound
from grids.households.models import GridElement
from grids.households.policies import HouseholdPolicy, kept_grids, require_keeper
from grids.models import Building

Kind, Sort = GridElement.Kind, GridElement.Sort
PLACES = (
    Kind.SCHOOL, Kind.SHOP, Kind.MARKET, Kind.CLINIC, Kind.PARK, Kind.SITE, Kind.HALL, Kind.OTHER_PLACE,
)  # fmt: skip


@dataclass(frozen=True)
class ElementDetails:
    """``code``: what stands on the lid or the pole; unique in the district. Longitude and latitude are WGS-84."""

    kind: str
    name: str
    code: str = ""
    address: str = ""
    building: Building | None = None
    lng: float | None = None
    lat: float | None = None


def sort_of(kind: str) -> str:
    return Sort.PLACE if kind in PLACES else Sort.THING


@transaction.atomic
def add_element(grid_id: int, details: ElementDetails, *, actor: Actor) -> GridElement:
    """Raises ``NotAllowed``, ``NotFound`` (not the actor's grid), ``Invalid`` by field."""
    require_keeper(actor)
    if not actor.is_system and grid_id not in [grid.id for grid in kept_grids(actor)]:
        raise NotFound("no_grid", _("没有这个网格，或者不归您管。"))
    row = GridElement(grid_id=grid_id, since=clock.today(), recorded_by_id=actor.membership_id)
    _fill(row, details)
    row.save()
    _told("create", row, actor)
    return row


@transaction.atomic
def edit_element(element: GridElement, details: ElementDetails, *, actor: Actor) -> GridElement:
    """Raises as ``add_element``, and ``element_ended``."""
    row = _running(element, actor)
    _fill(row, details)
    row.save()
    _told("change", row, actor)
    return row


@transaction.atomic
def end_element(element: GridElement, *, actor: Actor) -> GridElement:
    """It is there no more; the row stays. Raises as ``edit_element``."""
    row = _running(element, actor)
    row.ended_on = clock.today()
    row.save(update_fields=["ended_on"])
    _told("end", row, actor)
    return row


def find_element(actor: Actor, pk: int, *, lock: bool = False) -> GridElement:
    """Raises ``NotAllowed`` without a post that keeps a place, else ``NotFound``."""
    require_keeper(actor)
    rows = GridElement.objects.all() if actor.is_system else HouseholdPolicy.elements(actor)
    found = (rows.select_for_update(of=("self",)) if lock else rows).filter(pk=pk).first()
    if found is None:
        raise NotFound("no_element", _("没有这一处，或者不在您的网格。"))
    return found


def _running(element: GridElement, actor: Actor) -> GridElement:
    row = find_element(actor, element.pk, lock=True)
    if row.ended_on is not None:
        raise DomainError("element_ended", _("这一处已经停用，不能再改。"))
    return row


def _fill(row: GridElement, said: ElementDetails) -> None:
    wrong: dict[str, list[str]] = {}
    name, code = said.name.strip(), said.code.strip()
    if not name or len(name) > 60:
        wrong["name"] = [_("请写名称，最多 60 字。")]
    if said.kind not in Kind.values:
        wrong["kind"] = [_("请选类型。")]
    if len(code) > 30:
        wrong["code"] = [_("最多 {limit} 字。").format(limit=30)]
    elif code and GridElement.objects.filter(code=code, ended_on=None).exclude(pk=row.pk).exists():
        wrong["code"] = [_("这个编号已登记过。")]
    if said.building is not None and said.building.grid_id != row.grid_id:
        wrong["building"] = [_("这栋楼不在这个网格。")]
    if (said.lng is None) != (said.lat is None):
        wrong["lng"] = [_("经度和纬度要一起填。")]
    elif said.lng is not None and not (-180 <= said.lng <= 180 and -90 <= (said.lat or 0) <= 90):
        wrong["lng"] = [_("经度或纬度超出范围。")]
    if wrong:
        raise Invalid("element_incomplete", next(iter(wrong.values()))[0], fields=wrong)
    row.kind, row.sort, row.name, row.code = said.kind, sort_of(said.kind), name, code
    row.address, row.building, row.lng, row.lat = said.address.strip()[:120], said.building, said.lng, said.lat


def _told(verb: str, row: GridElement, actor: Actor) -> None:
    audit.record(f"grid_element.{verb}", actor=actor, object_kind="grid_element", object_id=row.pk, kind=row.kind)
