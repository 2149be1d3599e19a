"""Members of staff, for the district's administrator: invitation, account, posts and days away."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.actions.invitations import (
    cancel_invitation,
    deactivate_member,
    issue_invitation,
    reactivate_member,
)
from governance.accounts.models import Invitation, Membership, Staff, User
from governance.accounts.queries import staff_names
from governance.kernel import clock
from governance.kernel.masking import refuse_masked
from governance.kernel.models import District
from governance.kernel.templatetags.ui import masked_phone
from grids.actions.absences import end_absence, record_absence
from grids.actions.staff import invite_staff
from grids.heads import heads
from grids.models import Absence, Post, PostAssignment
from grids.people import find_member, search_members
from grids.reference import territory
from grids.views.manage_acts import ActForm, DayField, act_page, actor_of_page, administrator_required, perform

PAGE = 50
STATES = (
    ("active", gettext_lazy("启用")),
    ("invited", gettext_lazy("邀请待使用")),
    ("away", gettext_lazy("今天请假")),
    ("unposted", gettext_lazy("没有岗位")),
    ("inactive", gettext_lazy("已停用")),
)


def _members() -> QuerySet[Membership]:
    return Membership.objects.select_related("user").filter(kind=Membership.Kind.STAFF)


def _member(pk: int) -> Membership:
    found: Membership = get_object_or_404(_members(), pk=pk)
    return found


# ---------------------------------------------------------------- lists
@administrator_required
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """All members of staff; ``q`` name or handle, ``state``. Phones are masked."""
    query, state = request.GET.get("q", "").strip(), request.GET.get("state", "").strip()
    members = _in_state(_members().order_by("-is_active", "pk"), state)
    if query:
        members = members.filter(pk__in=search_members(query))
    page = Paginator(members, PAGE).get_page(request.GET.get("page"))
    shown = list(page)
    staff = {row.membership_id: row for row in Staff.objects.filter(membership__in=shown)}
    posts, today = _posts_today(), clock.today()
    invited = set(_open_invitations().filter(membership__in=shown).values_list("membership_id", flat=True))
    places = territory()
    rows = []
    for member in shown:
        away = places.away(member.pk, today)
        known = staff.get(member.pk)
        rows.append(
            {
                "url": reverse("manage:person", args=[member.pk]),
                "name": known.name if known else member.user.handle,
                "handle": member.user.handle,
                "phone": masked_phone(known.phone if known else ""),
                "posts": posts.get(member.pk, []),
                "is_active": member.is_active,
                "is_invited": member.pk in invited,
                "away_until": away.until if away else None,
            }
        )
    options = [{"value": value, "label": str(label), "chosen": value == state} for value, label in STATES]
    context = {"rows": rows, "page": page, "total": page.paginator.count, "q": query, "states": options}
    return render(request, "manage/people/people.html", context)


def _in_state(members: QuerySet[Membership], state: str) -> QuerySet[Membership]:
    today = clock.today()
    if state == "inactive":
        return members.filter(is_active=False)
    if state == "active":
        return members.filter(is_active=True)
    if state == "invited":
        return members.filter(pk__in=_open_invitations().values("membership_id"))
    if state == "away":
        rows = Absence.objects.filter(is_cancelled=False, since__lte=today, until__gte=today)
        return members.filter(pk__in=rows.values("membership_id"))
    if state == "unposted":
        return members.filter(is_active=True).exclude(pk__in=list(_posts_today()))
    return members


def _open_invitations() -> QuerySet[Invitation]:
    return Invitation.objects.filter(used_at=None, cancelled_at=None, expires_at__gt=clock.now())


def _posts_today() -> dict[int, list[str]]:
    """Membership id → organization and post of everything held today."""
    found: dict[int, list[str]] = defaultdict(list)
    today, places = clock.today(), territory()
    for organization_id, holders in places.holders.items():
        for holder in holders:
            if holder.serves_on(today):
                found[holder.membership_id].append(
                    f"{places.organization_name(organization_id)} {holder.post_name}".strip()
                )
    for membership_id, held in heads().of_member.items():
        found[membership_id] += [head.post_name for head in held if head.serves_on(today)]
    return found


@administrator_required
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    member = _member(pk)
    staff = Staff.objects.filter(membership=member).first()
    today = clock.today()
    assignments = PostAssignment.objects.filter(membership=member).select_related("post__organization")
    absences = list(Absence.objects.filter(membership=member).order_by("-since"))
    deputising = list(Absence.objects.filter(deputy=member, is_cancelled=False, until__gte=today).order_by("since"))
    names = staff_names([*(row.deputy_id for row in absences), *(row.membership_id for row in deputising)])
    invitation = Invitation.objects.filter(membership=member).order_by("-pk").first()
    context = {
        "member": member,
        "name": staff.name if staff else member.user.handle,
        "facts": [
            {"key": _("账号"), "value": member.user.handle},
            {"key": _("电话"), "value": masked_phone(staff.phone if staff else "") or _("没有填")},
            {"key": _("状态"), "value": _("启用") if member.is_active else _("已停用")},
            {"key": _("登录"), "value": _sign_in_words(member, invitation)},
        ],
        "has_open_invitation": invitation is not None and _is_open(invitation),
        "is_self": member.pk == actor_of_page(request).membership_id,
        "assignments": [
            {"row": row, "may_end": row.until is None or row.until >= today, "is_coming": row.since > today}
            for row in assignments.order_by("-since")
        ],
        "absences": [
            {
                "row": row,
                "deputy": names.get(row.deputy_id or 0, ""),
                "may_end": not row.is_cancelled and row.until >= today,
            }
            for row in absences
        ],
        "deputising": [{"row": row, "name": names.get(row.membership_id, "")} for row in deputising],
    }
    return render(request, "manage/people/person.html", context)


def _is_open(row: Invitation) -> bool:
    return row.used_at is None and row.cancelled_at is None and row.expires_at > clock.now()


def _sign_in_words(member: Membership, invitation: Invitation | None) -> str:
    if invitation is not None and _is_open(invitation):
        day = clock.local(invitation.expires_at)
        return _("邀请链接待使用，{month}月{day}日前有效").format(month=day.month, day=day.day)
    if member.user.has_usable_password():
        return _("已设密码")
    return _("还没有密码，请发邀请链接")


# ---------------------------------------------------------------- invitation
class InviteForm(ActForm):
    name = forms.CharField(label=gettext_lazy("姓名"), max_length=30, validators=[refuse_masked])
    phone = forms.CharField(
        label=gettext_lazy("手机"),
        max_length=20,
        required=False,
        validators=[refuse_masked],
        help_text=gettext_lazy("加密保存，列表里只显示后四位。"),
    )
    handle = forms.CharField(label=gettext_lazy("账号"), max_length=64, help_text=gettext_lazy("登录用，可以改。"))
    posts = forms.MultipleChoiceField(
        label=gettext_lazy("岗位"), required=False, widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy("这里是缺岗的岗位，可以选几个，也可以以后再安排。"),
    )  # fmt: skip
    since = DayField(label=gettext_lazy("到任日期"))

    def __init__(self, *args: Any, wanted: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["posts"].choices = _post_choices(wanted)  # type: ignore[attr-defined]

    def clean_handle(self) -> str:
        return str(self.cleaned_data["handle"]).strip().lower()


def _post_choices(wanted: str) -> list[tuple[int, str]]:
    """Posts nobody holds now or later, and the one asked for."""
    today, places = clock.today(), territory()
    held = {
        holder.post_id
        for holders in places.holders.values()
        for holder in holders
        if holder.until is None or holder.until >= today
    }
    posts = Post.objects.filter(ended_on=None, building=None, organization__ended_on=None)
    posts = posts.order_by("-organization__level", "pk")
    return [
        (pk, f"{places.organization_name(organization_id)} {name}")
        for pk, organization_id, name in posts.values_list("pk", "organization_id", "name")
        if pk not in held or str(pk) == wanted
    ]


def suggest_handle(district: District) -> str:
    """A free account name of the district: ``s1-u00123``. It says nothing about the person."""
    number = Membership.objects.count() + 1
    while User.objects.filter(handle=f"{district.code}-u{number:05d}").exists():
        number += 1
    return f"{district.code}-u{number:05d}"


def invitation_link(request: HttpRequest, token: str) -> str:
    """The whole address of an invitation; it names its district, whatever the administrator's own address was."""
    district: District = request.district  # type: ignore[attr-defined]
    path, prefix = reverse("accounts:invitation", args=[token]), f"/d/{district.code}"
    if not path.startswith(f"{prefix}/") and request.get_host().split(":")[0] != district.host:
        path = prefix + path
    return request.build_absolute_uri(path)


