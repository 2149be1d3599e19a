"""Whoever must first take a new password or set up a second factor reaches nothing else until it is done."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.accounts import passwords
from governance.accounts.idle import ADMINISTERS
from governance.accounts.policies import ADMINISTRATION

VERIFIED = "second_factor"
"""In the session: how the second factor was shown at sign-in (``totp`` or ``recovery``)."""

# Where everybody may go in any standing: the way out, the two pages that mend it, and what needs no account.
_OPEN_PAGES = frozenset({
    "accounts:sign_in", "accounts:sign_in_code", "accounts:sign_out", "accounts:choose_district",
    "accounts:oidc", "accounts:oidc_return", "accounts:invitation", "accounts:accept_invitation",
    "accounts:change_password", "accounts:second_factor", "accounts:second_factor_setup", "accounts:recovery_codes",
    "healthz", "ui-mode", "api:docs", "api:schema",
})  # fmt: skip
_OPEN_SPACES = frozenset({"help"})


def is_administrator(request: HttpRequest) -> bool:
    """One of the district's three administrators today, or the platform's own."""
    if getattr(request, "membership", None) is not None:
        return not ADMINISTRATION.isdisjoint(request.post_kinds)  # type: ignore[attr-defined]
    return bool(request.user.is_staff)


def needs_second_factor(request: HttpRequest) -> bool:
    return settings.SECOND_FACTOR == "required" and VERIFIED not in request.session and is_administrator(request)


class StandingMiddleware:
    """See the module. Also notes in the session who is an administrator, whose silence is shorter (``idle``)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponseBase | None:
        match = request.resolver_match
        if match is None or match.view_name in _OPEN_PAGES or match.namespace in _OPEN_SPACES:
            return None
        if _is_public(request) or not request.user.is_authenticated:
            return None
        if passwords.is_expired(request.user) and request.user.has_usable_password():
            words = _("密码已超过 {days} 天没有更换，请先改成新密码。").format(days=settings.STAFF_PASSWORD_DAYS)
            return _first(request, "accounts:change_password", "password_expired", words)
        administers = is_administrator(request)
        if administers != bool(request.session.get(ADMINISTERS)):
            request.session[ADMINISTERS] = administers
        if administers and needs_second_factor(request):
            words = _("管理员要先设置两步验证。")
            return _first(request, "accounts:second_factor_setup", "second_factor_required", words)
        return None


def _is_public(request: HttpRequest) -> bool:
    """Pages for residents: who opens them with a session of staff gets what everybody gets, save attachments."""
    match = request.resolver_match
    assert match is not None
    return match.namespace == "resident" and "attachment" not in (match.url_name or "")


def _first(request: HttpRequest, page: str, code: str, words: str) -> HttpResponseBase:
    assert request.resolver_match is not None
    if request.resolver_match.namespace == "api":
        body = {"type": "about:blank", "title": _("没有权限"), "status": 403, "code": code, "detail": words}
        return JsonResponse(body, status=403, content_type="application/problem+json")
    return HttpResponseRedirect(reverse(page))
