"""Refused acts become pages in one place; the API has its own (``kernel.api.problems``)."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from governance.kernel.errors import DomainError
from governance.kernel.views import error_page, is_for_program, refusal


class EdgeMiddleware:
    """The first thing that sees a request and the last that sees an answer.

    Refuses an address with NUL in it, which the database takes in no text, and a body that is too large before a byte
    of it is read (a proxy should have done so). Says what a page may ask of the device: its place, and nothing else.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._unreadable(request) or self._too_large(request) or self.get_response(request)
        response.headers.setdefault("Permissions-Policy", settings.PERMISSIONS_POLICY)
        return response

    def _unreadable(self, request: HttpRequest) -> HttpResponseBase | None:
        # The API's own filters say which parameter it is.
        asked = "" if is_for_program(request) else request.META.get("QUERY_STRING", "")
        if "%00" not in asked and "\x00" not in request.path_info:
            return None
        return refusal(request, 400, _("请求有误"), _("这个请求我们看不懂，请返回重试。"))

    def _too_large(self, request: HttpRequest) -> HttpResponseBase | None:
        with_files = request.content_type == "multipart/form-data"
        limit = settings.UPLOAD_MAX_BYTES if with_files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        said = request.META.get("CONTENT_LENGTH") or "0"
        if said.isdecimal() and int(said) <= limit:
            return None
        message = _("一次最多 {limit} MB，请减少照片或把文件分开。").format(limit=limit // 1024 // 1024)
        return refusal(request, 413, _("内容太大"), message)


class DomainErrorMiddleware:
    """Renders a ``DomainError`` that a page view did not handle itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        if not isinstance(exception, DomainError):
            return None
        titles = {403: _("没有权限"), 404: _("没有找到"), 409: _("现在不能这样做"), 422: _("内容需要修改")}
        return error_page(request, exception.status, titles.get(exception.status, _("出错了")), exception.message)
