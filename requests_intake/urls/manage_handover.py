"""Leaving, and ending an organization: what of the administration needs to know of work orders. Under ``/manage/``."""

from django.urls import path

from requests_intake.views import manage_handover

urlpatterns = [
    path("people/<int:pk>/leave/", manage_handover.leave, name="person_leave"),
    path("organizations/<int:pk>/end/", manage_handover.organization_end, name="organization_end"),
]
