"""How large grids should be; mounted under ``/manage/`` in its namespace."""

from django.urls import path

from grids.views.manage_bands import household_bands

urlpatterns = [path("grid-sizes/", household_bands, name="bands")]
