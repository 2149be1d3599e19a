from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from governance.accounts import passwords
from governance.accounts.forms import ChangePasswordForm
from governance.accounts.guards import account_required
from governance.accounts.models import User
from governance.kernel import audit


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@account_required
def change_password(request: HttpRequest) -> HttpResponse:
    """One's own password. Every other session of the account ends with the old one."""
    user = request.user
    assert isinstance(user, User)
    form = ChangePasswordForm(user, request.POST if request.method == "POST" else None)
    if form.is_bound:
        changed = form.is_valid()
        if request.membership is not None:  # type: ignore[attr-defined]
            audit.record("change_password", actor=request.actor, succeeded=changed)  # type: ignore[attr-defined]
        if changed:
            user.set_password(form.cleaned_data["new"])
            user.save(update_fields=["password"])
            update_session_auth_hash(request, user)
            messages.success(request, _("密码改好了，别处的登录都已退出。"))
            return redirect("accounts:home" if request.membership is not None else "setup:districts")  # type: ignore[attr-defined]
    district = request.district  # type: ignore[attr-defined]
    context = {
        "form": form,
        "expired_days": settings.STAFF_PASSWORD_DAYS if passwords.is_expired(user) else 0,
        "shell": {"place": district.name if district else ""},
    }
    return render(request, "accounts/change_password.html", context, status=422 if form.is_bound else 200)
