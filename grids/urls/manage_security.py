"""账号安全, under ``/manage/security/``."""

from django.urls import path

from grids.views import manage_security as views

urlpatterns = [
    path("", views.security, name="security"),
    path("<int:pk>/", views.person, name="security_person"),
    path("<int:pk>/unlock/", views.unlock, name="security_unlock"),
    path("<int:pk>/end-sessions/", views.sign_out_everywhere, name="security_end_sessions"),
    path("<int:pk>/reset-second-factor/", views.reset_factor, name="security_reset_factor"),
    path("tokens/<int:pk>/revoke/", views.token_revoke, name="token_revoke"),
]
