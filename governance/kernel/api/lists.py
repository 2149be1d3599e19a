"""What the lists of the API have in common: what is asked for, and one page of what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from rest_framework.request import Request
from rest_framework.serializers import Serializer


def read_query(request: Request, query: type[Serializer]) -> dict[str, Any]:
    """The query string as ``query`` understands it. Raises ``ValidationError`` by parameter."""
    found = query(data=request.query_params.dict())
    found.is_valid(raise_exception=True)
    asked: dict[str, Any] = found.validated_data
    return asked


def paged(rows: QuerySet[Any] | Sequence[Any], number: int, per_page: int) -> tuple[int, list[Any]]:
    """How many there are, and those of this page: none beyond the last."""
    pages = Paginator(rows, per_page)
    return pages.count, list(pages.page(number)) if number <= pages.num_pages else []
