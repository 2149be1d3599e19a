"""How people are told outside the inbox, below ``/manage/notifications/`` (namespace ``manage``)."""

from django.urls import path

from grids.views import manage_notifications, manage_undelivered

urlpatterns = [
    path("", manage_notifications.settings_page, name="notifications"),
    path("robots/new/", manage_notifications.new_robot, name="robot_new"),
    path("robots/<int:pk>/", manage_notifications.robot, name="robot"),
    path("robots/<int:pk>/test/", manage_notifications.try_robot, name="robot_test"),
    path("undelivered/", manage_undelivered.undelivered, name="undelivered"),
    path("undelivered/act/", manage_undelivered.act, name="undelivered_act"),
]
