from django.urls import path

from services.api import views

urlpatterns = [
    path("public/announcements/", views.AnnouncementListView.as_view(), name="public-announcements"),
    path("public/announcements/<int:number>/", views.AnnouncementView.as_view(), name="public-announcement"),
]
