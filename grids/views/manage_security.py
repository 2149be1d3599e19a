"""账号安全, for the district's security administrator: who is locked, who has a second factor, which keys are out."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts import lockout, passwords
from governance.accounts.actions.second_factor import authenticator_of, codes_left
from governance.accounts.actions.security import end_sessions, reset_second_factor, revoke_token, unlock_account
from governance.accounts.guards import staff_required
from governance.accounts.models import ApiToken, Authenticator, Membership
from governance.accounts.queries import staff_names
from governance.kernel import clock
from grids.people import search_members
from grids.reference import territory
from grids.views.manage_acts import ActForm, act_page, actor_of_page

PER_PAGE = 30
security_required = staff_required(kinds=frozenset({"security_admin"}))


@security_required
@require_safe
def security(request: HttpRequest) -> HttpResponse:
    """Locked accounts first, then everybody by page; ``q`` is part of a name or the beginning of a handle."""
    query = request.GET.get("q", "").strip()
    members = Membership.objects.select_related("user").filter(kind=Membership.Kind.STAFF, is_active=True)
    locked = _locked_members()
    shown = members.filter(pk__in=search_members(query)) if query else members
    page = Paginator(shown.order_by("user__handle"), PER_PAGE).get_page(request.GET.get("page"))
    tokens = list(_live_tokens().order_by("membership_id", "pk")[:PER_PAGE])
    names = staff_names([*(row.pk for row in page), *(row.membership_id for row in tokens), *locked])
    shielded = set(
        Authenticator.objects.filter(user_id__in=[row.user_id for row in page], confirmed=True).values_list(
            "user_id", flat=True
        )
    )
    context = {
        "locked": [
            {"url": _url(pk), "name": names.get(pk, handle), "handle": handle, "failures": failures}
            for pk, (handle, failures) in locked.items()
        ],
        "rows": [_row(member, names, member.user_id in shielded) for member in page],
        "tokens": [
            {
                "row": token,
                "name": names.get(token.membership_id, ""),
                "url": reverse("manage:token_revoke", args=[token.pk]),
            }
            for token in tokens
        ],
        "page": page,
        "total": page.paginator.count,
        "q": query,
    }
    return render(request, "manage/security.html", context)


def _row(member: Membership, names: dict[int, str], shielded: bool) -> dict[str, Any]:
    return {
        "url": _url(member.pk),
        "name": names.get(member.pk, member.user.handle),
        "handle": member.user.handle,
        "seen": member.user.last_login,
        "shielded": shielded,
    }


def _url(pk: int) -> str:
    return reverse("manage:security_person", args=[pk])


def _locked_members() -> dict[int, tuple[str, int]]:
    """Membership id → handle and failures of the accounts of this district that are locked now."""
    handles = lockout.failing_handles()
    rows = Membership.objects.filter(user__handle__in=handles, is_active=True).values_list("pk", "user__handle")
    found = {handle: pk for pk, handle in rows}
    return {found[handle]: (handle, count) for handle, count in lockout.locked_handles(list(found)).items()}


def _live_tokens() -> Any:
    return ApiToken.objects.filter(revoked_at=None, expires_at__gt=clock.now())


def _member(pk: int) -> Membership:
    found: Membership = get_object_or_404(
        Membership.objects.select_related("user").filter(kind=Membership.Kind.STAFF), pk=pk
    )
    return found


@security_required
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    member = _member(pk)
    user = member.user
    failures = lockout.locked_handles([user.handle]).get(user.handle, 0)
    factor = authenticator_of(user)
    places = territory()
    posts = [f"{places.organization_name(row.organization_id)} {row.post_name}" for row in places.held_by(pk)]
    if factor is None:
        factor_words = _("没有设置")
    else:
        factor_words = _("已设置，恢复码还剩 {n} 个").format(n=codes_left(user))
    password_words = _("还没有密码")
    if user.has_usable_password():
        n = passwords.days_left(user)
        password_words = ngettext("还有 {n} 天到期", "还有 {n} 天到期", n).format(n=n)
    context = {
        "member": member,
        "name": staff_names([pk]).get(pk, user.handle),
        "facts": [
            {"key": _("账号"), "value": user.handle},
            {"key": _("今天的岗位"), "value": "、".join(posts) or _("没有")},
            {"key": _("登录"), "value": _("已锁定，失败 {n} 次").format(n=failures) if failures else _("没有锁定")},
            {"key": _("上次登录"), "value": _moment(user.last_login)},
            {"key": _("密码"), "value": password_words},
            {"key": _("两步验证"), "value": factor_words},
        ],
        "is_locked": bool(failures),
        "has_factor": factor is not None,
        "is_self": pk == actor_of_page(request).membership_id,
        "tokens": [
            {"row": row, "url": reverse("manage:token_revoke", args=[row.pk])}
            for row in _live_tokens().filter(membership_id=pk).order_by("pk")
        ],
    }
    return render(request, "manage/security_person.html", context)


def _moment(moment: Any) -> str:
    if moment is None:
        return _("还没有登录过")
    at = clock.local(moment)
    return _("{year}年{month}月{day}日 {time}").format(year=at.year, month=at.month, day=at.day, time=f"{at:%H:%M}")


def _act(request: HttpRequest, pk: int, act: Any, **words: str) -> HttpResponse:
    member = _member(pk)
    name = staff_names([pk]).get(pk, member.user.handle)
    form = ActForm(request.POST if request.method == "POST" else None)
    return act_page(
        request,
        form,
        lambda: act(member, actor=actor_of_page(request)) and None,
        back=_url(pk),
        title=words["title"].format(name=name),
        what=words["what"],
        verb=words["verb"],
        done=words["done"],
    )


@security_required
@require_http_methods(["GET", "HEAD", "POST"])
def unlock(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(
        request, pk, unlock_account,
        title=_("解除 {name} 的登录锁定？"), verb=_("解除锁定"), done=_("已解除锁定。"),
        what=_("先问清是不是本人输错了密码。不是本人，就不要解除，并请本人修改密码。"),
    )  # fmt: skip


@security_required
@require_http_methods(["GET", "HEAD", "POST"])
def sign_out_everywhere(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(
        request, pk, end_sessions,
        title=_("让 {name} 在所有地方退出登录？"), verb=_("全部退出"), done=_("此人的登录都已退出。"),
        what=_("手机、电脑上的登录都会结束，没有提交的内容会丢失。密码不变，可以马上重新登录。"),
    )  # fmt: skip


@security_required
@require_http_methods(["GET", "HEAD", "POST"])
def reset_factor(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(
        request, pk, reset_second_factor,
        title=_("重置 {name} 的两步验证？"), verb=_("重置"), done=_("已重置，请本人重新设置两步验证。"),
        what=_("先当面或打电话确认是本人。重置后所有登录退出，恢复码作废；管理员下次登录要先重新设置。"),
    )  # fmt: skip


@security_required
@require_http_methods(["GET", "HEAD", "POST"])
def token_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token: ApiToken = get_object_or_404(_live_tokens(), pk=pk)
    form = ActForm(request.POST if request.method == "POST" else None)
    return act_page(
        request,
        form,
        lambda: revoke_token(token, actor=actor_of_page(request)) and None,
        title=_("撤销令牌“{name}”？").format(name=token.name),
        what=_("用这个令牌的程序马上不能再访问，撤销后不能恢复。"),
        verb=_("撤销"),
        back=_url(token.membership_id),
        done=_("令牌已撤销。"),
    )
