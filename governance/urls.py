"""Every address of the platform. A district's pages also answer under ``/d/<code>/`` (DistrictPathMiddleware)."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from governance.kernel import gallery, handbook, modes
from governance.kernel import views as kernel_views

handler400 = kernel_views.bad_request
handler403 = kernel_views.forbidden
handler404 = kernel_views.not_found
handler500 = kernel_views.server_error

urlpatterns = [
    path("healthz", kernel_views.healthz, name="healthz"),
    path("", include(modes.urlpatterns)),
    path("", include(gallery.urlpatterns)),
    # One door for everybody, with its lock-out and its second factor.
    path("admin/login/", RedirectView.as_view(pattern_name="accounts:sign_in", query_string=True), name="admin-login"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("governance.api_urls")),
    path("board/", include("analytics.urls")),
    path("desk/announcements/", include("services.urls.desk")),
    path("desk/territory/", include("grids.territory.urls.desk")),
    path("desk/households/", include("grids.households.urls.desk")),
    path("desk/posts/", include("grids.posts.urls.desk")),
    path("desk/home-visits/", include("grids.visits.urls.desk")),
    path("desk/canvasses/", include("grids.canvasses.urls.desk")),
    path("desk/", include("requests_intake.urls.desk")),
    path("m/announcements/", include("services.urls.worker")),
    path("desk/patrols/", include("grids.patrols.urls.desk")),
    path("m/patrols/", include("grids.patrols.urls.phone")),
    path("m/households/", include("grids.households.urls.phone")),
    path("m/posts/", include("grids.posts.urls.phone")),
    path("m/visits/", include("grids.visits.urls.phone")),
    path("m/canvasses/", include("grids.canvasses.urls.phone")),
    path("talk/", include("requests_intake.urls.talk")),
    path("m/", include("requests_intake.urls.worker")),
    path("manage/", include("analytics.manage.urls")),
    path("setup/", include("analytics.setup.urls")),
    path("help/", include(handbook)),
    path("", include("governance.accounts.urls")),
    path("", include("services.urls.resident")),
    path("", include("requests_intake.urls.resident")),
]