@never_cache
@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request: HttpRequest) -> HttpResponse:
    """Enter somebody; the answer shows the link, this once."""
    wanted = request.GET.get("post", "")
    district: District = request.district  # type: ignore[attr-defined]
    initial = {"handle": suggest_handle(district), "since": clock.today(), "posts": [wanted] if wanted else []}
    form = InviteForm(request.POST or None, initial=initial, wanted=wanted)
    made: dict[str, Any] = {}

    def act() -> dict[str, Any]:
        said = {name: form.cleaned_data[name] for name in ("handle", "name", "phone", "since")}
        posts = Post.objects.filter(pk__in=form.cleaned_data["posts"])
        made["member"], made["token"] = invite_staff(**said, posts=posts, actor=actor_of_page(request))
        return {"id": made["member"].pk}

    if request.method == "POST" and perform(request, form, act):
        if not made:
            messages.success(request, _("这个人已经登记过了。"))
            return redirect("manage:people")
        return show_link(request, made["member"], form.cleaned_data["name"], made["token"])
    context = {
        "form": form, "title": _("邀请工作人员"), "verb": _("登记并生成邀请链接"), "back": reverse("manage:people"),
        "what": _("链接 7 天内有效，只能用一次；对方打开后自己设密码。请当面或用单位渠道交给本人。"),
    }  # fmt: skip
    return render(request, "manage/people/act.html", context, status=422 if form.is_bound else 200)


