"""What is done to households and their people: each a form, a confirmation where it hurts, one action, once."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from governance.kernel import clock
from governance.kernel.errors import NotFound
from grids.households.actions.households import (
    NewHousehold,
    edit_household,
    end_household,
    move_household,
    register_household,
)
from grids.households.actions.persons import add_person, edit_person, end_person
from grids.households.actions.reveal import open_tagging, reveal_contact, reveal_person
from grids.households.actions.tags import end_tagging, tag_household
from grids.households.forms.households import (
    EndForm,
    EndPersonForm,
    HouseholdForm,
    MoveForm,
    NewHouseholdForm,
    PersonForm,
    PressForm,
    TaggingForm,
)
from grids.households.models import Household, HouseholdTagging, Person
from grids.households.policies import find_building, find_household, kept_grids, reads_tag
from grids.households.presentation.places import place_words
from grids.households.queries import buildings_in
from grids.households.reference import tags_in_use
from grids.households.tagging import tags_of
from grids.households.views.opening import opened_page
from grids.households.views.surface import Surface, act_page, actor_of, keepers_page, posted

any_method = require_http_methods(["GET", "HEAD", "POST"])


@keepers_page
@any_method
def new(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """A household of a building; ``room`` in the address chooses the flat."""
    actor = actor_of(request)
    building = find_building(actor, pk)
    form = NewHouseholdForm(
        posted(request), building=building,
        initial={"room": request.GET.get("room", ""), "kind": Household.Kind.FAMILY},
    )  # fmt: skip
    made: list[int] = []

    def act() -> dict[str, Any]:
        row = register_household(NewHousehold(form.where(), form.details()), actor=actor)
        made.append(row.pk)
        return {"household": row.pk}

    back = surface.url("building", building.pk)
    done = _("登记好了，可以接着登记家里人。")
    answer = act_page(
        request, surface, form, act, title=_("登记一户"), verb=_("登记"), back=back, done=done, what=building.name,
    )  # fmt: skip
    if made and answer.status_code == 302:
        answer["Location"] = surface.url("household", made[0])
    return answer


@keepers_page
@any_method
def edit(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_household(actor, pk)
    form = HouseholdForm(posted(request), known=row)

    def act() -> None:
        edit_household(row, form.details(), actor=actor)

    back = surface.url("household", row.pk)
    return act_page(
        request,
        surface,
        form,
        act,
        title=_("改登记"),
        verb=_("保存"),
        back=back,
        done=_("改好了"),
        what=place_words(row),
    )


@keepers_page
@any_method
def move(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """To another flat; ``building`` chooses another building of the own places first."""
    actor = actor_of(request)
    row = find_household(actor, pk)
    asked = request.GET.get("building", "")
    there = find_building(actor, int(asked)) if asked.isdigit() else row.building
    form = MoveForm(posted(request), building=there, initial={"on": clock.today()})

    def act() -> None:
        move_household(row, form.where(), on=form.cleaned_data["on"], actor=actor)

    back = surface.url("household", row.pk)
    if request.method == "GET" and not asked:
        return _choose_building(request, surface, row, back)
    return act_page(
        request, surface, form, act, title=_("搬到别处"), verb=_("搬过去"), back=back,
        done=_("搬好了，以前住哪里还查得到。"),
        what=_("从 {old} 搬到 {new}").format(old=place_words(row), new=there.name),
    )  # fmt: skip


def _choose_building(request: HttpRequest, surface: Surface, row: Household, back: str) -> HttpResponse:
    names = buildings_in([grid.id for grid in kept_grids(actor_of(request))])
    here = surface.url("move", row.pk)
    options = [
        {"name": name, "url": f"{here}?building={pk}", "is_here": pk == row.building_id}
        for pk, name in names.values_list("pk", "name")
    ]
    options.sort(key=lambda option: not option["is_here"])
    context = {"what": place_words(row), "options": options}
    return surface.page(request, "choose", context, heading=_("搬到哪栋楼"), back=back)


@keepers_page
@any_method
def end(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_household(actor, pk)
    form = EndForm(posted(request), initial={"on": clock.today(), "reason": Household.EndReason.MOVED_OUT})

    def act() -> None:
        end_household(row, reason=form.cleaned_data["reason"], on=form.cleaned_data["on"], actor=actor)

    what = _("{place} 这一户和家里人、标签都从那天起结束。不会删除，迁出的户还查得到，但不能恢复。")
    return act_page(
        request, surface, form, act, title=_("迁出这一户"), verb=_("迁出"), back=surface.url("household", row.pk),
        go=surface.url("building", row.building_id), done=_("已迁出"), what=what.format(place=place_words(row)),
    )  # fmt: skip


# ---------------------------------------------------------------- people
@keepers_page
@any_method
def person_new(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_household(actor, pk)
    form = PersonForm(posted(request), initial={"relation": Person.Relation.HEAD})

    def act() -> dict[str, Any]:
        return {"person": add_person(row, form.details(), actor=actor).pk}

    return act_page(
        request, surface, form, act, title=_("添一口人"), verb=_("登记"), back=surface.url("household", row.pk),
        done=_("登记好了"), what=place_words(row),
    )  # fmt: skip


def _person(request: HttpRequest, pk: int) -> Person:
    rows = Person.objects.select_related("household__building", "household__room__unit")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound("no_person", _("没有这个人，或者不在您的辖区。"))
    find_household(actor_of(request), row.household_id)
    return row


@keepers_page
@any_method
def person_edit(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor, row = actor_of(request), _person(request, pk)
    form = PersonForm(posted(request), known=row)

    def act() -> None:
        edit_person(row, form.details(), actor=actor, forgets_phone=form.forgets_phone)

    return act_page(
        request, surface, form, act, title=_("改这个人"), verb=_("保存"),
        back=surface.url("household", row.household_id), done=_("改好了"), what=place_words(row.household),
    )  # fmt: skip


@keepers_page
@any_method
def person_end(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor, row = actor_of(request), _person(request, pk)
    form = EndPersonForm(posted(request), initial={"on": clock.today(), "reason": Person.EndReason.LEFT})

    def act() -> None:
        end_person(row, reason=form.cleaned_data["reason"], on=form.cleaned_data["on"], actor=actor)

    return act_page(
        request, surface, form, act, title=_("这个人不住这里了"), verb=_("记下"),
        back=surface.url("household", row.household_id), done=_("记下了"),
        what=_("不会删除，在“以前住过的人”里还看得到。"),
    )  # fmt: skip


# ---------------------------------------------------------------- tags
@keepers_page
@any_method
def tag(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_household(actor, pk)
    worn = {seen.tag_id for seen in tags_of([row.pk], actor).get(row.pk, [])}
    offered = [each for each in tags_in_use() if reads_tag(actor, each) and each.pk not in worn]
    back = surface.url("household", row.pk)
    if not offered:
        context = {
            "title": _("没有可以加的标签"),
            "note": _("本区的标签由区管理员设，这一户能用的都已加上。"),
            "url": back,
        }
        return surface.page(request, "nothing", context, heading=_("加标签"), back=back)
    form = TaggingForm(posted(request), tags=offered)

    def act() -> dict[str, Any]:
        said = form.cleaned_data
        found = tag_household(row, form.tags[said["tag"]], reason=said["reason"], until=said["until"], actor=actor)
        return {"tagging": found.pk}

    return act_page(
        request,
        surface,
        form,
        act,
        title=_("加标签"),
        verb=_("加上"),
        back=back,
        done=_("加上了"),
        what=place_words(row),
    )


def _tagging(request: HttpRequest, pk: int) -> HouseholdTagging:
    rows = HouseholdTagging.objects.select_related("tag", "household__building", "household__room__unit")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound("no_tagging", _("没有这个标签，或者不在您的辖区。"))
    find_household(actor_of(request), row.household_id)
    return row


@keepers_page
@any_method
def tagging_end(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    actor, row = actor_of(request), _tagging(request, pk)
    form = PressForm(posted(request))

    def act() -> None:
        end_tagging(row, actor=actor)

    what = _("从 {place} 去掉标签").format(place=place_words(row.household))
    return act_page(
        request, surface, form, act, title=_("去掉标签"), verb=_("去掉"),
        back=surface.url("household", row.household_id), done=_("去掉了"), what=what,
    )  # fmt: skip


# ---------------------------------------------------------------- opening what is masked
_TITLES = {"name": gettext_lazy("看姓名"), "phone": gettext_lazy("看电话")}


@keepers_page
@any_method
def open_contact(request: HttpRequest, pk: int, field: str, surface: Surface) -> HttpResponse:
    actor = actor_of(request)
    row = find_household(actor, pk)
    return opened_page(
        request, surface,
        lambda reason, words: reveal_contact(row, field, reason=reason, words=words, actor=actor),
        lambda: row.contact_name if field == "name" else row.contact_phone,
        title=str(_TITLES[field]), what=place_words(row), back=surface.url("household", row.pk),
        is_phone=field == "phone",
    )  # fmt: skip


@keepers_page
@any_method
def open_person(request: HttpRequest, pk: int, field: str, surface: Surface) -> HttpResponse:
    actor, row = actor_of(request), _person(request, pk)
    return opened_page(
        request, surface,
        lambda reason, words: reveal_person(row, field, reason=reason, words=words, actor=actor),
        lambda: row.name if field == "name" else row.phone,
        title=str(_TITLES[field]), what=place_words(row.household), back=surface.url("household", row.household_id),
        is_phone=field == "phone",
    )  # fmt: skip


@keepers_page
@any_method
def open_tag(request: HttpRequest, pk: int, surface: Surface) -> HttpResponse:
    """What stands behind a sensitive tag. Without the right the attempt is refused and written down."""
    actor, row = actor_of(request), _tagging(request, pk)
    place, back = place_words(row.household), surface.url("household", row.household_id)

    def read() -> str:
        return _("{tag}：{reason}").format(tag=row.tag.name, reason=row.reason)

    def look(reason: str, words: str) -> str:
        open_tagging(row, reason=reason, words=words, actor=actor)
        return read()

    return opened_page(request, surface, look, read, title=_("看受限标签"), what=place, back=back)
