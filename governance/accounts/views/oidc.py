"""The way to the identity provider and back (``governance.accounts.oidc``)."""

from __future__ import annotations

import logging

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.accounts import oidc
from governance.accounts.actions.sessions import record_refused_sign_in
from governance.accounts.views.arrival import Arrival, arrive
from governance.accounts.views.sign_in import addressed_district, safe_next

logger = logging.getLogger(__name__)
_TARGET = "oidc_target"


def _require_on() -> None:
    if not oidc.is_on():
        raise Http404


@never_cache
@require_safe
def begin(request: HttpRequest) -> HttpResponseBase:
    """To the provider; where one wanted to go is kept in the session, not in its address."""
    _require_on()
    request.session[_TARGET] = safe_next(request)
    try:
        return oidc.begin(request, request.build_absolute_uri(reverse("accounts:oidc_return")))
    except oidc.Refused as error:
        logger.warning("oidc: provider not usable: %s", error)
        return _back(request, _("{name}现在没有回应，请稍后再试，或者用密码登录。").format(name=settings.OIDC_LABEL))


@never_cache
@require_safe
def come_back(request: HttpRequest) -> HttpResponseBase:
    """Whoever the provider names is let in as the person of ours with that handle, with that person's rights."""
    _require_on()
    target = request.session.pop(_TARGET, "")
    try:
        user = oidc.finish(request)
    except oidc.Refused as error:
        logger.warning("oidc: refused: %s", error)
        return _back(request, _("登录没有完成，请重新点一次。"))
    if user is not None:
        response = arrive(request, Arrival(user, addressed_district(request), target, by="oidc"))
        if response is not None:
            return response
        record_refused_sign_in(user.handle, locked=False, by="oidc")
    return _back(request, _("您在本平台还没有账号，或者这个账号不属于本区。请联系区管理员。"))


def _back(request: HttpRequest, words: str) -> HttpResponseBase:
    messages.error(request, words)
    return redirect("accounts:sign_in")
