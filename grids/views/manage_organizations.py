"""Organizations and their posts, for the district's administrator."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.models import Membership
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.actors import HEADS
from governance.kernel.masking import refuse_masked
from grids.actions.organizations import FREE_KINDS, SERVED, create_organization, update_organization
from grids.actions.posts import KINDS_OF_LEVEL, assign_post, create_post, end_assignment, end_post, rename_post
from grids.generation.spec import read_departments
from grids.joint import TRADE
from grids.models import Area, Level, Organization, Post, PostAssignment, PostKind
from grids.people import find_member
from grids.reference import territory
from grids.views.manage_acts import ActForm, DayField, act_page, actor_of_page, administrator_required

PAGE = 50


# ---------------------------------------------------------------- lists
@administrator_required
@require_safe
def organizations(request: HttpRequest) -> HttpResponse:
    """All organizations; ``q`` part of the name, ``level``, ``kind``."""
    query, level, kind = (request.GET.get(name, "").strip() for name in ("q", "level", "kind"))
    places = territory()
    found = [
        row
        for row in places.organizations.values()
        if query in row.name and level in ("", row.level) and kind in ("", row.kind)
    ]
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "url": reverse("manage:organization", args=[row.id]),
            "name": row.name,
            "kind": str(Organization.Kind(row.kind).label),
            "level": str(Level(row.level).label),
            "area": places.area_name(row.area_id),
            "phone": row.phone,
            "vacant": _vacant(row.id),
        }
        for row in page
    ]
    context = {
        "rows": rows, "page": page, "total": len(found), "q": query,
        "selects": [
            _select("level", _("层级"), Level.choices, level),
            _select("kind", _("类型"), Organization.Kind.choices, kind),
        ],
    }  # fmt: skip
    return render(request, "manage/people/organizations.html", context)


def _vacant(organization_id: int) -> int:
    """Posts nobody holds today; who is away keeps theirs."""
    today, places = clock.today(), territory()
    held = {holder.post_id for holder in places.holders.get(organization_id, ()) if holder.serves_on(today)}
    return places.posts.get(organization_id, 0) - len(held)


def _select(name: str, label: str, choices: Any, chosen: str) -> dict[str, Any]:
    options = [{"value": value, "label": text, "chosen": value == chosen} for value, text in choices]
    return {"name": name, "label": label, "options": options}


@administrator_required
@require_safe
def vacancies(request: HttpRequest) -> HttpResponse:
    """缺岗: posts nobody holds today; ``level``, ``kind`` of post."""
    level, kind = (request.GET.get(name, "").strip() for name in ("level", "kind"))
    today = clock.today()
    held = PostAssignment.objects.filter(
        Q(until=None) | Q(until__gte=today), since__lte=today, membership__is_active=True
    )
    posts = Post.objects.filter(ended_on=None, building=None, organization__ended_on=None)
    posts = posts.exclude(pk__in=held.values("post_id"))
    posts = posts.select_related("organization").order_by("organization__level", "organization_id", "pk")
    if level:
        posts = posts.filter(organization__level=level)
    if kind:
        posts = posts.filter(kind=kind)
    page = Paginator(posts, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page, "total": page.paginator.count, "posts": list(page),
        "selects": [
            _select("level", _("层级"), Level.choices, level),
            _select("kind", _("岗位"), [row for row in PostKind.choices if row[0] not in HEADS], kind),
        ],
    }  # fmt: skip
    return render(request, "manage/people/vacancies.html", context)


@administrator_required
@require_safe
def organization(request: HttpRequest, pk: int) -> HttpResponse:
    """One organization with its posts, who holds them, and who held them before."""
    found = get_object_or_404(Organization.objects.select_related("area", "parent"), pk=pk)
    posts = list(Post.objects.filter(organization=found, building=None).order_by("-is_leader", "pk"))
    held: dict[int, list[PostAssignment]] = {post.pk: [] for post in posts}
    for row in PostAssignment.objects.filter(post__in=posts).order_by("-since").select_related("membership"):
        held[row.post_id].append(row)
    names = staff_names(row.membership_id for rows in held.values() for row in rows)
    today = clock.today()
    trades = dict([*read_departments(), TRADE])
    context = {
        "organization": found,
        "is_free": found.kind in FREE_KINDS,
        "facts": [
            {"key": _("类型"), "value": found.get_kind_display()},
            {"key": _("层级"), "value": found.get_level_display()},
            {"key": _("服务范围"), "value": found.area.name},
            {"key": _("上级单位"), "value": found.parent.name if found.parent else _("没有")},
            {"key": _("派驻街道"), "value": territory().area_name(found.stationed_street_id) or _("没有")},
            {"key": _("部门职能"), "value": trades.get(found.department_kind, found.department_kind) or _("没有")},
            {"key": _("公开电话"), "value": found.phone or _("没有填")},
        ],
        "posts": [
            {
                "post": post,
                "holders": [_holder(row, names, today) for row in held[post.pk]],
                "is_vacant": post.ended_on is None and not any(_serves(row, today) for row in held[post.pk]),
            }
            for post in posts
        ],
    }
    return render(request, "manage/people/organization.html", context)


def _serves(row: PostAssignment, day: date) -> bool:
    return row.membership.is_active and row.since <= day and (row.until is None or day <= row.until)


def _holder(row: PostAssignment, names: dict[int, str], today: date) -> dict[str, Any]:
    return {
        "assignment": row,
        "name": names.get(row.membership_id, ""),
        "is_present": _serves(row, today),
        "is_coming": row.since > today,
        "may_end": row.until is None or row.until >= today,
        "url": reverse("manage:person", args=[row.membership_id]),
    }


# ---------------------------------------------------------------- forms
class OrganizationForm(ActForm):
    """Facts of an organization; an area's own has name and phone only."""

    name = forms.CharField(label=gettext_lazy("单位名称"), max_length=60)
    kind = forms.ChoiceField(label=gettext_lazy("类型"), choices=[(kind.value, kind.label) for kind in FREE_KINDS])
    department_kind = forms.ChoiceField(
        label=gettext_lazy("部门职能"),
        required=False,
        help_text=gettext_lazy("类型是职能部门时必选，派单按它推荐承办单位；其他类型不用选。"),
    )
    area = forms.ChoiceField(label=gettext_lazy("服务范围"), widget=forms.Select(attrs={"data-combo": ""}))
    stationed_street = forms.ChoiceField(
        label=gettext_lazy("派驻街道"), required=False, widget=forms.Select(attrs={"data-combo": ""}),
        help_text=gettext_lazy("部门的队伍派在哪个街道。街道可以直接给它派单、对它吹哨，不用区里批；区里看得到。"),
    )  # fmt: skip
    phone = forms.CharField(label=gettext_lazy("公开电话"), max_length=30, required=False, validators=[refuse_masked])

    def __init__(self, *args: Any, organization: Organization | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if organization is not None:
            del self.fields["kind"]
        if organization is not None and organization.kind not in FREE_KINDS:
            del self.fields["department_kind"], self.fields["area"], self.fields["stationed_street"]
            return
        areas = [area for area in territory().areas.values() if area.level in SERVED]
        self.fields["area"].choices = [(area.id, area.name) for area in areas]  # type: ignore[attr-defined]
        streets = [(row.id, row.name) for row in territory().at_level("street")]
        self.fields["stationed_street"].choices = [("", _("没有")), *streets]  # type: ignore[attr-defined]
        trade = self.fields["department_kind"]
        trade.choices = [("", _("不适用")), *read_departments(), TRADE]  # type: ignore[attr-defined]
        trade.required = organization is not None and organization.kind == Organization.Kind.DEPARTMENT
        trade.sometimes = organization is None  # type: ignore[attr-defined]  # a department needs it, its action says so

    def facts(self) -> dict[str, Any]:
        said = {name: self.cleaned_data[name] for name in self.fields if name != "idempotency_key"}
        if "area" in said:
            said["area"] = Area.objects.get(pk=said["area"])
        if "stationed_street" in said:
            street = said["stationed_street"]
            said["stationed_street"] = Area.objects.get(pk=street) if street else None
        return said


class PostForm(ActForm):
    kind = forms.ChoiceField(
        label=gettext_lazy("岗位类别"), help_text=gettext_lazy("类别决定这个岗位能看什么、办什么。")
    )
    name = forms.CharField(label=gettext_lazy("岗位名称"), max_length=60)
    is_leader = forms.BooleanField(label=gettext_lazy("是负责人岗位"), required=False)

    def __init__(self, *args: Any, level: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(kind.value, kind.label) for kind in KINDS_OF_LEVEL[level]]
        self.fields["kind"].choices = kinds  # type: ignore[attr-defined]


class RenameForm(ActForm):
    name = forms.CharField(label=gettext_lazy("岗位名称"), max_length=60)


class AssignForm(ActForm):
    member = forms.CharField(
        label=gettext_lazy("谁来任职"), max_length=64, help_text=gettext_lazy("填账号，或者完整的姓名。")
    )
    since = DayField(label=gettext_lazy("到任日期"), help_text=gettext_lazy("可以填以后的日期，到那天起生效。"))
    until = DayField(label=gettext_lazy("离任日期"), required=False)


class EndForm(ActForm):
    until = DayField(label=gettext_lazy("在岗的最后一天"))


# ---------------------------------------------------------------- acts
@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def organization_new(request: HttpRequest) -> HttpResponse:
    form = OrganizationForm(request.POST or None, initial={"kind": request.GET.get("kind", "")})
    return act_page(
        request, form, lambda: _key(create_organization(**form.facts(), actor=actor_of_page(request))),
        title=_("新建单位"), what=_("新单位带承办人、负责人两个空岗位；网格、社区、街道的单位随区划设立。"),
        verb=_("新建"), back=reverse("manage:organizations"), done=_("单位建好了，请给岗位安排人。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def organization_edit(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Organization, pk=pk, ended_on=None)
    initial = {
        "name": found.name, "phone": found.phone, "area": found.area_id, "department_kind": found.department_kind,
        "stationed_street": found.stationed_street_id or "",
    }  # fmt: skip
    form = OrganizationForm(request.POST or None, organization=found, initial=initial)
    return act_page(
        request, form, lambda: _key(update_organization(found, **form.facts(), actor=actor_of_page(request))),
        title=_("修改{name}").format(name=found.name), verb=_("保存"),
        back=reverse("manage:organization", args=[pk]), done=_("已保存。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def post_new(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Organization, pk=pk, ended_on=None)
    form = PostForm(request.POST or None, level=found.level)

    def act() -> dict[str, Any]:
        said = {name: form.cleaned_data[name] for name in ("kind", "name", "is_leader")}
        return _key(create_post(found, **said, actor=actor_of_page(request)))

    return act_page(
        request, form, act, title=_("{name}：新设岗位").format(name=found.name), verb=_("新设"),
        back=reverse("manage:organization", args=[pk]), done=_("岗位设好了，现在缺岗。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def post_rename(request: HttpRequest, pk: int) -> HttpResponse:
    post = get_object_or_404(Post, pk=pk, building=None, ended_on=None)
    form = RenameForm(request.POST or None, initial={"name": post.name})
    return act_page(
        request, form, lambda: _key(rename_post(post, name=form.cleaned_data["name"], actor=actor_of_page(request))),
        title=_("{name}：改名").format(name=post.name), verb=_("改名"),
        back=reverse("manage:organization", args=[post.organization_id]), done=_("已改名。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def post_end(request: HttpRequest, pk: int) -> HttpResponse:
    post = get_object_or_404(Post, pk=pk, building=None, ended_on=None)
    form = ActForm(request.POST or None)
    return act_page(
        request, form, lambda: _key(end_post(post, actor=actor_of_page(request))),
        title=_("撤销岗位{name}？").format(name=post.name), what=_("撤销后不能再任职，任职记录保留。不能恢复。"),
        verb=_("撤销"), back=reverse("manage:organization", args=[post.organization_id]), done=_("岗位已撤销。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def post_assign(request: HttpRequest, pk: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.select_related("organization"), pk=pk, building=None, ended_on=None)
    initial = {"since": clock.today(), "member": request.GET.get("member", "")}
    form = AssignForm(request.POST or None, initial=initial)

    def act() -> dict[str, Any]:
        member = find_member(form.cleaned_data["member"])
        days = {name: form.cleaned_data[name] for name in ("since", "until")}
        return _key(assign_post(post, membership=member, **days, actor=actor_of_page(request)))

    return act_page(
        request, form, act, title=_("安排任职：{post}").format(post=post.name), what=post.organization.name,
        verb=_("安排"), back=reverse("manage:organization", args=[post.organization_id]), done=_("任职已安排。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def assignment_end(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(PostAssignment.objects.select_related("post__organization"), pk=pk)
    name = staff_names([row.membership_id]).get(row.membership_id, "")
    form = EndForm(request.POST or None, initial={"until": clock.today()})
    of_building = row.post.building_id is not None
    what = _("手上的工单不会自动转走；整个人离开时请用离任交接。")
    return act_page(
        request, form,
        lambda: _key(end_assignment(row, until=form.cleaned_data["until"], actor=actor_of_page(request))),
        title=_("{name}离任{post}？").format(name=name, post=row.post.name),
        what=_("以后发给这栋楼的公告不再给他。") if of_building else what, verb=_("离任"),
        back=reverse("manage:building", args=[row.post.building_id]) if of_building
        else reverse("manage:organization", args=[row.post.organization_id]),
        done=_("离任已登记。"),
    )  # fmt: skip


def _key(row: Organization | Post | PostAssignment | Membership) -> dict[str, Any]:
    return {"id": row.pk}
