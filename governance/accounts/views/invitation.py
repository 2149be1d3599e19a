"""The page behind an invitation's link: set one's own password and be signed in."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from governance.accounts.actions.invitations import accept_invitation, find_invitation
from governance.accounts.actions.sessions import enter_district
from governance.accounts.forms import NewPasswordForm
from governance.accounts.models import User
from governance.kernel.errors import DomainError, NotFound


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    district = request.district  # type: ignore[attr-defined]
    if district is None:
        raise NotFound("invitation_void", _("这个链接不完整，请从头到尾复制后再打开。"))
    member = find_invitation(token).membership
    form = NewPasswordForm(member.user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            accept_invitation(token, password=form.cleaned_data["new"])
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            user = User.objects.get(pk=member.user_id)
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            enter_district(request, district)
            return redirect("accounts:home")
    context = {"form": form, "handle": member.user.handle, "shell": {"place": district.name}}
    response = render(request, "accounts/invitation.html", context, status=422 if form.is_bound else 200)
    # The address itself is the secret: it must not travel to another site. With "no-referrer" browsers send the form
    # with the origin "null", which the protection against forged requests refuses.
    response["Referrer-Policy"] = "same-origin"
    return response
