"""邻里连心卡 (S1-14): whom the people of a building call. It names posts, so that an old card shows a new person.

What it shows is public: a surname with the post, and numbers that an office publishes. Nobody's own number, no full
name, nothing of who lives there.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from governance.kernel.actors import Actor
from governance.kernel.tenancy.context import current_district
from grids.heads import serving
from grids.reference import Holder, territory
from requests_intake.forms.places import BuildingName, building_name, buildings

_DOUBLE_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐", "夏侯", "司徒")


@dataclass(frozen=True)
class Contact:
    """Who to turn to: ``name`` 周网格员, what for, and the number an office publishes for it (empty: none)."""

    name: str
    note: str
    tel: str


@dataclass(frozen=True)
class NeighbourCard:
    """``worker`` answers for the building; ``others`` besides. In the circle of ``grid_id`` one writes."""

    building: BuildingName
    grid: str
    worker: Contact
    others: tuple[Contact, ...]

    @property
    def grid_id(self) -> int:
        return self.building.grid_id

    @property
    def on_paper(self) -> tuple[Contact, ...]:
        """``others`` for a sheet of A6: those without a number who are there for the same stand in one line."""
        rows: dict[tuple[str, str], Contact] = {}
        for number, each in enumerate(self.others):
            key = (str(number), each.tel) if each.tel else ("", each.note)
            named = [rows[key].name, each.name] if key in rows else [each.name]
            rows[key] = Contact("、".join(named), each.note, each.tel)
        return tuple(rows.values())


def called(name: str, post: str) -> str:
    """周网格员: how one addresses somebody in a post, without their full name."""
    name = name.strip()
    surname = name[:2] if name.startswith(_DOUBLE_SURNAMES) else name[:1]
    return f"{surname}{post}"


def worker_of(grid_id: int) -> Contact:
    """The grid's worker with the team's number, else the community's, else the hotline. No statement."""
    places = territory()
    team = places.organizations.get(places.own.get(grid_id, 0))
    committee = _committee(grid_id)
    tel = (team.phone if team else "") or (committee.tel if committee else "") or current_district().hotline
    found = _first(team.id if team else None, "grid_worker")
    if found is not None:
        return Contact(called(found.name, _("网格员")), _("有事先找网格员"), tel)
    return Contact(_("网格员暂缺"), _("现在由社区接电话"), (committee.tel if committee else "") or tel)


def card_of(building_id: int | None) -> NeighbourCard | None:
    """The card of a building; None where there is none any more. No statement but for heads that changed."""
    building = building_name(building_id)
    if building is None:
        return None
    places = territory()
    team = places.own.get(building.grid_id)
    others: list[Contact] = []
    leader = _first(team, "grid_leader")
    worker = worker_of(building.grid_id)
    if leader is not None:
        others.append(Contact(called(leader.name, _("网格长")), places.area_name(building.grid_id), worker.tel))
    for head in serving([building.id]):
        post = _("楼栋长") if head.unit is None else _("{unit}单元长").format(unit=head.unit)
        others.append(Contact(called(head.name, post), _("楼里的事可以当面说"), ""))
    others += _police_and_property(building)
    committee = _committee(building.grid_id)
    if committee is not None:
        others.append(committee)
    hotline = current_district().hotline
    if hotline:
        others.append(Contact(_("{number} 热线").format(number=hotline), _("找不到人时打"), hotline))
    return NeighbourCard(building, places.area_name(building.grid_id), worker, tuple(others))


def _police_and_property(building: BuildingName) -> list[Contact]:
    """社区民警 (S3-03), whose own number is nobody's business, and who manages the property, by the office's number."""
    places = territory()
    found = []
    police = _first(places.own.get(building.community_id or 0), "community_police")
    if police is not None:
        found.append(Contact(called(police.name, _("民警")), _("社区民警；急事打 110"), ""))
    company = places.organizations.get(building.property_id or 0)
    if company is not None:
        found.append(Contact(company.name, _("小区的物业"), company.phone))
    return found


def buildings_of(actor: Actor) -> list[BuildingName]:
    """The buildings whose cards somebody may print: those of the grids and communities of their posts. No statement."""
    areas = {role.area_id for role in actor.roles if role.level in ("grid", "community", "street")}
    places = territory().areas
    return [
        row
        for row in buildings()
        if (grid := places.get(row.grid_id)) is not None and {grid.id, grid.community_id, grid.street_id} & areas
    ]


def _first(organization_id: int | None, kind: str) -> Holder | None:
    if organization_id is None:
        return None
    return next((holder for holder in territory().serving(organization_id) if holder.kind == kind), None)


def _committee(grid_id: int) -> Contact | None:
    places = territory()
    grid = places.areas.get(grid_id)
    office = places.organizations.get(places.own.get(grid.community_id or 0, 0)) if grid else None
    if office is None:
        return None
    secretary = _first(office.id, "community_secretary")
    note = (
        _("{secretary}和社区工作者").format(secretary=called(secretary.name, _("书记")))
        if secretary
        else _("社区办公室")
    )
    return Contact(office.name, note, office.phone)
