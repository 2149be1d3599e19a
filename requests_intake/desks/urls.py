"""What a desk keeps, and the numbers that refresh themselves; within the namespace of the desk."""

from django.urls import path

from requests_intake.desks.views import counts, kept

patterns = [
    path("counts/", counts.counts, name="counts"),
    path("views/", kept.views, name="views"),
    path("views/new/", kept.view_edit, name="view_new"),
    path("views/<int:pk>/", kept.view_edit, name="view_edit"),
    path("views/<int:pk>/drop/", kept.view_drop, name="view_drop"),
    path("phrases/", kept.phrases, name="phrases"),
    path("phrases/new/", kept.phrase_edit, name="phrase_new"),
    path("phrases/<int:pk>/", kept.phrase_edit, name="phrase_edit"),
    path("phrases/<int:pk>/drop/", kept.phrase_drop, name="phrase_drop"),
]