def show_link(request: HttpRequest, member: Membership, name: str, token: str) -> HttpResponse:
    handle = User.objects.get(pk=member.user_id).handle
    context = {"member": member, "name": name, "handle": handle, "link": invitation_link(request, token)}
    return render(request, "manage/people/invited.html", context)


@never_cache
@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_invite(request: HttpRequest, pk: int) -> HttpResponse:
    """A new link for somebody: the first was lost, or the password was forgotten."""
    member = _member(pk)
    form = ActForm(request.POST or None)
    made: dict[str, str] = {}

    def act() -> dict[str, Any]:
        made["token"] = issue_invitation(member, actor=actor_of_page(request))
        return {"id": member.pk}

    name = staff_names([pk]).get(pk, member.user.handle)
    if request.method == "POST" and perform(request, form, act):
        if not made:
            messages.success(request, _("链接已经发过，只显示一次。需要时请重新生成。"))
            return redirect("manage:person", pk)
        return show_link(request, member, name, made["token"])
    context = {
        "form": form, "title": _("给{name}生成新的链接？").format(name=name), "verb": _("生成链接"),
        "back": reverse("manage:person", args=[pk]),
        "what": _("以前没用过的链接作废；本人打开新链接设好密码之前，原密码仍可使用。"),
    }  # fmt: skip
    return render(request, "manage/people/act.html", context, status=422 if form.is_bound else 200)


def _plain_act(
    request: HttpRequest, pk: int, action: Any, *, title: str, what: str, verb: str, done: str
) -> HttpResponse:
    """An act on a person that asks nothing but whether."""
    member = _member(pk)
    form = ActForm(request.POST or None)

    def act() -> dict[str, Any]:
        action(member, actor=actor_of_page(request))
        return {"id": pk}

    title = title.format(name=staff_names([pk]).get(pk, member.user.handle))
    back = reverse("manage:person", args=[pk])
    return act_page(request, form, act, title=title, what=what, verb=verb, back=back, done=done)


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_cancel_invitation(request: HttpRequest, pk: int) -> HttpResponse:
    return _plain_act(
        request, pk, cancel_invitation, title=_("作废给{name}的邀请链接？"), what=_("链接马上不能用，可以再发新的。"),
        verb=_("作废"), done=_("链接已作废。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    return _plain_act(
        request, pk, deactivate_member, title=_("停用{name}的账号？"),
        what=_("马上退出登录，岗位不再起作用，接口令牌和邀请链接作废。手上还有工单的，请先办离任交接。"),
        verb=_("停用"), done=_("账号已停用。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def person_reactivate(request: HttpRequest, pk: int) -> HttpResponse:
    return _plain_act(
        request, pk, reactivate_member, title=_("重新启用{name}的账号？"),
        what=_("没有结束的任职恢复作用；登录要用新的邀请链接重设密码。"), verb=_("启用"),
        done=_("账号已启用，请发邀请链接。"),
    )  # fmt: skip


# ---------------------------------------------------------------- days away
class AbsenceForm(ActForm):
    since = DayField(label=gettext_lazy("第一天"))
    until = DayField(label=gettext_lazy("最后一天"))
    deputy = forms.CharField(
        label=gettext_lazy("代理人"), max_length=64, required=False,
        help_text=gettext_lazy("填账号，或者完整的姓名。不填则由本单位其他在岗的人接。"),
    )  # fmt: skip
    reason = forms.CharField(
        label=gettext_lazy("原因"), max_length=60, required=False, help_text=gettext_lazy("加密保存。")
    )


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def absence_new(request: HttpRequest, pk: int) -> HttpResponse:
    member = _member(pk)
    form = AbsenceForm(request.POST or None, initial={"since": clock.today()})

    def act() -> dict[str, Any]:
        said = {name: form.cleaned_data[name] for name in ("since", "until", "reason")}
        deputy = find_member(form.cleaned_data["deputy"], "deputy") if form.cleaned_data["deputy"] else None
        return {"id": record_absence(member, deputy=deputy, **said, actor=actor_of_page(request)).pk}

    name = staff_names([pk]).get(pk, member.user.handle)
    return act_page(
        request, form, act, title=_("{name}请假").format(name=name),
        what=_("这几天新派来的工单不派给本人；代理人同时担任本人的岗位，到期自动恢复。"), verb=_("登记"),
        back=reverse("manage:person", args=[pk]), done=_("请假已登记。"),
    )  # fmt: skip


@administrator_required
@require_http_methods(["GET", "HEAD", "POST"])
def absence_end(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Absence, pk=pk)
    form = ActForm(request.POST or None)
    name = staff_names([row.membership_id]).get(row.membership_id, "")
    return act_page(
        request, form, lambda: {"id": end_absence(row, actor=actor_of_page(request)).pk},
        title=_("{name}提前回岗？").format(name=name), what=_("今天起恢复本人的岗位，代理结束；还没开始的请假就取消。"),
        verb=_("回岗"), back=reverse("manage:person", args=[row.membership_id]), done=_("已回岗。"),
    )  # fmt: skip
