"""The API's own pages: its description, and an answer for addresses that are none."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.views import APIView


class SchemaView(SpectacularAPIView):
    """OpenAPI, as YAML or (``?format=json``) JSON. Open to everybody: it holds no data."""

    authentication_classes: list[Any] = []


class DocsView(SpectacularSwaggerSplitView):
    """Readable and usable documentation. Its script is a file of its own, because pages may hold none."""

    authentication_classes: list[Any] = []
    template_name = "api/docs.html"
    url_name = "api:schema"


@extend_schema(exclude=True)
class UnknownView(APIView):
    """An address that the API does not have: a problem, not a page."""

    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound
