"""Writing through the API: nothing in the body that we do not know, and a repeated request happens once."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound, ParseError, ValidationError
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.kernel.crypto import decrypt, encrypt
from governance.kernel.idempotency import once
from governance.kernel.tenancy.context import optional_district_id

KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotent-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,80}")
MAX_ID = 2**63 - 1


class IdField(serializers.IntegerField):
    """The id of an object of the district."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **kwargs)


@extend_schema_field({"type": "string", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$", "example": "09:00"})
class HourField(serializers.TimeField):
    """A time of day in Shanghai. JSON Schema's ``time`` would want an offset with it."""


class StrictSerializer(serializers.Serializer):
    """Input in which every field is known: a misspelt one is refused, not dropped."""

    default_error_messages = {"unknown": gettext_lazy("没有这个字段。")}

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = set(data) - set(self.fields)
            if unknown:
                message = self.error_messages["unknown"]
                raise ValidationError({name: [message] for name in sorted(map(str, unknown))})
        return super().to_internal_value(data)


class BoundedJSONParser(JSONParser):
    """JSON that is nested deeper than Python can read is a bad request, not a fault of ours."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError(_("JSON 嵌套太深。"))


class WriteView(APIView):
    """A POST that calls one action. With an ``Idempotency-Key`` a repeated request gets the first answer again.

    A refused act leaves no record, so the same key may be used for the corrected request.
    """

    parser_classes = [BoundedJSONParser]
    input_class: type[serializers.BaseSerializer[Any]] = StrictSerializer
    is_write = True

    def read(self, request: Request) -> dict[str, Any]:
        """The checked body. Raises ``ValidationError`` (400)."""
        found = self.input_class(data=request.data)
        found.is_valid(raise_exception=True)
        return dict(found.validated_data)

    def answer_once(
        self,
        request: Request,
        *,
        principal: str,
        body: Mapping[str, Any],
        act: Callable[[], Mapping[str, Any]],
        status: int = 200,
    ) -> Response:
        """Run ``act`` once per principal and key; answer with what it gave. ``body`` must hold no secret."""
        key = request.headers.get(KEY_HEADER, "")
        if not key:
            return Response(act(), status=status)
        if not _KEY.fullmatch(key):
            raise ValidationError({KEY_HEADER: [_("请用 1 至 80 个可见的英文字符。")]})

        def sealed() -> dict[str, Any]:
            # The answer may hold a one-time code, of which the database keeps a hash alone: the record is encrypted.
            return {"status": status, "sealed": encrypt(JSONRenderer().render(act()).decode())}

        outcome = once(
            principal=principal, key=key, body={"path": request.path_info, "body": _fingerprint(body)}, act=sealed
        )
        headers = {REPLAYED_HEADER: "true"} if outcome.replayed else None
        return Response(json.loads(decrypt(outcome.result["sealed"])), status=outcome.result["status"], headers=headers)


class PublicView(WriteView):
    """For people without an account: the district is the one in the address."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if optional_district_id() is None:
            raise NotFound(_("请在网址里写明是哪个区。"))


def _fingerprint(value: Any) -> Any:
    """What makes two bodies the same: values, and for files what is in them."""
    if isinstance(value, Mapping):
        return {key: _fingerprint(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_fingerprint(each) for each in value]
    if isinstance(value, UploadedFile):
        digest = hashlib.sha256()
        for chunk in value.chunks():
            digest.update(chunk)
        value.seek(0)
        return digest.hexdigest()
    return value
