"""The phones of the grid worker and of the heads of buildings and units, under /m/."""

from django.urls import path

from requests_intake.urls.whistle import worker_patterns
from requests_intake.views import (
    bulk,
    head,
    head_house,
    worker,
    worker_grid,
    worker_hands,
    worker_map,
    worker_offline,
    worker_proactive,
    worker_report,
    worker_ticket,
)

app_name = "worker"
urlpatterns = [
    path("", worker.home, name="home"),
    path("manifest.webmanifest", worker_offline.manifest, name="manifest"),
    path("sw.js", worker_offline.service_worker, name="service_worker"),
    path("offline/", worker_offline.offline, name="offline"),
    path("outbox/", worker_offline.outbox, name="outbox"),
    path("tickets/", worker.tickets, name="tickets"),
    path("pool/", worker_hands.pool, name="pool"),
    path("tasks/", worker_proactive.tasks, name="tasks"),
    path("tasks/<int:pk>/", worker_proactive.task, name="task"),
    path("report/", worker_report.report, name="report"),
    path("report/guess/", worker_report.guess, name="guess"),
    path("bulk/", bulk.phone, name="bulk"),
    path("building/", head.home, name="building"),
    path("building/report/", head.report, name="building_report"),
    path("building/round/", head_house.walk, name="building_round"),
    path("building/matters/", head_house.matters, name="building_matters"),
    path("notices/", worker.notices, name="notices"),
    path("notices/read/", worker.read_all, name="read_all"),
    path("notices/<int:pk>/", worker.open_notice, name="open_notice"),
    *worker_patterns,
    path("map/", worker_map.own_map, name="map"),
    path("grid/events/", worker_grid.events, name="grid_events"),
    path("me/", worker.me, name="me"),
    path("t/<str:number>/", worker_ticket.ticket, name="ticket"),
    path("t/<str:number>/phone/", worker_ticket.phone, name="phone"),
    path("t/<str:number>/<slug:name>/", worker_ticket.move, name="move"),
]
