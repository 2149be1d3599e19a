"""Leaving, and ending an organization or an area: what of the administration needs to know of open work.

Mounted under ``/manage/``.
"""

from django.urls import path

from requests_intake.views import manage_handover, manage_territory

urlpatterns = [
    path("people/<int:pk>/leave/", manage_handover.leave, name="person_leave"),
    path("organizations/<int:pk>/end/", manage_handover.organization_end, name="organization_end"),
    path("areas/<int:pk>/end/", manage_territory.area_end, name="area_end"),
]
