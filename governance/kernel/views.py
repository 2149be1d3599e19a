"""Pages that belong to no app: health, and errors shown to people."""

from __future__ import annotations

import re
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from governance.kernel.errors import DomainError

# A district's prefix still stands there where the request is refused before it is taken off.
_API = re.compile(r"(/d/[^/]*)?/api/")


def healthz(request: HttpRequest) -> JsonResponse:
    """200 where the database answers. Redis is not asked: the platform serves without it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


def error_page(request: HttpRequest, status: int, title: str, message: str) -> HttpResponse:
    if is_for_program(request):
        return _problem(status, title, message)
    return render(request, "error.html", {"status": status, "title": title, "message": message}, status=status)


def is_for_program(request: HttpRequest) -> bool:
    return _API.match(request.path_info) is not None


def _problem(status: int, title: str, message: str) -> HttpResponse:
    """What went wrong before a view of the API was reached, shaped like its own errors (``kernel.api.problems``)."""
    code = {400: "parse_error", 403: "permission_denied", 404: "not_found", 413: "too_large"}.get(status, "error")
    body = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": message}
    return JsonResponse(body, status=status, content_type="application/problem+json")


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return error_page(request, 400, _("请求有误"), _("这个请求我们看不懂，请返回重试。"))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    message = exception.message if isinstance(exception, DomainError) else _("您的岗位没有这项权限。")
    return error_page(request, 403, _("没有权限"), message)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return error_page(request, 404, _("没有找到"), _("这个页面不存在，或者不在您的范围内。"))


def server_error(request: HttpRequest) -> HttpResponse:
    return refusal(request, 500, _("出错了"), _("系统出了问题，您填的内容没有提交。请稍后再试。"))


def refusal(request: HttpRequest, status: int, title: str, message: str) -> HttpResponse:
    """An error page made without the request: context processors ask for a session, and for a database that may be
    what has failed."""
    if is_for_program(request):
        return _problem(status, title, message)
    page = render_to_string("error.html", {"status": status, "title": title, "message": message})
    return HttpResponse(page, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    request.csrf_refused = True  # type: ignore[attr-defined]
    return error_page(request, 403, _("页面已过期"), _("页面停留太久或浏览器禁用了 Cookie，请刷新后重新提交。"))
