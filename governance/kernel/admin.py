"""The national calendar in ``/admin/``: the one piece of reference data that belongs to the platform."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from governance.kernel.models import District, NationalCalendarDay


def _read_afresh() -> None:
    """Every district counts by this calendar: all of them read their reference data again."""
    District.objects.update(reference_version=F("reference_version") + 1)


@admin.register(NationalCalendarDay)
class NationalCalendarDayAdmin(admin.ModelAdmin):
    """Holidays and make-up workdays. A year counts as published when all its days are marked so."""

    list_display = ("day", "works", "name", "is_published")
    list_editable = ("works", "name", "is_published")
    list_filter = ("works", "is_published")
    date_hierarchy = "day"
    list_per_page = 60

    def save_model(self, request: HttpRequest, obj: NationalCalendarDay, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        _read_afresh()

    def delete_model(self, request: HttpRequest, obj: NationalCalendarDay) -> None:
        super().delete_model(request, obj)
        _read_afresh()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        _read_afresh()


admin.site.site_header = _("平台管理")
admin.site.site_title = _("平台管理")
admin.site.index_title = _("基础数据")
