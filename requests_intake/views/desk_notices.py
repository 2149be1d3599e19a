"""The in-app inbox: what a member of staff has been told and has not read."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.actions.notices import read_notices
from governance.accounts.guards import member_required
from governance.accounts.queries import unread_notices
from requests_intake.views.desk_parts import actor_of_page, page_frame


@member_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    context = {**page_frame(request), "notices": unread_notices(actor_of_page(request))}
    return render(request, "desk/notices.html", context)


@member_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Mark one notice read and open what it is about, or mark them all."""
    wanted = request.POST.get("notice", "")
    found = read_notices(actor=actor_of_page(request), notice_id=int(wanted) if wanted.isdigit() else None)
    path = found[0].path if wanted and found else ""
    if path and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return redirect(path)
    return redirect("desk:notices")
