"""The desk of community, street, department and district centre."""

from django.urls import path

from requests_intake.views import (
    desk,
    desk_acts,
    desk_answers,
    desk_campaigns,
    desk_clocks,
    desk_ledgers,
    desk_new,
    desk_notices,
    desk_opened,
    desk_paper,
)

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
    path("campaigns/", desk_campaigns.campaigns, name="campaigns"),
    path("campaigns/new/", desk_campaigns.edit, name="campaign_new"),
    path("campaigns/reports/<int:pk>/", desk_campaigns.batch_report, name="batch_report"),
    path("campaigns/<int:pk>/", desk_campaigns.campaign, name="campaign"),
    path("campaigns/<int:pk>/edit/", desk_campaigns.edit, name="campaign_edit"),
    path("campaigns/<int:pk>/label/", desk_campaigns.label, name="campaign_label"),
    path("campaigns/<int:pk>/report/", desk_campaigns.report_new, name="campaign_report"),
    path("campaigns/<int:pk>/export/", desk_campaigns.export, name="campaign_export"),
    path("campaigns/<int:pk>/off/<str:number>/", desk_campaigns.unlabel, name="campaign_unlabel"),
    path("ledgers/", desk_ledgers.ledgers, name="ledgers"),
    path("notices/", desk_notices.notices, name="notices"),
    path("notices/read/", desk_notices.read, name="read_notices"),
    path("t/<str:number>/clocks/", desk_clocks.clocks, name="clocks"),
    path("t/<str:number>/", desk.ticket, name="ticket"),
    path("paper/", desk_paper.blank, name="paper"),
    path("t/<str:number>/slip/", desk_paper.slip, name="slip"),
    path("t/<str:number>/opened/", desk_opened.opened, name="opened"),
    path("t/<str:number>/reveal/", desk_acts.reveal, name="reveal"),
    path("t/<str:number>/<slug:name>/", desk_acts.move, name="move"),
]
