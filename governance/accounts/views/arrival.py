"""What happens once it is known who somebody is: the second factor, then the district, then a word on last time."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.accounts import lockout, passwords
from governance.accounts.actions.second_factor import authenticator_of
from governance.accounts.actions.sessions import enter_district, leave
from governance.accounts.middleware import SESSION_DISTRICT
from governance.accounts.models import User
from governance.accounts.queries import districts_of_user
from governance.accounts.standing import VERIFIED
from governance.kernel import clock
from governance.kernel.models import District

HALFWAY = "halfway"
"""In the session between password and code: who, under which state of the account, since when, and the way on."""
HALFWAY_SECONDS, HALFWAY_TRIES = 300, 5
_WARN_DAYS = 14
_BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True)
class Arrival:
    """``addressed``: the district the address names; ``target``: where they wanted to go, checked; ``by``: how."""

    user: User
    addressed: District | None
    target: str
    by: str = "password"


def districts_for(user: User, addressed: District | None) -> list[District]:
    """Active districts the user may enter from this address."""
    ids = districts_of_user(user.pk)
    if addressed is not None:
        return [addressed] if addressed.pk in ids else []
    return list(District.objects.with_shift().filter(pk__in=ids, is_active=True))


def arrive(request: HttpRequest, arrival: Arrival) -> HttpResponse | None:
    """The way on for somebody whose password was right; None where this address has no place for them."""
    user = arrival.user
    if not user.is_active or not (districts_for(user, arrival.addressed) or _is_platform(arrival)):
        return None
    if authenticator_of(user) is None:
        return let_in(request, arrival, factor="")
    request.session.flush()
    request.session[HALFWAY] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "at": int(timezone.now().timestamp()),
        "target": arrival.target,
        "by": arrival.by,
        "tries": 0,
    }
    return redirect("accounts:sign_in_code")


def halfway_user(request: HttpRequest) -> User | None:
    """Who has shown a password here and must show a code; None where that is too long ago or was called off."""
    kept = request.session.get(HALFWAY)
    if not kept:
        return None
    age = int(timezone.now().timestamp()) - kept["at"]
    user = User.objects.filter(pk=kept["user"], is_active=True).first()
    if user is None or age > HALFWAY_SECONDS or kept["tries"] >= HALFWAY_TRIES:
        return None
    return user if user.get_session_auth_hash() == kept["hash"] else None


def let_in(request: HttpRequest, arrival: Arrival, *, factor: str) -> HttpResponse | None:
    """Sign in. ``factor``: the second factor that was shown (``totp``, ``recovery``), or nothing."""
    user, before, failed = arrival.user, arrival.user.last_login, arrival.user.failed_sign_ins
    districts = districts_for(user, arrival.addressed)
    login(request, user, backend=_BACKEND)
    request.session.pop(SESSION_DISTRICT, None)
    request.session.pop(HALFWAY, None)
    if factor:
        request.session[VERIFIED] = factor
    if not districts and not _is_platform(arrival):
        leave(request)
        return None
    if len(districts) == 1 and not enter_district(request, districts[0], by=arrival.by, second_factor=factor):
        leave(request)
        return None
    User.objects.filter(pk=user.pk, failed_sign_ins__gt=0).update(failed_sign_ins=0)
    _tell_of_last_time(request, arrival, before, failed)
    response = _way_on(arrival, districts)
    lockout.remember_browser(request, response, user.handle)
    return response


def _way_on(arrival: Arrival, districts: list[District]) -> HttpResponse:
    if not districts:
        return redirect(arrival.target or ("setup:districts" if arrival.user.is_superuser else "admin:index"))
    if len(districts) > 1:
        query = f"?{urlencode({'next': arrival.target})}" if arrival.target else ""
        return HttpResponseRedirect(reverse("accounts:choose_district") + query)
    return redirect(arrival.target or "accounts:home")


def _is_platform(arrival: Arrival) -> bool:
    return arrival.user.is_staff and arrival.addressed is None


def _tell_of_last_time(request: HttpRequest, arrival: Arrival, before: object, failed: int) -> None:
    """A person who did not sign in then, or did not fail, knows that somebody else has their password."""
    if before is not None:
        at = clock.local(before)  # type: ignore[arg-type]
        day = _("{month}月{day}日 {time}").format(month=at.month, day=at.day, time=f"{at:%H:%M}")
        words = _("上次登录：{when}").format(when=day)
        if failed:
            words = _("{last}，此后有 {n} 次登录没有成功").format(last=words, n=failed)
        messages.info(request, words)
    left = passwords.days_left(arrival.user)
    if arrival.by == "password" and left <= min(_WARN_DAYS, settings.STAFF_PASSWORD_DAYS - 1):
        address = reverse("accounts:change_password")
        messages.info(request, _("密码还有 {n} 天到期").format(n=left), extra_tags=f"go={address} {_('现在改')}")
