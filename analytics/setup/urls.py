from django.urls import path

from analytics.setup import views

app_name = "setup"
urlpatterns = [
    path("", views.districts, name="districts"),
    path("first/", views.first, name="first"),
    path("new/", views.new, name="new"),
]
