"""Opens the district's scope and one transaction around the whole response, rendering included."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from governance.accounts.queries import active_membership
from governance.accounts.tokens import district_of_token
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_scope, district_transaction

SESSION_DISTRICT = "district_id"


class MembershipMiddleware:
    """Finds the district of a request and the member who makes it.

    The district is the one in the path, else the token's, else the one of the host name, else the session's. The
    member is the signed-in user's membership in *that* district: a session of another district is nobody here.
    Sets ``request.district`` and ``request.membership`` (each None where there is none).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.district = request.membership = None  # type: ignore[attr-defined]
        try:
            district = self._find(request)
        except Http404:
            from governance.kernel.views import not_found

            return not_found(request, Http404(_("没有这个区，或已停用。")))
        if district is None:
            return self.get_response(request)
        with district_transaction(district):
            request.district = district  # type: ignore[attr-defined]
            if request.user.is_authenticated and request.session.get(SESSION_DISTRICT) == district.pk:
                request.membership = active_membership(request.user.pk)  # type: ignore[attr-defined]
            response = self.get_response(request)
            if response.status_code >= 500:
                transaction.set_rollback(True)
            if response.streaming:
                content = response.streaming_content  # type: ignore[attr-defined]
                response.streaming_content = self._stream(district, content)  # type: ignore[attr-defined]
        return response

    @staticmethod
    def _find(request: HttpRequest) -> District | None:
        districts = District.objects.with_shift().filter(is_active=True)
        code = getattr(request, "district_code", None)
        if code is not None:
            found = districts.filter(code=code).first()
            if found is None:
                raise Http404
            return found
        token_district = district_of_token(request)
        if token_district is not None:
            return districts.filter(pk=token_district).first()
        session_district = request.session.get(SESSION_DISTRICT)
        host = request.get_host().split(":")[0]
        by_host = districts.filter(host=host)
        if session_district is None:
            return by_host.first()
        # One statement for both: the host's district wins over the session's.
        found_rows = sorted(by_host | districts.filter(pk=session_district), key=lambda row: row.host != host)
        return found_rows[0] if found_rows else None

    @staticmethod
    def _stream(district: District, content: Any) -> Iterator[bytes]:
        """A streamed body is produced after the response's transaction has ended: give it its own."""
        with district_scope(district), transaction.atomic():
            yield from content
