"""The in-app inbox: what a member of staff has been told."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from governance.accounts.actions.notices import read_notices
from governance.accounts.guards import member_required
from governance.kernel.keyed import once_only
from requests_intake.views.desk_parts import actor_of_page, page_frame
from requests_intake.views.inbox import back_to, inbox_page


@member_required
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    context = inbox_page(request, actor_of_page(request), address=reverse("desk:notices"), standard="unread")
    return render(request, "desk/notices.html", {**page_frame(request), **context})


@member_required
@require_POST
@once_only
def read(request: HttpRequest) -> HttpResponse:
    """Mark one notice read and open what it is about, or mark them all."""
    wanted = request.POST.get("notice", "")
    found = read_notices(actor=actor_of_page(request), notice_id=int(wanted) if wanted.isdigit() else None)
    path = found[0].path if wanted and found else ""
    if path and url_has_allowed_host_and_scheme(path, allowed_hosts=None):
        return redirect(path)
    return redirect(back_to(request, reverse("desk:notices"), "unread"))
