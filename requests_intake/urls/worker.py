"""The phones of the grid worker and of the heads of buildings and units, under /m/."""

from django.urls import path

from requests_intake.urls.whistle import worker_patterns
from requests_intake.views import bulk, head, worker, worker_report, worker_ticket

app_name = "worker"
urlpatterns = [
    path("", worker.home, name="home"),
    path("tickets/", worker.tickets, name="tickets"),
    path("report/", worker_report.report, name="report"),
    path("report/guess/", worker_report.guess, name="guess"),
    path("bulk/", bulk.phone, name="bulk"),
    path("building/", head.home, name="building"),
    path("building/report/", head.report, name="building_report"),
    path("notices/", worker.notices, name="notices"),
    path("notices/read/", worker.read_all, name="read_all"),
    path("notices/<int:pk>/", worker.open_notice, name="open_notice"),
    *worker_patterns,
    path("me/", worker.me, name="me"),
    path("t/<str:number>/", worker_ticket.ticket, name="ticket"),
    path("t/<str:number>/phone/", worker_ticket.phone, name="phone"),
    path("t/<str:number>/<slug:name>/", worker_ticket.move, name="move"),
]
