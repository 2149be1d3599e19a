"""The district in the address: ``/d/<code>/…`` and host names."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import set_script_prefix


class DistrictPathMiddleware:
    """Takes ``/d/<code>`` off the path and makes it the script prefix.

    The same routes then serve a district by path and by host name, and every reversed link keeps the prefix.
    Sets ``request.district_code`` (None without a prefix).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.district_code = None  # type: ignore[attr-defined]
        parts = request.path_info.split("/", 3)
        if len(parts) >= 3 and parts[1] == "d" and parts[2]:
            prefix = f"/d/{parts[2]}"
            request.district_code = parts[2]  # type: ignore[attr-defined]
            request.path_info = "/" + (parts[3] if len(parts) > 3 else "")
            request.META["SCRIPT_NAME"] = prefix
            request.META["PATH_INFO"] = request.path_info
            request.path = prefix + request.path_info
            set_script_prefix(prefix + "/")
        else:
            set_script_prefix("/")
        return self.get_response(request)
