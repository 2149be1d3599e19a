"""楼栋长、单元长 of one building, for the district's administrator: who they are, and appointing one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.accounts.models import Membership
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.errors import Invalid
from governance.kernel.masking import refuse_masked
from grids.actions.heads import appoint_head, invite_head
from grids.heads import heads
from grids.models import Building, PostAssignment
from grids.people import find_member
from grids.views.manage_acts import ActForm, DayField, actor_of_page, administrator_required, perform
from grids.views.manage_people import show_link, suggest_handle

WHOLE = "0"  # the value of the building's own head, beside the numbers of its units


class HeadForm(ActForm):
    post = forms.ChoiceField(
        label=gettext_lazy("岗位"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("请选岗位。"),
            "invalid_choice": gettext_lazy("这个岗位已有人，或者没有这个单元。"),
        },
    )
    name = forms.CharField(
        label=gettext_lazy("姓名"), max_length=30, validators=[refuse_masked],
        error_messages={"required": gettext_lazy("请填姓名。")},
    )  # fmt: skip
    phone = forms.CharField(
        label=gettext_lazy("手机"),
        max_length=20,
        required=False,
        validators=[refuse_masked],
        help_text=gettext_lazy("加密保存。他自己报事时，办理人打这个电话。"),
    )
    member = forms.CharField(
        label=gettext_lazy("已有账号"),
        max_length=64,
        required=False,
        help_text=gettext_lazy("这个人已经在平台上（比如也是另一个单元的单元长）才填，不再发邀请。"),
    )
    since = DayField(label=gettext_lazy("到任日期"))

    def __init__(self, *args: Any, building: Building, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["post"].choices = _open_posts(building)  # type: ignore[attr-defined]

    @property
    def unit(self) -> int | None:
        value = self.cleaned_data["post"]
        return None if value == WHOLE else int(value)


def seats(building: Building) -> list[dict[str, Any]]:
    """The building's head and one of every unit, for its page: who holds it, from when, and whether it is free."""
    today = clock.today()
    coming = [row for row in heads().of_building.get(building.pk, ()) if row.until is None or row.until >= today]
    assignments = PostAssignment.objects.filter(post__in=[row.post_id for row in coming]) if coming else []
    ids = {(row.post_id, row.membership_id, row.since): row.pk for row in assignments}
    found = []
    for unit in (None, *range(1, building.unit_count + 1)):
        holders = [
            {
                "head": row,
                "assignment": ids.get((row.post_id, row.membership_id, row.since)),
                "is_coming": row.since > today,
            }
            for row in coming
            if row.unit == unit
        ]
        label = _("楼栋长") if unit is None else _("{unit} 单元长").format(unit=unit)
        found.append({"value": WHOLE if unit is None else str(unit), "label": label, "holders": holders})
    return found


def _open_posts(building: Building) -> list[tuple[str, str]]:
    return [(seat["value"], seat["label"]) for seat in seats(building) if not seat["holders"]]


@never_cache
@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def head_new(request: HttpRequest, pk: int) -> HttpResponse:
    """Appoint somebody; a new person's link is shown in the answer, this once."""
    building = get_object_or_404(Building, pk=pk, ended_on=None)
    form = HeadForm(
        request.POST or None,
        initial={"since": clock.today(), "post": request.GET.get("post", WHOLE)},
        building=building,
    )
    made: dict[str, Any] = {}

    def act() -> dict[str, Any]:
        given, actor = form.cleaned_data, actor_of_page(request)
        said = {"unit": form.unit, "since": given["since"], "actor": actor}
        if given["member"].strip():
            appoint_head(building, membership=_known(given), **said)
            return {}
        handle = suggest_handle(request.district)  # type: ignore[attr-defined]
        made["member"], made["token"] = invite_head(
            building, handle=handle, name=given["name"], phone=given["phone"], **said
        )
        return {}

    if request.method == "POST" and perform(request, form, act):
        if made:
            return show_link(request, made["member"], form.cleaned_data["name"], made["token"])
        messages.success(request, _("任命已登记。"))
        return redirect("manage:building", pk)
    what = _("他在手机上收到发给这栋楼的公告，可以替楼里报事；看不到别人的诉求。新登记的人会得到一次性邀请链接。")
    if not form.fields["post"].choices:  # type: ignore[attr-defined]
        what = _("这栋楼的楼栋长和各单元长都有人了，要换人请先办离任。")
    context = {
        "form": form, "title": _("{building}：任命楼栋长、单元长").format(building=building.name), "verb": _("任命"),
        "back": reverse("manage:building", args=[pk]),
        "what": what,
    }  # fmt: skip
    return render(request, "manage/people/act.html", context, status=422 if form.is_bound else 200)


def _known(given: dict[str, Any]) -> Membership:
    """The person with that account; their name must be the one written, so that nobody is appointed by a slip."""
    member = find_member(given["member"])
    if staff_names([member.pk]).get(member.pk) != given["name"].strip():
        words = _("这个账号的姓名不是“{name}”，请核对。").format(name=given["name"].strip())
        raise Invalid("another_name", words, fields={"member": [words]})
    return member
