"""What residents read without an account."""

from django.urls import path

from services.views import resident

app_name = "services"
urlpatterns = [
    path("announcements/", resident.announcements, name="announcements"),
    path("announcements/place/", resident.place, name="place"),
    path("announcements/<int:number>/", resident.announcement, name="announcement"),
]
