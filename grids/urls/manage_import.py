"""Import of the register, below ``/manage/import/``."""

from django.urls import path

from grids.views import manage_import

urlpatterns = [
    path("", manage_import.imports, name="imports"),
    path("template/<slug:kind>.xlsx", manage_import.import_template, name="import_template"),
    path("<int:pk>/", manage_import.register_import, name="import"),
    path("<int:pk>/rows.xlsx", manage_import.import_report, {"ending": "xlsx"}, name="import_report"),
    path("<int:pk>/rows.csv", manage_import.import_report, {"ending": "csv"}, name="import_report_csv"),
    path("<int:pk>/start/", manage_import.act, {"verb": "start"}, name="import_start"),
    path("<int:pk>/resume/", manage_import.act, {"verb": "resume"}, name="import_resume"),
    path("<int:pk>/undo/", manage_import.confirm_undo, name="import_undo"),
    path("<int:pk>/undo/now/", manage_import.act, {"verb": "undo"}, name="import_undo_now"),
]
