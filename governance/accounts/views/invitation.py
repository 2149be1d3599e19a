"""Behind an invitation's link: its token is exchanged for a session at once, then one sets one's own password."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from governance.accounts.actions.invitations import accept_invitation, find_invitation, open_invitation
from governance.accounts.forms import NewPasswordForm
from governance.accounts.models import User
from governance.accounts.views.arrival import Arrival, arrive
from governance.kernel.errors import DomainError, NotFound
from governance.kernel.models import District

SESSION_INVITATION = "invitation"
"""[district id, invitation id] of the link that was opened here; never the token."""


def _district(request: HttpRequest) -> District:
    district: District | None = request.district  # type: ignore[attr-defined]
    if district is None:
        raise NotFound("invitation_void", _("这个链接不完整，请从头到尾复制后再打开。"))
    return district


@never_cache
@sensitive_variables("token")
@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The link itself: nothing is shown under an address that is a secret, so nothing can carry it further.

    Looking does not use it up: messengers open links to preview them.
    """
    district = _district(request)
    found = find_invitation(token)
    request.session.cycle_key()
    request.session[SESSION_INVITATION] = [district.pk, found.pk]
    response = redirect("accounts:accept_invitation")
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest) -> HttpResponse:
    """Set the password under a clean address, and be signed in."""
    district = _district(request)
    kept = request.session.get(SESSION_INVITATION)
    if not kept or kept[0] != district.pk:
        raise NotFound("invitation_void", _("请重新打开区管理员给您的邀请链接。"))
    found = open_invitation(kept[1])
    member = found.membership
    form = NewPasswordForm(member.user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            accept_invitation(found, password=form.cleaned_data["new"])
        except DomainError as error:
            form.add_error(None, error.message)
        else:
            user = User.objects.get(pk=member.user_id)
            request.session.pop(SESSION_INVITATION, None)
            # Where there is a second factor it is asked for: a link alone must not lead past it.
            return arrive(request, Arrival(user, district, "", by="invitation")) or redirect("accounts:sign_in")
    context = {"form": form, "handle": member.user.handle, "shell": {"place": district.name}}
    return render(request, "accounts/invitation.html", context, status=422 if form.is_bound else 200)
