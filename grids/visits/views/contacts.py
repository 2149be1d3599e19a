"""联系党员 (S4-07): members and their households, words passed on; 党员中心户 (S2-04)."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.kernel.errors import NotFound
from governance.kernel.templatetags.ui import local_time, masked_phone
from grids.households.forms.households import PressForm
from grids.households.models import Household
from grids.households.policies import find_building, find_household, kept_grids
from grids.households.presentation.people import masked_resident
from grids.households.presentation.places import place_words
from grids.households.queries import buildings_in, households_of
from grids.households.views.surface import Surface, act_page, actor_of, keepers_page, posted
from grids.models import Building
from grids.reference import territory
from grids.visits.actions.contacts import (
    change_member,
    end_hub,
    end_link,
    end_member,
    link_households,
    name_hub,
    name_member,
    pass_on,
    write_to_household,
)
from grids.visits.contacts import hubs_of, hubs_without_host, links_of, members_of, waiting_messages
from grids.visits.forms.care import ChooseForm, HubForm, MemberForm, NewMemberForm, PickForm, WordsForm
from grids.visits.models import ContactLink, ContactMember, ContactMessage, HubReach
from grids.visits.policies import find_contact, find_hub, find_message
from grids.visits.views.surface import tabs

PAGE = 40
any_method = require_http_methods(["GET", "HEAD", "POST"])


@keepers_page
@require_safe
def index(request: HttpRequest, surface: Surface) -> HttpResponse:
    """Words that wait to be passed on, the members with how many households each has, the hubs."""
    actor = actor_of(request)
    page = Paginator(members_of(actor), PAGE).get_page(request.GET.get("page"))
    waiting = waiting_messages(actor)
    lost = set(hubs_without_host(actor).values_list("pk", flat=True))
    context = {
        **tabs(surface, "members"),
        "page": page,
        "members": [
            {
                "pk": row.pk, "public": row.public_name, "name": masked_resident(row.full_name),
                "grid": territory().area_name(row.grid_id), "homes": row.homes,
            }
            for row in page.object_list
        ],
        "waiting": [message_line(row) for row in waiting[:PAGE]],
        "waiting_count": waiting.count(),
        "hubs": [
            {
                "pk": hub.pk, "place": place_words(hub.household), "building": hub.building.name,
                "is_lost": hub.pk in lost,
            }
            for hub in hubs_of(actor)[:PAGE]
        ],
        "new_url": surface.url("member_new"),
    }  # fmt: skip
    return surface.page(request, "members", context, heading=_("联系党员"))


def message_line(row: ContactMessage) -> dict[str, Any]:
    """``link__member`` and the household's place are selected."""
    return {
        "pk": row.pk,
        "member": row.link.member.public_name,
        "place": place_words(row.link.household),
        "words": row.words,
        "at": local_time(row.at),
        "from_household": row.from_household,
        "is_passed": row.passed_at is not None,
        "reply": row.reply,
    }


