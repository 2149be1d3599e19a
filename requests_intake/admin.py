"""Districts in ``/admin/``. No ticket and no person is ever shown there."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F
from django.http import HttpRequest
from django.utils.translation import gettext as _

from governance.kernel.models import District
from requests_intake import routing


class DistrictForm(forms.ModelForm):
    class Meta:
        model = District
        fields = ("id", "code", "name", "area_code", "host", "hotline", "escalation_path", "is_active")

    def clean_escalation_path(self) -> list[str]:
        try:
            return list(routing.check_path(self.cleaned_data["escalation_path"] or []))
        except (routing.RoutingError, TypeError):
            raise forms.ValidationError(
                _('上报路径从下到上写层级，最后是 district，例如 ["grid", "community", "street", "district"]。')
            ) from None


@admin.register(District)
class DistrictAdmin(admin.ModelAdmin):
    form = DistrictForm
    list_display = ("id", "code", "name", "area_code", "host", "is_active")

    def save_model(self, request: HttpRequest, obj: District, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        District.objects.filter(pk=obj.pk).update(reference_version=F("reference_version") + 1)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A district is switched off; its records must outlive it."""
        return False
