"""Public pages of a district, and the photos of tickets."""

from django.urls import path

from requests_intake.views import (
    attachments,
    resident,
    resident_answers,
    resident_confidential,
    resident_login,
    resident_offices,
    resident_privacy,
    resident_rate,
    resident_report,
    resident_track,
)

app_name = "resident"
urlpatterns = [
    path("", resident.home, name="home"),
    path("login/", resident_login.login, name="login"),
    path("login/code/", resident_login.login_code, name="login_code"),
    path("login/again/", resident_login.login_again, name="login_again"),
    path("login/out/", resident_login.logout, name="logout"),
    path("mine/", resident_login.mine, name="mine"),
    path("privacy/", resident_offices.privacy, name="privacy"),
    path("my-data/", resident_privacy.my_data, name="my_data"),
    path("consent/", resident_offices.consent, name="consent"),
    path("feedback/", resident_offices.feedback, name="feedback"),
    path("feedback/answer/", resident_offices.answer, name="feedback_answer"),
    path("answers/", resident_answers.answers, name="answers"),
    path("answers/helped/", resident_answers.helped, name="answer_helped"),
    path("answers/<int:pk>/", resident_answers.answer, name="answer"),
    path("report/", resident_report.report, name="report"),
    path("report/hints/", resident_report.hints, name="report_hints"),
    path("report/places/", resident_report.places, name="report_places"),
    path("report/buildings/", resident_report.buildings, name="report_buildings"),
    path("tip/", resident_confidential.tip, name="tip"),
    path("letter/", resident_confidential.letter, name="letter"),
    path("t/<str:number>/write/", resident_confidential.write, name="letter_write"),
    path("t/<str:number>/consent/", resident_confidential.consent, name="letter_consent"),
    path("done/<str:number>/", resident_report.done, name="done"),
    path("track/", resident_track.track, name="track"),
    path("t/<str:number>/", resident_track.ticket, name="ticket"),
    path("t/<str:number>/opened/", resident_privacy.opened, name="opened"),
    path("t/<str:number>/rate/", resident_track.rate, name="rate"),
    path("t/<str:number>/explain/", resident_track.explain, name="explain"),
    path("t/<str:number>/withdraw/", resident_track.withdraw, name="withdraw"),
    path("t/<str:number>/reopen/", resident_track.reopen, name="reopen"),
    path("r/<str:token>/", resident_rate.rate_link, name="rate_link"),
    path("photo/<int:pk>/", attachments.photo, name="attachment"),
    path("photo/<int:pk>/thumb/", attachments.photo, {"thumbnail": True}, name="attachment_thumbnail"),
]
