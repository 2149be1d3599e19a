"""网格圈 for staff, below ``/talk/``."""

from django.urls import path

from requests_intake.views import talk

app_name = "talk"
urlpatterns = [
    path("", talk.circles, name="circles"),
    path("<int:pk>/", talk.circle, name="circle"),
    path("m/<int:pk>/answer/", talk.answer, name="answer"),
    path("m/<int:pk>/hide/", talk.hide, name="hide"),
    path("m/<int:pk>/show/", talk.show, name="show"),
    path("m/<int:pk>/ticket/", talk.turn, name="turn"),
]
