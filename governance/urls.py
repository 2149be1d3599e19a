from django.urls import path

from governance.kernel import views as kernel_views

urlpatterns = [path("healthz", kernel_views.healthz, name="healthz")]
