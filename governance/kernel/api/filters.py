"""Filters that refuse what they do not know: a misspelt filter must not silently show everything."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext as _
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError

from governance.kernel.api.writes import MAX_ID

PAGING = frozenset({"cursor", "page_size", "format"})


class IdFilter(django_filters.NumberFilter):
    """The id of an object of the district."""

    field_class = forms.IntegerField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, min_value=1, max_value=MAX_ID, **kwargs)

    def get_max_validator(self) -> None:
        return None


class StrictFilterBackend(DjangoFilterBackend):
    """Refuses (400) parameters that are neither a filter of the list nor paging."""

    def filter_queryset(self, request: Any, queryset: Any, view: Any) -> Any:
        filterset_class = self.get_filterset_class(view, queryset)
        known = PAGING | (set(filterset_class.get_filters()) if filterset_class else set())
        unknown = set(request.query_params) - known
        if unknown:
            raise ValidationError({name: [_("没有这个筛选条件。")] for name in sorted(unknown)})
        return super().filter_queryset(request, queryset, view)
