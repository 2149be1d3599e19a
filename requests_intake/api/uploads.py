"""Photos in pieces: announce, send from where it broke off, finish; then the form names them by their keys."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.kernel.api.writes import StrictSerializer, WriteView
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.storage import MAX_BYTES
from grids.middleware import actor_of
from requests_intake.actions import uploads
from requests_intake.models import PhotoUpload

TAG = "办理"


class BytesParser(BaseParser):
    """The body as it is, at most one piece."""

    media_type = "application/octet-stream"

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        return bytes(stream.read(uploads.PIECE_BYTES + 1))


class UploadInput(StrictSerializer):
    key = serializers.UUIDField(help_text=_("手机自己编的编号；断了再用它接着传"))
    size = serializers.IntegerField(min_value=1, max_value=MAX_BYTES, help_text=_("一共多少字节"))


class UploadSerializer(serializers.Serializer):
    key = serializers.UUIDField()
    size = serializers.IntegerField()
    received = serializers.IntegerField(help_text=_("已收到多少字节，从这里接着传"))
    is_finished = serializers.SerializerMethodField()

    def get_is_finished(self, upload: PhotoUpload) -> bool:
        return upload.stored is not None


class UploadsView(WriteView):
    """Announcing a photo twice finds it again."""

    input_class = UploadInput

    @extend_schema(
        operation_id="upload_begin",
        summary=_("分段传照片：报上编号和大小"),
        tags=[TAG],
        request=UploadInput,
        responses=UploadSerializer,
    )
    def post(self, request: Request) -> Response:
        said = self.read(request)
        found = uploads.begin_upload(actor=actor_of(request._request), key=said["key"], size=said["size"])
        return Response(UploadSerializer(found).data)


class UploadView(APIView):
    """One piece; 409 with ``received`` says where to go on."""

    parser_classes = [BytesParser]
    is_write = True

    @extend_schema(
        operation_id="upload_piece",
        summary=_("分段传照片：一段"),
        tags=[TAG],
        parameters=[OpenApiParameter("offset", OpenApiTypes.INT, required=True, description=_("这一段从第几个字节起"))],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses=UploadSerializer,
    )
    def put(self, request: Request, key: UUID) -> Response:
        actor = actor_of(request._request)
        uploads.own_upload(actor, key)  # somebody else's does not exist, whatever is asked of it
        offset = request.query_params.get("offset", "")
        if not offset.isdecimal() or len(offset) > 10:
            raise ValidationError({"offset": [_("请写从第几个字节起。")]})
        data = request.data if isinstance(request.data, bytes) else b""
        try:
            found = uploads.add_piece(actor=actor, key=key, offset=int(offset), data=data)
        except DomainError as error:
            if "received" not in error.data:
                raise
            return Response({"code": error.code, "detail": error.message, **error.data}, status=error.status)
        return Response(UploadSerializer(found).data)


class UploadFinishView(WriteView):
    """The whole photo is checked and stored; done again it answers the same."""

    @extend_schema(
        operation_id="upload_finish",
        summary=_("分段传照片：传完了"),
        tags=[TAG],
        request=None,
        responses=UploadSerializer,
    )
    def post(self, request: Request, key: UUID) -> Response:
        actor = actor_of(request._request)
        uploads.own_upload(actor, key)
        self.read(request)
        try:
            found = uploads.finish_upload(actor=actor, key=key)
        except Invalid:
            uploads.forget_upload(actor=actor, key=key)
            raise
        return Response(UploadSerializer(found).data)
