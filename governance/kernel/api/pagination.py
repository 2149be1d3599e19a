from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework import pagination
from rest_framework.exceptions import NotFound


class CursorPagination(pagination.CursorPagination):
    """Newest first, 20 a page (``page_size`` up to 100); stable while rows are added.

    The order is fixed here and cannot be asked for. A cursor that somebody made up is 404, like a lost page.
    """

    ordering: tuple[str, ...] = ("-submitted_at", "-id")
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any] | None:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (ValidationError, ValueError):
            # The position inside the cursor is no value of the ordering column.
            raise NotFound(_("没有这一页。"))


class ReferencePagination(CursorPagination):
    """By id, for reference data: the order in which rows were made never changes."""

    ordering = ("id",)