@keepers_page
@require_safe
def member(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """1+N: the households of a member, what was said between them."""
    actor = actor_of(request)
    row = find_contact(actor, pk)
    page = Paginator(links_of(row), PAGE).get_page(request.GET.get("page"))
    messages = ContactMessage.objects.filter(link__member=row, erased_at=None).select_related(
        "link__member", "link__household__building", "link__household__room__unit"
    )
    context = {
        "member": row,
        "name": masked_resident(row.full_name),
        "phone": masked_phone(row.phone),
        "grid": territory().area_name(row.grid_id),
        "page": page,
        "links": [
            {"pk": link.pk, "place": place_words(link.household), "household": surface.household_url(link.household_id)}
            for link in page.object_list
        ],
        "said": [message_line(one) for one in messages.order_by("-at", "-pk")[:20]],
        "is_ended": row.ended_on is not None,
    }
    return surface.page(request, "member", context, heading=_("联系党员"), back=surface.url("members"))


@keepers_page
@any_method
def member_new(request: HttpRequest, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    form = NewMemberForm(posted(request), grids=[(grid.id, grid.name) for grid in kept_grids(actor)])
    made: list[int] = []

    def act() -> dict[str, Any]:
        made.append(name_member(form.cleaned_data["grid"], form.details(), actor=actor).pk)
        return {"member": made[0]}

    answer = act_page(
        request, surface, form, act, title=_("登记联系党员"), verb=_("登记"), back=surface.url("members"),
        done=_("登记好了，接着选他联系哪些户。"), what=_("只登记愿意的人。不登记证件号、支部、党费。"),
    )  # fmt: skip
    if made and answer.status_code == 302:
        answer["Location"] = surface.url("member", made[0])
    return answer


@keepers_page
@any_method
def member_edit(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_contact(actor, pk)
    form = MemberForm(posted(request), is_known=True, initial={"public_name": row.public_name})
    act = lambda: {"member": change_member(row, form.details(), actor=actor).pk}  # noqa: E731
    return _act(request, surface, row, form, act, _("改联系党员"), _("保存"), _("改好了"))


@keepers_page
@any_method
def member_end(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_contact(actor, pk)
    form = PressForm(posted(request))
    act = lambda: {"member": end_member(row, actor=actor).pk}  # noqa: E731
    what = _("{name} 联系的户、包的楼都到今天为止，不能恢复；要换人，先给别人接上。").format(name=row.public_name)
    return _act(request, surface, row, form, act, _("不再当联系党员"), _("结束"), _("结束了"), what)


def _act(
    request: HttpRequest, surface: Surface, row: ContactMember, form: Any, act: Any, title: str, verb: str,
    done: str, what: str = "",
) -> HttpResponse:  # fmt: skip
    back = surface.url("member", row.pk)
    return act_page(
        request, surface, form, act, title=title, verb=verb, back=back, done=done, what=what or row.public_name
    )


@keepers_page
@any_method
def links(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """Choose a building (``building``), then tick its households."""
    actor = actor_of(request)
    row = find_contact(actor, pk)
    back, asked = surface.url("member", row.pk), request.GET.get("building", "")
    if not asked.isdigit() or len(asked) > 18:
        here = surface.url("member_links", row.pk)
        options = [
            {"name": each.name, "url": f"{here}?building={each.pk}", "is_here": each.grid_id == row.grid_id}
            for each in buildings_in([grid.id for grid in kept_grids(actor)])
        ]
        options.sort(key=lambda option: not option["is_here"])
        context = {"options": options, "what": _("{name} 联系哪栋楼的户？").format(name=row.public_name)}
        return surface.page(request, "choose", context, heading=_("选户"), back=back)
    building = find_building(actor, int(asked))
    mine = set(ContactLink.objects.filter(member=row, ended_on=None).values_list("household_id", flat=True))
    homes = [home for home in households_of(actor).filter(building=building) if home.pk not in mine]
    if not homes:
        context = {"title": _("没有可以加的户"), "note": _("这栋楼的户都联系上了，或者还没有登记。"), "url": back}
        return surface.page(request, "nothing", context, heading=_("选户"), back=back)
    form = PickForm(posted(request), label=_("联系哪些户"), choices=[(home.pk, place_words(home)) for home in homes])

    def act() -> dict[str, Any]:
        chosen = Household.objects.filter(pk__in=form.cleaned_data["picked"])
        return {"count": link_households(row, chosen, actor=actor)}

    return _act(request, surface, row, form, act, _("选户"), _("联系这些户"), _("联系上了"))


@keepers_page
@any_method
def link_end(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor, link = actor_of(request), _link(request, pk)
    form = PressForm(posted(request))
    act = lambda: {"link": end_link(link, actor=actor).pk}  # noqa: E731
    what = _("{name} 不再联系 {place}，从今天起。").format(
        name=link.member.public_name, place=place_words(link.household)
    )
    return _act(request, surface, link.member, form, act, _("不再联系这一户"), _("不再联系"), _("改好了"), what)


def _link(request: HttpRequest, pk: int) -> ContactLink:
    rows = ContactLink.objects.select_related("household__building", "household__room__unit")
    link = rows.filter(pk=pk).first()
    if link is None:
        raise NotFound("no_link", _("没有这一条，或者不在您的辖区。"))
    link.member = find_contact(actor_of(request), link.member_id)
    return link


@keepers_page
@any_method
def write(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """替党员带话: the resident reads it on their own page."""
    actor, link = actor_of(request), _link(request, pk)
    form = WordsForm(posted(request), label=_("带什么话"), help_text=_("居民在“我的联系党员”里看得到。"))
    act = lambda: {"message": write_to_household(link, form.cleaned_data["words"], actor=actor).pk}  # noqa: E731
    what = _("{name} 给 {place}").format(name=link.member.public_name, place=place_words(link.household))
    return _act(request, surface, link.member, form, act, _("替他带话"), _("带到"), _("带到了"), what)


@keepers_page
@any_method
def passed(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """转到了: told the member, with what they let say."""
    actor = actor_of(request)
    row = find_message(actor, pk)
    form = WordsForm(
        posted(request), label=_("他怎么回"), required=False, help_text=_("可以先不写，只说转到了。居民看得到。")
    )
    act = lambda: {"message": pass_on(row, reply=form.cleaned_data["words"], actor=actor).pk}  # noqa: E731
    member = find_contact(actor, row.link.member_id)
    what = _("居民说：{words}").format(words=row.words)
    return _act(request, surface, member, form, act, _("转给联系党员"), _("转到了"), _("记下了，居民看得到"), what)


# ---------------------------------------------------------------- 党员中心户
@keepers_page
@any_method
def hub_new(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """A household becomes a hub, for the neighbours of some buildings."""
    actor = actor_of(request)
    home = find_household(actor, pk)
    near = buildings_in([home.building.grid_id]).exclude(pk=home.building_id)
    form = HubForm(posted(request), buildings=list(near.values_list("pk", "name")))

    def act() -> dict[str, Any]:
        said = form.cleaned_data
        wanted = Building.objects.filter(pk__in=said["picked"])
        return {"hub": name_hub(home, list(wanted), agrees=said["agrees"], actor=actor).pk}

    return act_page(
        request, surface, form, act, title=_("设党员中心户"), verb=_("设中心户"), back=surface.household_url(home.pk),
        go=surface.url("members"), done=_("设好了"), what=_("{place}：自己这栋楼一定在内。").format(
            place=place_words(home)
        ),
    )  # fmt: skip


@keepers_page
@any_method
def hub_end(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """The hub ends; another household may take its place at once."""
    actor = actor_of(request)
    hub = find_hub(actor, pk)
    reach = HubReach.objects.filter(hub=hub).values("building_id")
    homes = households_of(actor).filter(building__in=reach).exclude(pk=hub.household_id)[:500]
    choices = [(0, _("先不接替")), *((home.pk, place_words(home)) for home in homes)]
    form = ChooseForm(posted(request), label=_("哪一户接替（已经问过，同意）"), choices=choices)

    def act() -> dict[str, Any]:
        chosen = form.cleaned_data["chosen"]
        successor = Household.objects.filter(pk=chosen).first() if chosen else None
        made = end_hub(hub, successor=successor, actor=actor)
        return {"hub": made.pk if made else None}

    return act_page(
        request, surface, form, act, title=_("中心户接替"), verb=_("定下来"), back=surface.url("members"),
        done=_("改好了"), what=_("{place} 的中心户到今天为止。").format(place=hub.building.name),
    )  # fmt: skip
