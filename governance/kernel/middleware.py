"""Refused acts become pages in one place; the API has its own (``kernel.api.problems``)."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from governance.kernel.errors import DomainError
from governance.kernel.views import error_page


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
