"""The addresses of canvasses that phone and desk share."""

from __future__ import annotations

from django.urls import URLPattern, path

from grids.canvasses.views import canvasses
from grids.households.views.surface import Surface


def addresses(surface: Surface) -> list[URLPattern]:
    here = {"surface": surface}
    return [
        path("", canvasses.index, here, name="index"),
        path("<int:pk>/", canvasses.whole, here, name="whole"),
        path("<int:pk>/list/", canvasses.households, here, name="list"),
        path("<int:pk>/of/<int:home>/", canvasses.answer, here, name="answer"),
        path("answers/<int:pk>/withdraw/", canvasses.withdraw, here, name="withdraw"),
        path("answers/<int:pk>/open/", canvasses.open_words, here, name="open_words"),
    ]
