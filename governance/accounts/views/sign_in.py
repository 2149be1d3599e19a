"""Sign-in, choice of the district, sign-out, and the way to everybody's own surface."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import get_script_prefix
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.accounts import lockout, oidc, passwords
from governance.accounts.actions.second_factor import authenticator_of
from governance.accounts.actions.sessions import enter_district, leave, record_refused_sign_in
from governance.accounts.forms import SignInForm
from governance.accounts.guards import member_required, sign_in_redirect
from governance.accounts.middleware import SESSION_DISTRICT
from governance.accounts.models import User
from governance.accounts.policies import ADMINISTRATION
from governance.accounts.views.arrival import Arrival, arrive, districts_for
from governance.kernel.actors import ADVISERS, HEADS, Actor
from governance.kernel.errors import NotAllowed
from governance.kernel.models import District

# Where each administrator lands: they handle no matter.
_DOORS = (("district_admin", "manage/"), ("security_admin", "manage/security/"), ("audit_admin", "manage/audit/"))


def home_for(actor: Actor) -> str:
    """Address of the surface a person works on: board, phone, else desk. Raises ``NotAllowed`` out of post."""
    kinds = actor.role_kinds
    if not kinds:
        raise NotAllowed("no_post", _("您目前没有在岗职务。如果岗位有变动，请联系区管理员。"))
    if kinds <= ADMINISTRATION:
        return get_script_prefix() + next(door for kind, door in _DOORS if kind in kinds)
    surface = "board/" if "district_official" in kinds else "m/" if "grid_worker" in kinds else "desk/"
    if kinds <= HEADS:
        surface = "m/building/"
    elif kinds <= {"mediator"}:
        surface = "desk/mediation/"
    elif kinds <= ADVISERS:
        surface = "desk/posts/forces/"
    return get_script_prefix() + surface


def safe_next(request: HttpRequest) -> str:
    """The address in ``next`` where it is one of ours, else nothing."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if allowed else ""


def addressed_district(request: HttpRequest) -> District | None:
    """The district the address itself names, by path or by host; not the one an older session came from."""
    district: District | None = getattr(request, "district", None)
    if district is None:
        return None
    named = getattr(request, "district_code", None) == district.code
    return district if named or district.host == request.get_host().split(":")[0] else None


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    addressed = addressed_district(request)
    form = SignInForm(request.POST if request.method == "POST" else None)
    status = 200
    if form.is_bound and form.is_valid():
        if lockout.is_tried_from_everywhere(request, form.cleaned_data["handle"]):
            record_refused_sign_in(form.cleaned_data["handle"], locked=True)
            return locked_out(request)
        response = _try(request, form, addressed)
        if response is not None:
            return response
        status = 422
        # One sentence for an unknown handle, a wrong password and an account of another district.
        sentence = _("账号或密码不对，或者这个账号不属于本区。") if addressed else _("账号或密码不对。")
        form.add_error(None, sentence)
    elif request.method != "POST" and getattr(request, "membership", None) is not None:
        return redirect(safe_next(request) or "accounts:home")
    context = {
        "form": form,
        "next": safe_next(request),
        "ended": _why_ended(request),
        "oidc_label": settings.OIDC_LABEL if oidc.is_on() else "",
        "shell": {"place": addressed.name if addressed else ""},
    }
    return render(request, "accounts/sign_in.html", context, status=status)


def _try(request: HttpRequest, form: SignInForm, addressed: District | None) -> HttpResponse | None:
    """Sign in and say where to go; None where it was refused. A lock-out is answered by axes (``locked_out``)."""
    handle = form.cleaned_data["handle"]
    user = authenticate(request, username=handle, password=form.cleaned_data["password"])
    if isinstance(user, User):
        response = arrive(request, Arrival(user, addressed, safe_next(request)))
        if response is not None:
            return response
    record_refused_sign_in(handle, locked=bool(getattr(request, "axes_locked_out", False)))
    return None


def _why_ended(request: HttpRequest) -> str:
    """What to tell somebody whose session ended by itself; only values of our own are repeated."""
    given = request.GET.get("idle", "")
    if given in {str(_minutes(span)) for span in (settings.STAFF_IDLE_TIMEOUT, settings.ADMIN_IDLE_TIMEOUT)}:
        return _("您有 {n} 分钟没有操作，为了安全已退出。请重新登录。").format(n=given)
    if "long" in request.GET:
        hours = _minutes(settings.SESSION_LIMIT) // 60
        return _("一次登录最多 {n} 小时，请重新登录。").format(n=hours)
    return ""


def locked_out(request: HttpRequest, response: object = None, credentials: object = None) -> HttpResponse:
    """What axes shows instead of any answer while a handle is locked for an address; the password plays no part."""
    context = {"minutes": _minutes(settings.AXES_COOLOFF_TIME), "failures": settings.AXES_FAILURE_LIMIT}
    return render(request, "accounts/locked.html", context, status=429)


def _minutes(span: timedelta) -> int:
    return round(span.total_seconds() / 60)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def choose_district(request: HttpRequest) -> HttpResponse:
    """For people who serve several districts; the session then belongs to the chosen one until they choose again."""
    user = request.user
    if not isinstance(user, User):
        return sign_in_redirect(request)
    districts = districts_for(user, addressed_district(request))
    if request.method == "POST":
        wanted = request.POST.get("district", "")
        chosen = next((district for district in districts if str(district.pk) == wanted), None)
        if chosen is not None and enter_district(request, chosen):
            return redirect(safe_next(request) or "accounts:home")
    context = {"districts": districts, "next": safe_next(request), "current": request.session.get(SESSION_DISTRICT)}
    return render(request, "accounts/choose_district.html", context)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    leave(request)
    return redirect("accounts:sign_in")


@never_cache
@require_safe
@member_required
def account(request: HttpRequest) -> HttpResponseBase:
    """One's own account: how it stands, and the ways to password and second factor."""
    user = request.user
    assert isinstance(user, User)
    actor: Actor = request.actor  # type: ignore[attr-defined]
    factor = authenticator_of(user)
    facts = [
        {"key": _("账号"), "value": user.handle},
        {"key": _("密码"), "value": _("还有 {n} 天到期").format(n=passwords.days_left(user))},
        {"key": _("两步验证"), "value": _("已开启") if factor else _("没有开启")},
    ]
    try:
        back = home_for(actor)
    except NotAllowed:
        back = ""
    context = {"facts": facts, "back": "" if back == request.path else back}
    district = request.district  # type: ignore[attr-defined]
    return render(request, "accounts/home.html", {**context, "shell": {"place": district.name}})


@never_cache
@member_required
def home(request: HttpRequest) -> HttpResponseBase:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return HttpResponseRedirect(home_for(actor))
