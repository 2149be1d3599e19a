"""Announcements at the desk, under /desk/announcements/."""

from django.urls import path

from services.views import desk, desk_acts

app_name = "services_desk"
urlpatterns = [
    path("", desk_acts.compose, name="compose"),
    path("sent/", desk.sent_list, name="sent"),
    path("received/", desk.received_list, name="received"),
    path("<int:number>/", desk.detail, name="announcement"),
    path("<int:number>/edit/", desk_acts.edit, name="edit"),
    path("<int:number>/publish/", desk_acts.publish, name="publish"),
    path("<int:number>/discard/", desk_acts.discard, name="discard"),
    path("<int:number>/correct/", desk_acts.correct, name="correct"),
    path("<int:number>/withdraw/", desk_acts.withdraw, name="withdraw"),
    path("<int:number>/read/", desk_acts.read, name="read"),
]
