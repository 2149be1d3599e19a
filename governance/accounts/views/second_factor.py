"""The code at sign-in, and the pages on which people set up, renew or give up their second factor."""

from __future__ import annotations

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from governance.accounts.actions.second_factor import (
    authenticator_of,
    begin_second_factor,
    codes_left,
    confirm_second_factor,
    disable_second_factor,
    renew_recovery_codes,
    verify_second_factor,
)
from governance.accounts.actions.sessions import record_refused_sign_in
from governance.accounts.forms import CodeForm, SignInCodeForm
from governance.accounts.guards import account_required
from governance.accounts.models import Authenticator, User
from governance.accounts.standing import VERIFIED, is_administrator
from governance.accounts.views.arrival import HALFWAY, HALFWAY_TRIES, Arrival, halfway_user, let_in
from governance.accounts.views.sign_in import addressed_district
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, NotAllowed

FEW_CODES = 3


@never_cache
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Between the password and the way in."""
    user = halfway_user(request)
    if user is None:
        request.session.pop(HALFWAY, None)
        return redirect("accounts:sign_in")
    form = SignInCodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        kept = request.session[HALFWAY]
        factor = verify_second_factor(user, form.cleaned_data["code"])
        if factor:
            arrival = Arrival(user, addressed_district(request), kept["target"], by=kept["by"])
            response = let_in(request, arrival, factor=factor)
            if factor == "recovery" and response is not None:
                messages.info(request, _("恢复码还剩 {n} 个").format(n=codes_left(user)))
            return response or redirect("accounts:sign_in")
        kept["tries"] += 1
        request.session[HALFWAY] = kept
        record_refused_sign_in(user.handle, locked=False, second_factor="wrong")
        if kept["tries"] >= HALFWAY_TRIES:
            messages.error(request, _("验证码连续 {n} 次不对，请重新登录。").format(n=HALFWAY_TRIES))
            request.session.pop(HALFWAY, None)
            return redirect("accounts:sign_in")
        form.add_error("code", _("验证码不对，或者刚用过。请等手机显示下一个再试。"))
    place = addressed_district(request)
    context = {"form": form, "shell": {"place": place.name if place else ""}}
    return render(request, "accounts/sign_in_code.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
@account_required
def second_factor(request: HttpRequest) -> HttpResponse:
    """One's own second factor: how it stands; POST gives it up, which administrators may not."""
    user = _user(request)
    found, required = authenticator_of(user), _is_required(request)
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        if required:
            raise NotAllowed("second_factor_required", _("管理员必须使用两步验证，不能关闭。"))
        if _tried(form, lambda code: disable_second_factor(user, code=code, actor=_actor(request))):
            request.session.pop(VERIFIED, None)
            messages.success(request, _("两步验证已关闭。"))
            return redirect("accounts:second_factor")
    left = codes_left(user)
    context = {"found": found, "required": required, "left": left, "few": left < FEW_CODES, "form": form}
    return _page(request, "accounts/second_factor.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
@sensitive_variables("codes")
@account_required
def second_factor_setup(request: HttpRequest) -> HttpResponse:
    """Picture, key and first code; then, once, the recovery codes."""
    user = _user(request)
    if authenticator_of(user) is not None and VERIFIED not in request.session:
        raise NotAllowed("second_factor_first", _("请先用现在的两步验证登录，再更换。"))
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        codes: list[str] = []
        if _tried(form, lambda code: codes.extend(confirm_second_factor(user, code=code, actor=_actor(request)))):
            update_session_auth_hash(request, user)
            request.session[VERIFIED] = "totp"
            return _page(request, "accounts/recovery_codes.html", {"codes": codes, "is_new": True})
    waiting = begin_second_factor(user)
    context = {"form": form, "picture": picture(waiting), "key": _in_groups(waiting.base32), "handle": user.handle}
    context["required"] = _is_required(request)
    return _page(request, "accounts/second_factor_setup.html", context, status=422 if form.is_bound else 200)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
@sensitive_variables("codes")
@account_required
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new recovery codes in place of the old ones."""
    user = _user(request)
    if authenticator_of(user) is None:
        return redirect("accounts:second_factor")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        codes: list[str] = []
        if _tried(form, lambda code: codes.extend(renew_recovery_codes(user, code=code, actor=_actor(request)))):
            return _page(request, "accounts/recovery_codes.html", {"codes": codes, "is_new": False})
    context = {"form": form, "left": codes_left(user)}
    return _page(request, "accounts/recovery_renew.html", context, status=422 if form.is_bound else 200)


def picture(authenticator: Authenticator) -> str:
    """The address as a QR code, drawn here: no service elsewhere sees the key."""
    return str(segno.make(authenticator.address, error="m").svg_data_uri(scale=5, border=3))


def _tried(form: CodeForm, act: Any) -> bool:
    try:
        act(form.cleaned_data["code"])
    except DomainError as error:
        if error.status in (403, 404):
            raise
        form.add_error("code", error.message)
        return False
    return True


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)
    return user


def _actor(request: HttpRequest) -> Actor:
    actor: Actor = request.actor  # type: ignore[attr-defined]
    return actor


def _is_required(request: HttpRequest) -> bool:
    return settings.SECOND_FACTOR == "required" and is_administrator(request)


def _in_groups(key: str) -> str:
    return " ".join(key[i : i + 4] for i in range(0, len(key), 4))


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    district = getattr(request, "district", None)
    return render(request, template, {**context, "shell": {"place": district.name if district else ""}}, status=status)
