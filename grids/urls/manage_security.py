"""账号安全 and 审计记录, under ``/manage/``."""

from django.urls import path

from grids.views import manage_audit, manage_security

urlpatterns = [
    path("security/", manage_security.security, name="security"),
    path("security/<int:pk>/", manage_security.person, name="security_person"),
    path("security/<int:pk>/unlock/", manage_security.unlock, name="security_unlock"),
    path("security/<int:pk>/end-sessions/", manage_security.sign_out_everywhere, name="security_end_sessions"),
    path("security/<int:pk>/reset-second-factor/", manage_security.reset_factor, name="security_reset_factor"),
    path("security/tokens/<int:pk>/revoke/", manage_security.token_revoke, name="token_revoke"),
    path("audit/", manage_audit.log, name="audit"),
    path("audit/export/", manage_audit.export, name="audit_export"),
]
