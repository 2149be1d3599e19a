"""我的网格: people, places, things, events and organizations of the own grids (S3-20)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from grids.households.actions.elements import add_element, edit_element, end_element, find_element
from grids.households.forms.elements import ElementForm, kinds_of
from grids.households.forms.households import PressForm
from grids.households.models import GridElement
from grids.households.policies import HouseholdPolicy, kept_areas, kept_grids
from grids.households.views.surface import DESK, PHONE, Surface, act_page, actor_of, keepers_page, posted
from grids.models import Compound, Organization
from grids.models.building import Building
from grids.reference import territory

PAGE = 40
Sort = GridElement.Sort
TABS = (
    ("people", gettext_lazy("人")),
    ("places", gettext_lazy("地")),
    ("things", gettext_lazy("物")),
    ("events", gettext_lazy("事")),
    ("organizations", gettext_lazy("组织")),
    ("forces", gettext_lazy("力量")),
)


def tabs_of(request: HttpRequest, surface: Surface, current: str) -> dict[str, Any]:
    """The six tabs and the names of the places they are about; no statement."""
    actor = actor_of(request)
    # Events are matters, forces have a list of their own: their pages belong to the apps above.
    is_worker = surface.templates == "worker" and actor.role_kinds & {"grid_worker", "grid_leader"}
    register = PHONE if surface.templates == "worker" else DESK  # also for pages of another app in these tabs
    urls = {"people": register.url("index"), "events": reverse("worker:grid_events" if is_worker else "desk:inbox")}
    urls["forces"] = reverse("posts_phone:forces" if surface.templates == "worker" else "posts_desk:forces")
    return {
        "grid_tabs": [
            {"label": label, "url": urls.get(name) or register.url(name), "current": name == current, "count": None}
            for name, label in TABS
        ],
        "grid_names": "、".join(area.name for area in kept_areas(actor)),
        # Tickets stand on it: the map belongs to the app above as well.
        "map_url": reverse("worker:map" if is_worker else "desk:map"),
    }


@keepers_page
@require_safe
def elements(request: HttpRequest, surface: Surface, sort: str) -> HttpResponse:
    """Places or things, by kind (``kind``) and words (``q``)."""
    kinds = kinds_of(sort)
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "").strip()[:60]
    rows = HouseholdPolicy.elements(actor_of(request)).filter(sort=sort, ended_on=None)
    if kind in dict(kinds):
        rows = rows.filter(kind=kind)
    if text:
        rows = rows.filter(name__contains=text) | rows.filter(code=text) | rows.filter(address__contains=text)
    page = Paginator(rows.order_by("kind", "name", "pk"), PAGE).get_page(request.GET.get("page"))
    name = "places" if sort == Sort.PLACE else "things"
    context = {
        **tabs_of(request, surface, name),
        "page": page,
        "rows": [_line(row, surface) for row in page.object_list],
        "kinds": [{"value": value, "label": label, "chosen": value == kind} for value, label in kinds],
        "q": text,
        "is_filtered": bool(text or kind),
        "new_url": surface.url("element_new", sort),
        "sort": sort,
    }
    return surface.page(request, "elements", context, heading=_("我的网格"))


def _line(row: GridElement, surface: Surface) -> dict[str, Any]:
    places = territory()
    return {
        "name": row.name,
        "kind": row.get_kind_display(),
        "code": row.code,
        "address": row.address,
        "grid": places.area_name(row.grid_id),
        "url": surface.url("element_edit", row.pk),
        "end_url": surface.url("element_end", row.pk),
    }


def _grids(request: HttpRequest) -> list[tuple[int, str]]:
    return [(grid.id, grid.name) for grid in kept_grids(actor_of(request))]


@keepers_page
@require_http_methods(["GET", "HEAD", "POST"])
def element_new(request: HttpRequest, surface: Surface, sort: str) -> HttpResponse:
    form = ElementForm(posted(request), sort=sort, grids=_grids(request))

    def act() -> dict[str, Any]:
        return {"element": add_element(form.grid_id(), form.details(), actor=actor_of(request)).pk}

    is_place = sort == Sort.PLACE
    return act_page(
        request, surface, form, act, title=_("登记场所") if is_place else _("登记部件"), verb=_("登记"),
        back=surface.url("places" if is_place else "things"), done=_("登记好了"),
    )  # fmt: skip


@keepers_page
@require_http_methods(["GET", "HEAD", "POST"])
def element_edit(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_element(actor, pk)
    form = ElementForm(posted(request), sort=row.sort, grids=_grids(request), known=row)

    def act() -> None:
        edit_element(row, form.details(), actor=actor)

    back = surface.url("places" if row.sort == Sort.PLACE else "things")
    return act_page(request, surface, form, act, title=row.name, verb=_("保存"), back=back, done=_("改好了"))


@keepers_page
@require_http_methods(["GET", "HEAD", "POST"])
def element_end(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_element(actor, pk)
    form = PressForm(posted(request))

    def act() -> None:
        end_element(row, actor=actor)

    back = surface.url("places" if row.sort == Sort.PLACE else "things")
    what = _("{name} 不再出现在网格里；登记留着，但不能恢复。").format(name=row.name)
    return act_page(
        request, surface, form, act, title=_("停用“{name}”？").format(name=row.name), verb=_("停用"), back=back,
        done=_("已停用"), what=what,
    )  # fmt: skip


@keepers_page
@require_safe
def organizations(request: HttpRequest, surface: Surface) -> HttpResponse:
    """组织: who answers for the place, its property companies and the partner units that lie in it."""
    places, areas = territory(), kept_areas(actor_of(request))
    inside = {grid.id for grid in kept_grids(actor_of(request))} | {area.id for area in areas}
    above = {area.community_id for area in areas} | {area.street_id for area in areas}
    rows = Organization.objects.filter(ended_on=None)
    own = [row for row in places.organizations.values() if row.area_id in inside | above and row.kind in _OWN]
    companies = Compound.objects.filter(
        pk__in=Building.objects.filter(grid_id__in=inside, ended_on=None).values("compound_id"), ended_on=None
    ).exclude(property_company=None)
    named = dict(companies.values_list("property_company_id", "name"))
    found = list(rows.filter(pk__in=named)) + list(rows.filter(area_id__in=inside, kind=Organization.Kind.PARTNER_UNIT))
    context = {
        **tabs_of(request, surface, "organizations"),
        "rows": [
            {"name": row.name, "kind": Organization.Kind(row.kind).label, "phone": row.phone, "note": ""} for row in own
        ]
        + [
            {"name": row.name, "kind": row.get_kind_display(), "phone": row.phone, "note": named.get(row.pk, "")}
            for row in found
        ],
    }  # fmt: skip
    return surface.page(request, "organizations", context, heading=_("我的网格"))


_OWN = {"grid_team", "residents_committee", "street_office"}
