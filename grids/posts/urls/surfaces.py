"""The addresses of forces, nominations and the checks of buildings, the same on phone and desk."""

from __future__ import annotations

from django.urls import URLPattern, path

from grids.households.views.surface import Surface
from grids.posts.views import forces, law, nominations


def addresses(surface: Surface) -> list[URLPattern]:
    here = {"surface": surface}
    return [
        path("forces/", forces.forces, here, name="forces"),
        path("forces/new/", forces.force_new, here, name="force_new"),
        path("forces/<int:pk>/", forces.force_edit, here, name="force_edit"),
        path("forces/<int:pk>/end/", forces.force_end, here, name="force_end"),
        path("forces/<int:pk>/phone/", forces.force_phone, here, name="force_phone"),
        path("nominations/", nominations.rounds, here, name="nominations"),
        path("nominations/new/", nominations.new, here, name="nomination_new"),
        path("nominations/<int:pk>/", nominations.detail, here, name="nomination"),
        path("nominations/<int:pk>/vote/<int:household>/", nominations.vote, here, name="nomination_vote"),
        path("nominations/<int:pk>/confirm/<int:candidate>/", nominations.confirm, here, name="nomination_confirm"),
        path("nominations/<int:pk>/off/", nominations.call_off, here, name="nomination_call_off"),
        path("law/", law.buildings, here, name="law"),
        path("law/<int:pk>/", law.check, here, name="law_check"),
    ]
