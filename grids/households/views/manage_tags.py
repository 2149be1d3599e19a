"""Seven colours and eight roles, for the district's administrator."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from governance.kernel.keyed import KeyedForm, act_once
from grids.households.actions.tags import (
    LONGEST_INTERVAL,
    MOST_ROLES,
    USUAL_ROLES,
    TagDetails,
    change_tag,
    define_tag,
    retire_tag,
    set_service_roles,
)
from grids.households.forms.households import PressForm
from grids.households.models import HouseholdTag
from grids.households.policies import KEEPERS
from grids.households.presentation.household import reader_words
from grids.households.reference import service_roles, tags_in_use
from grids.households.stigma import stigma_examples
from grids.households.tagging import worn
from grids.households.views.surface import actor_of, posted
from grids.models.organization import PostKind
from grids.views.manage_acts import administrator_required


class TagForm(KeyedForm):
    name = forms.CharField(
        label=gettext_lazy("名称"), max_length=12, help_text=gettext_lazy("说能为他做什么，不给人定性，如“常看望”。")
    )
    mark = forms.CharField(
        label=gettext_lazy("一个字"), max_length=1, help_text=gettext_lazy("楼盘表的格子里，颜色旁边写这个字。")
    )
    colour = forms.ChoiceField(
        label=gettext_lazy("颜色"), choices=HouseholdTag.Colour.choices, widget=forms.RadioSelect
    )
    meaning = forms.CharField(label=gettext_lazy("什么样的户用"), max_length=120)
    visit_every = forms.IntegerField(
        label=gettext_lazy("几天走访一次"), required=False, min_value=1, max_value=LONGEST_INTERVAL,
        help_text=gettext_lazy("不填就不因为它多走访。"),
    )  # fmt: skip
    is_sensitive = forms.BooleanField(label=gettext_lazy("敏感：只有下面的岗位能看"), required=False)
    readers = forms.MultipleChoiceField(
        label=gettext_lazy("哪些岗位能看"), required=False, widget=forms.CheckboxSelectMultiple,
        choices=[(kind.value, kind.label) for kind in PostKind if kind.value in KEEPERS],
    )  # fmt: skip

    def __init__(self, *args: Any, known: HouseholdTag | None = None, **kwargs: Any) -> None:
        if known is not None:
            names = ("name", "mark", "colour", "meaning", "visit_every", "is_sensitive", "readers")
            kwargs["initial"] = {name: getattr(known, name) for name in names}
        super().__init__(*args, **kwargs)
        taken = {tag.colour for tag in tags_in_use() if known is None or tag.pk != known.pk}
        free = [(value, label) for value, label in HouseholdTag.Colour.choices if value not in taken]
        self.fields["colour"].choices = free  # type: ignore[attr-defined]

    def details(self) -> TagDetails:
        said = self.cleaned_data
        return TagDetails(
            said["name"], said["mark"], said["colour"], said["meaning"], said["visit_every"], said["is_sensitive"],
            said["readers"],
        )  # fmt: skip


class RolesForm(KeyedForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = [(role.name, role.duty) for role in service_roles()] or list(USUAL_ROLES)
        for place in range(MOST_ROLES):
            name, duty = rows[place] if place < len(rows) else ("", "")
            self.fields[f"name_{place}"] = forms.CharField(
                label=_("第 {n} 员").format(n=place + 1), required=False, max_length=12, initial=name
            )
            self.fields[f"duty_{place}"] = forms.CharField(
                label=_("做什么"), required=False, max_length=120, initial=duty
            )

    def pairs(self) -> list[list[Any]]:
        return [[self[f"name_{place}"], self[f"duty_{place}"]] for place in range(MOST_ROLES)]

    def wanted(self) -> list[tuple[str, str]]:
        said = self.cleaned_data
        return [(said[f"name_{place}"], said[f"duty_{place}"]) for place in range(MOST_ROLES)]


def _page(request: HttpRequest, form: KeyedForm, title: str, verb: str, what: str = "", **more: Any) -> HttpResponse:
    context = {"form": form, "title": title, "verb": verb, "what": what, "words": stigma_examples(), **more}
    return render(request, "manage/tag.html", context, status=422 if form.is_bound else 200)


@administrator_required
@require_safe
def household_tags(request: HttpRequest) -> HttpResponse:
    """The tags in use and how many households bear each; the roles. Counts, no households."""
    counts = dict(worn().order_by().values_list("tag_id").annotate(number=Count("pk")))
    rows = [{"tag": tag, "count": counts.get(tag.pk, 0), "readers": reader_words(tag.readers)} for tag in tags_in_use()]
    colours = len(HouseholdTag.Colour.values)
    context = {"rows": rows, "left": colours - len(rows), "roles": service_roles(), "colours": colours}
    return render(request, "manage/tags.html", context)


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def household_tag_new(request: HttpRequest) -> HttpResponse:
    form = TagForm(posted(request))

    def act() -> dict[str, Any]:
        return {"tag": define_tag(form.details(), actor=actor_of(request)).pk}

    if request.method == "POST" and act_once(request, form, act):
        messages.success(request, _("标签设好了，网格员现在就能用。"))
        return redirect("manage:household_tags")
    return _page(request, form, _("设一种标签"), _("设标签"))


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def household_tag(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(HouseholdTag.objects.filter(ended_on=None), pk=pk)
    form = TagForm(posted(request), known=row)

    def act() -> None:
        change_tag(row, form.details(), actor=actor_of(request))

    if request.method == "POST" and act_once(request, form, act):
        messages.success(request, _("改好了"))
        return redirect("manage:household_tags")
    return _page(request, form, row.name, _("保存"), tag=row)


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def household_tag_retire(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(HouseholdTag.objects.filter(ended_on=None), pk=pk)
    form = PressForm(posted(request))
    if request.method == "POST" and act_once(
        request, form, lambda: {"count": retire_tag(row, actor=actor_of(request))}
    ):
        messages.success(request, _("已停用，颜色可以给别的标签用。"))
        return redirect("manage:household_tags")
    number = worn().filter(tag=row).count()
    what = _("{count} 户会去掉这个标签，不能恢复。").format(count=number)
    return _page(request, form, _("停用“{name}”？").format(name=row.name), _("停用"), what, is_asking=True)


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def roles(request: HttpRequest) -> HttpResponse:
    """八员: what is shown before anything is set is a suggestion; it counts when it is saved."""
    form, actor = RolesForm(posted(request)), actor_of(request)

    def act() -> None:
        set_service_roles(form.wanted(), actor=actor)

    if request.method == "POST" and act_once(request, form, act):
        messages.success(request, _("八员设好了"))
        return redirect("manage:household_tags")
    context = {"form": form, "pairs": form.pairs(), "is_suggested": not service_roles()}
    return render(request, "manage/service_roles.html", context, status=422 if form.is_bound else 200)
