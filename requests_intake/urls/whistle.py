"""Whistles and evaluations, within the namespaces of the desk and of the phone."""

from django.urls import path

from requests_intake.views import desk_evaluation, desk_whistle, worker_whistle

desk_patterns = [
    path("whistles/", desk_whistle.whistles, name="whistles"),
    path("whistles/new/", desk_whistle.new, name="whistle_new"),
    path("whistles/direct/", desk_whistle.direct, name="direct_dispatches"),
    path("whistles/<int:number>/", desk_whistle.whistle, name="whistle"),
    path("whistles/<int:number>/<slug:name>/", desk_whistle.move, name="whistle_move"),
    path("whistles/<int:number>/to/<int:pk>/<slug:name>/", desk_whistle.target_move, name="whistle_target_move"),
    path("evaluations/", desk_evaluation.to_evaluate, name="evaluations"),
    path("evaluations/received/", desk_evaluation.received, name="evaluations_received"),
    path("evaluations/detail/", desk_evaluation.detail, name="evaluation_detail"),
    path("evaluations/<slug:subject>/<int:pk>/", desk_evaluation.evaluate, name="evaluate"),
]

worker_patterns = [
    path("whistles/", worker_whistle.whistles, name="whistles"),
    path("whistles/<int:number>/to/<int:pk>/", worker_whistle.report, name="whistle_report"),
]
