from django.urls import path

from analytics.setup import views

app_name = "setup"
urlpatterns = [
    path("", views.districts, name="districts"),
    path("first/", views.first, name="first"),
    path("new/", views.new, name="new"),
    path("district/<slug:code>/", views.district, name="district"),
    path("district/<slug:code>/invite/<int:pk>/", views.invite, name="invite"),
]
