"""Coverage for the district's administrator, under /manage/coverage/."""

from django.urls import path

from grids.posts.views import coverage, lines

urlpatterns = [
    path("coverage/", coverage.manage_coverage, name="coverage"),
    path("business-lines/", lines.business_lines, name="business_lines"),
]
