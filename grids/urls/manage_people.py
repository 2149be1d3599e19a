"""Organizations, posts and people; mounted under ``/manage/`` in its namespace."""

from django.urls import path

from grids.views import manage_organizations as organizations
from grids.views import manage_people as people
from grids.views import manage_person

urlpatterns = [
    path("organizations/", organizations.organizations, name="organizations"),
    path("organizations/new/", organizations.organization_new, name="organization_new"),
    path("organizations/vacancies/", organizations.vacancies, name="vacancies"),
    path("organizations/<int:pk>/", organizations.organization, name="organization"),
    path("organizations/<int:pk>/edit/", organizations.organization_edit, name="organization_edit"),
    path("organizations/<int:pk>/posts/new/", organizations.post_new, name="post_new"),
    path("organizations/posts/<int:pk>/rename/", organizations.post_rename, name="post_rename"),
    path("organizations/posts/<int:pk>/end/", organizations.post_end, name="post_end"),
    path("organizations/posts/<int:pk>/assign/", organizations.post_assign, name="post_assign"),
    path("organizations/assignments/<int:pk>/end/", organizations.assignment_end, name="assignment_end"),
    path("people/", people.people, name="people"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/edit/", manage_person.person_edit, name="person_edit"),
    path("people/<int:pk>/invite/", people.person_invite, name="person_invite"),
    path("people/<int:pk>/cancel-invitation/", people.person_cancel_invitation, name="person_cancel_invitation"),
    path("people/<int:pk>/deactivate/", people.person_deactivate, name="person_deactivate"),
    path("people/<int:pk>/reactivate/", people.person_reactivate, name="person_reactivate"),
    path("people/<int:pk>/absences/new/", people.absence_new, name="absence_new"),
    path("people/absences/<int:pk>/end/", people.absence_end, name="absence_end"),
]
