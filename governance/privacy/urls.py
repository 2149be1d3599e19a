"""People's data; mounted under ``/manage/`` in its namespace."""

from django.urls import path

from governance.privacy.views import openings, requests, terms

urlpatterns = [
    path("data/", terms.home, name="people_data"),
    path("data/requests/", requests.person_requests, name="person_requests"),
    path("data/requests/new/", requests.person_request_new, name="person_request_new"),
    path("data/requests/<int:pk>/", requests.person_request, name="person_request"),
    path("data/requests/<int:pk>/copy/", requests.person_request_copy, name="person_request_copy"),
    path("data/requests/<int:pk>/correct/", requests.person_request_correct, name="person_request_correct"),
    path("data/requests/<int:pk>/erase/", requests.person_request_erase, name="person_request_erase"),
    path("data/requests/<int:pk>/refuse/", requests.person_request_refuse, name="person_request_refuse"),
    path("data/requests/<int:pk>/phone/", requests.person_request_phone, name="person_request_phone"),
    path("data/terms/", terms.term_list, name="terms"),
    path("data/terms/<slug:code>/", terms.term, name="term"),
    path("data/holds/", terms.holds, name="holds"),
    path("data/holds/new/", terms.hold_new, name="hold_new"),
    path("data/holds/<int:pk>/lift/", terms.hold_lift, name="hold_lift"),
    path("data/certificates/", terms.certificate_list, name="certificates"),
    path("data/certificates/<int:pk>/", terms.certificate, name="certificate"),
    path("data/openings/", openings.allowances, name="allowances"),
    path("data/openings/<int:pk>/allow/", openings.allowance_new, name="allowance_new"),
    path("disclosures/", openings.disclosures, name="disclosures"),
    path("feedback/<int:pk>/contact/", openings.feedback_contact, name="feedback_contact"),
]
