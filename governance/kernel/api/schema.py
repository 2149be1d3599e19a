"""How the API describes itself: every operation documents its problems and, where it writes, the Idempotency-Key."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular import generators, openapi
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.permissions import IsAuthenticated

from governance.kernel.api.problems import TYPE, ProblemSerializer
from governance.kernel.api.writes import KEY_HEADER, REPLAYED_HEADER
from governance.kernel.models import District
from governance.kernel.tenancy.context import district_scope

_DESCRIPTIONS = {
    400: _("请求有误：格式、字段或参数不对"),
    401: _("需要登录，或令牌无效"),
    403: _("没有这项权限"),
    404: _("没有找到，或不在范围内"),
    406: _("不能按要求的格式回答"),
    409: _("现在不能这样做：状态不允许"),
    413: _("内容太大"),
    415: _("不支持这种内容格式"),
    422: _("内容需要修改，或提交编号已用于别的内容"),
    429: _("操作太频繁"),
}

_WRITES = frozenset({"POST", "PUT"})
_KEY = OpenApiParameter(
    KEY_HEADER,
    {"type": "string", "pattern": r"^[\x21-\x7e]{1,80}$"},
    OpenApiParameter.HEADER,
    description=_("同一编号的重复提交只生效一次，30 天内再次提交得到同样的回答"),
)
_REPLAYED = OpenApiParameter(
    REPLAYED_HEADER,
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    response=[200, 201],
    description=_("值为 true：这是先前那次提交的回答"),
)


class SchemaGenerator(generators.SchemaGenerator):
    """Asks views for their querysets, which without a district refuse to be made. No row is read."""

    def get_schema(self, *args: Any, **kwargs: Any) -> Any:
        with district_scope(District(id=0)):
            return super().get_schema(*args, **kwargs)


class AutoSchema(openapi.AutoSchema):
    """Adds what holds for every view of a kind, so that no view has to repeat it.

    A view whose reading is for some posts alone, and says so with 403, has ``refuses_readers = True``.
    """

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        return [*parameters, _KEY, _REPLAYED] if self._keyed() else parameters

    def get_description(self) -> str:  # type: ignore[override]
        # Docstrings are for those who change the code; readers of the API get the summary and the fields' texts.
        return ""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        problem = self.resolve_serializer(ProblemSerializer, "response").ref
        for status in self._problems():
            operation["responses"][str(status)] = {
                "description": _DESCRIPTIONS[status],
                "content": {TYPE: {"schema": problem}},
            }
        operation["responses"] = dict(sorted(operation["responses"].items()))
        return operation

    def _keyed(self) -> bool:
        return getattr(self.view, "is_write", False) and self.method in _WRITES

    def _problems(self) -> list[int]:
        found = [400, 404, 406, 429]
        if IsAuthenticated in self.view.permission_classes:
            found.append(401)
        if self.method in _WRITES:
            found += [403, 409, 413, 415, 422]
        elif getattr(self.view, "refuses_readers", False):
            found.append(403)
        return found
