"""关爱台账 (S1-20, S2-23) on phone and desk: who waits for a contact, the pairs, benefits to be looked at again."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.errors import NotFound
from governance.kernel.templatetags.ui import local_day, local_time, masked_phone
from grids.households.models import Person
from grids.households.policies import find_household
from grids.households.presentation.people import masked_resident
from grids.households.presentation.places import place_words
from grids.households.views.surface import Surface, act_page, actor_of, keepers_page, posted
from grids.reference import territory
from grids.visits.actions.care import (
    add_benefit,
    add_helper,
    begin_care,
    change_care,
    end_care,
    hand_over,
    recheck_benefit,
    record_contact,
)
from grids.visits.care import benefits_due, care_of, overdue, with_contact
from grids.visits.forms.care import (
    BenefitForm,
    CareForm,
    ContactForm,
    EndCareForm,
    HelperForm,
    NewCareForm,
    RecheckForm,
)
from grids.visits.models import CareBenefit, CareContact, CareLink, CareObject
from grids.visits.policies import find_care
from grids.visits.views.surface import tabs

PAGE = 40
any_method = require_http_methods(["GET", "HEAD", "POST"])
SHOWS = ("all", "over", "benefits")


def care_line(row: Any) -> dict[str, Any]:
    """A row of ``with_contact``; no statement."""
    now = clock.now()
    return {
        "pk": row.pk,
        "place": place_words(row.household),
        "person": masked_resident(row.person.name) if row.person else "",
        "category": row.get_category_display(),
        "level": row.get_level_display(),
        "every": row.every,
        "last": local_day(row.last_at) if row.last_at else _("还没有联系过"),
        "is_over": row.next_at < now,
        "late": max((clock.local(now).date() - clock.local(row.next_at).date()).days, 0),
        "next": local_day(row.next_at),
    }


@keepers_page
@require_safe
def index(request: HttpRequest, surface: Surface) -> HttpResponse:
    """Everybody who is cared for, the longest waiting first; ``show``: those past their days, or benefits due."""
    actor = actor_of(request)
    show = request.GET.get("show", "all")
    show = show if show in SHOWS else "all"
    rows, due = care_of(actor), benefits_due(actor)
    found: Any = due.select_related("care__household__building", "care__household__room__unit")
    if show != "benefits":
        found = overdue(rows) if show == "over" else with_contact(rows)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    here, labels = surface.url("care"), {"all": _("全部"), "over": _("该联系没联系"), "benefits": _("该复核的")}
    counts = {"all": None, "over": overdue(rows).count(), "benefits": due.count()}
    context = {
        **tabs(surface, "care"),
        "page": page,
        "show": show,
        "rows": [care_line(row) for row in page.object_list] if show != "benefits" else [],
        "benefits": [_benefit(row) | {"place": place_words(row.care.household)} for row in page.object_list]
        if show == "benefits"
        else [],
        "shows": [
            {"label": labels[name], "url": f"{here}?show={name}", "current": name == show, "count": counts[name]}
            for name in SHOWS
        ],
    }
    return surface.page(request, "care", context, heading=_("关爱台账"))


def _benefit(row: CareBenefit) -> dict[str, Any]:
    return {
        "pk": row.pk, "care": row.care_id, "what": row.what, "on": row.recheck_on,
        "is_over": row.recheck_on < clock.today(),
    }  # fmt: skip


@keepers_page
@require_safe
def whole(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """One who is cared for: helpers now and before, the last contacts, benefits."""
    actor = actor_of(request)
    find_care(actor, pk)
    row = with_contact(CareObject.objects.filter(pk=pk)).get()
    links = list(CareLink.objects.filter(care=row).order_by("-ended_on", "pk"))
    contacts = list(CareContact.objects.filter(link__care=row).select_related("link").order_by("-at", "-pk")[:20])
    members = {link.helper_id for link in links if link.helper_id} | {one.recorded_by_id for one in contacts}
    names = staff_names({pk for pk in members if pk})
    benefits = CareBenefit.objects.filter(care=row, ended_on=None)
    context = {
        "care": care_line(row),
        "row": row,
        "household_url": surface.household_url(row.household_id),
        "visit_url": surface.url("log", row.household_id) + "?purpose=key",
        "helpers": [_helper(link, names) for link in links if link.ended_on is None],
        "former": [_helper(link, names) for link in links if link.ended_on is not None],
        "contacts": [
            {
                "pk": one.pk, "at": local_time(one.at), "how": one.get_how_display(),
                "who": helper_name(one.link, names), "has_words": bool(one.words),
                "words": one.words if one.recorded_by_id == actor.membership_id else "",
            }
            for one in contacts
        ],
        "benefits": [_benefit(one) for one in benefits.order_by("recheck_on", "pk")],
        "is_ended": row.ended_on is not None,
    }  # fmt: skip
    return surface.page(request, "care_of", context, heading=_("关爱台账"), back=surface.url("care"))


def helper_name(link: CareLink, names: dict[int, str]) -> str:
    """A colleague by name, a neighbour masked."""
    return names.get(link.helper_id or 0) or masked_resident(link.helper_name)


def _helper(link: CareLink, names: dict[int, str]) -> dict[str, Any]:
    return {
        "pk": link.pk, "name": helper_name(link, names), "kind": link.get_kind_display(), "since": link.since,
        "ended_on": link.ended_on, "phone": masked_phone(link.helper_phone),
    }  # fmt: skip


def _colleagues(grid_id: int) -> list[tuple[int, str]]:
    """Who works in the grid or its community today."""
    places = territory()
    grid = places.areas[grid_id]
    teams = {places.own.get(grid.id), places.own.get(grid.community_id or 0)}
    found = {holder.membership_id: holder.name for team in teams if team for holder in places.serving(team)}
    return sorted(found.items(), key=lambda item: item[1])


@keepers_page
@any_method
def new(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """Write a household, or somebody of it, into the ledger, with a first helper."""
    actor = actor_of(request)
    home = find_household(actor, pk)
    people = list(Person.objects.filter(household=home, ended_on=None).order_by("pk"))
    form = NewCareForm(posted(request), people=people, colleagues=_colleagues(home.building.grid_id))

    def act() -> dict[str, Any]:
        return {"care": begin_care(home, form.details(), form.helper(), actor=actor).pk}

    return act_page(
        request, surface, form, act, title=_("写进关爱台账"), verb=_("写进台账"), back=surface.household_url(home.pk),
        go=surface.url("care"), done=_("写进去了，到日子会提醒"), what=place_words(home),
    )  # fmt: skip


def _act(
    request: HttpRequest, surface: Surface, care: CareObject, form: Any, act: Any, title: str, verb: str,
    done: str, what: str = "",
) -> HttpResponse:  # fmt: skip
    said = what or place_words(care.household)
    back = surface.url("care_of", care.pk)
    return act_page(request, surface, form, act, title=title, verb=verb, back=back, done=done, what=said)


@keepers_page
@any_method
def change(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_care(actor, pk)
    form = CareForm(posted(request), known=row)
    act = lambda: {"care": change_care(row, form.details(), actor=actor).pk}  # noqa: E731
    return _act(request, surface, row, form, act, _("改关爱台账"), _("保存"), _("改好了"))


@keepers_page
@any_method
def end(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_care(actor, pk)
    form = EndCareForm(posted(request))
    act = lambda: {"care": end_care(row, reason=form.cleaned_data["reason"], actor=actor).pk}  # noqa: E731
    what = _("{place}：结对和复核都到今天为止，记录留着，不能恢复。").format(place=place_words(row.household))
    return _act(request, surface, row, form, act, _("不再列入台账"), _("结束"), _("结束了"), what)


@keepers_page
@any_method
def helper(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_care(actor, pk)
    form = HelperForm(posted(request), colleagues=_colleagues(row.household.building.grid_id))
    act = lambda: {"link": add_helper(row, form.helper(), actor=actor).pk}  # noqa: E731
    return _act(request, surface, row, form, act, _("加一个结对的人"), _("结对"), _("结对了"))


def _link(request: HttpRequest, pk: int) -> CareLink:
    link = CareLink.objects.filter(pk=pk).first()
    if link is None:
        raise NotFound("no_link", _("没有这一对，或者不在您的辖区。"))
    link.care = find_care(actor_of(request), link.care_id)
    return link


@keepers_page
@any_method
def handover(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor, link = actor_of(request), _link(request, pk)
    form = HelperForm(posted(request), colleagues=_colleagues(link.care.household.building.grid_id))
    act = lambda: {"link": hand_over(link, form.helper(), actor=actor).pk}  # noqa: E731
    names = staff_names({link.helper_id}) if link.helper_id else {}
    what = _("{place}：{name} 从今天起交给别人，以前的联系记录留着。").format(
        place=place_words(link.care.household), name=helper_name(link, names)
    )
    return _act(request, surface, link.care, form, act, _("交接结对"), _("交接"), _("交接好了"), what)


@keepers_page
@any_method
def contact(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor, link = actor_of(request), _link(request, pk)
    form = ContactForm(posted(request))

    def act() -> dict[str, Any]:
        said = form.cleaned_data
        return {"contact": record_contact(link, how=said["how"], words=said["words"], actor=actor).pk}

    return _act(request, surface, link.care, form, act, _("记一次联系"), _("记下"), _("记下了，日子重新算"))


@keepers_page
@any_method
def benefit(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_care(actor, pk)
    form = BenefitForm(posted(request))

    def act() -> dict[str, Any]:
        said = form.cleaned_data
        return {"benefit": add_benefit(row, what=said["what"], recheck_on=said["recheck_on"], actor=actor).pk}

    return _act(request, surface, row, form, act, _("记一项待遇"), _("记下"), _("记下了，复核前一个月会列出来"))


@keepers_page
@any_method
def recheck(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = CareBenefit.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound("no_benefit", _("没有这一项，或者不在您的辖区。"))
    row.care = find_care(actor, row.care_id)
    form = RecheckForm(posted(request))
    act = lambda: {  # noqa: E731
        "benefit": recheck_benefit(row, again_on=form.cleaned_data["again_on"], actor=actor).pk
    }
    return _act(request, surface, row.care, form, act, _("复核待遇"), _("复核过了"), _("记下了"), row.what)
