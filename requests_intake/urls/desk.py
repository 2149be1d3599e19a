"""The desk of community, street, department and district centre."""

from django.urls import path

from requests_intake.views import desk, desk_acts, desk_answers, desk_ledgers, desk_new, desk_notices, desk_opened

app_name = "desk"
urlpatterns = [
    path("", desk.inbox, name="inbox"),
    path("new/", desk_new.new, name="new"),
    path("new/hints/", desk_new.hints, name="hints"),
    path("new/done/", desk_new.recorded, name="recorded"),
    path("places/", desk_new.places, name="places"),
    path("answers/", desk_answers.answers, name="answers"),
    path("answers/new/", desk_answers.write, name="answer_new"),
    path("answers/<int:pk>/", desk_answers.answer, name="answer"),
    path("answers/<int:pk>/edit/", desk_answers.write, name="answer_edit"),
    path("answers/<int:pk>/versions/", desk_answers.versions, name="answer_versions"),
    path("answers/<int:pk>/<slug:name>/", desk_answers.move, name="answer_move"),
    path("ledgers/", desk_ledgers.ledgers, name="ledgers"),
    path("notices/", desk_notices.notices, name="notices"),
    path("notices/read/", desk_notices.read, name="read_notices"),
    path("t/<str:number>/", desk.ticket, name="ticket"),
    path("t/<str:number>/opened/", desk_opened.opened, name="opened"),
    path("t/<str:number>/reveal/", desk_acts.reveal, name="reveal"),
    path("t/<str:number>/<slug:name>/", desk_acts.move, name="move"),
]
