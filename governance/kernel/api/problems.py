"""Errors of the API as ``application/problem+json`` (RFC 9457), made in one place."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers
from rest_framework.response import Response

from governance.kernel.errors import DomainError

TYPE = "application/problem+json"


class ProblemSerializer(serializers.Serializer):
    """The shape of every error."""

    type = serializers.CharField(default="about:blank")
    title = serializers.CharField()
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="stable name of the error")
    detail = serializers.CharField(help_text="a sentence in the user's language")
    errors = serializers.DictField(  # type: ignore[assignment]
        child=serializers.ListField(child=serializers.CharField()), required=False, help_text="field → sentences"
    )


def problem(status: int, code: str, detail: str, errors: Any = None, headers: dict[str, str] | None = None) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": _title(status),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        body["errors"] = errors
    return Response(body, status=status, headers=headers, content_type=TYPE)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook. Unknown exceptions return None and become a 500."""
    if isinstance(error, DomainError):
        return problem(error.status, error.code, error.message, error.fields)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    if not isinstance(error, exceptions.APIException):
        return None
    headers = {}
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header  # type: ignore[attr-defined]
    if getattr(error, "wait", None):
        headers["Retry-After"] = str(int(error.wait))  # type: ignore[attr-defined]
    if isinstance(error, exceptions.ValidationError):
        errors = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
        flat = {field: _sentences(found) for field, found in errors.items()}
        return problem(error.status_code, "invalid", _("有些内容需要修改。"), flat, headers)
    return problem(error.status_code, str(error.default_code), str(error.detail), None, headers)


def _sentences(found: Any) -> list[str]:
    """The sentences about a field; those about single items of a list among them."""
    if isinstance(found, dict):
        found = list(found.values())
    if isinstance(found, list | tuple):
        return [sentence for each in found for sentence in _sentences(each)]
    return [str(found)]


def _title(status: int) -> str:
    return {
        400: _("请求有误"),
        401: _("需要登录"),
        403: _("没有权限"),
        404: _("没有找到"),
        405: _("不支持这种操作"),
        409: _("现在不能这样做"),
        415: _("不支持这种格式"),
        422: _("内容需要修改"),
        429: _("操作太频繁"),
    }.get(status, _("出错了"))
