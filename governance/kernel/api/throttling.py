from __future__ import annotations

from typing import Any

from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from governance.kernel import throttle


class LimitThrottle(BaseThrottle):
    """The limit a view names in ``throttle_limit``, else the API's limit for reading or for writing.

    The refusal is raised as a domain error and becomes a problem like every other.
    """

    def allow_request(self, request: Request, view: Any) -> bool:
        general = "api_read" if request.method in SAFE_METHODS else "api_write"
        throttle.take(request._request, getattr(view, "throttle_limit", general))
        return True
