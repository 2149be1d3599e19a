"""Announcements on the grid worker's phone, under /m/announcements/."""

from django.urls import path

from services.views import worker

app_name = "services_worker"
urlpatterns = [
    path("", worker.announcements, name="announcements"),
    path("<int:number>/", worker.announcement, name="announcement"),
    path("<int:number>/read/", worker.read, name="read"),
]
