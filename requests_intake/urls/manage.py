"""Rules of the district, below ``/manage/`` (namespace ``manage``, mounted by ``analytics.manage.urls``)."""

from django.urls import path

from requests_intake.views import desk_clocks, manage_channels, manage_hours, manage_rules, manage_whistle, manage_words

urlpatterns = [
    path("path/", manage_rules.path, name="path"),
    path("calendar/", manage_rules.calendar, name="calendar"),
    path("calendar/<int:pk>/remove/", manage_rules.remove_day, name="remove_day"),
    path("hours/", manage_hours.hours, name="hours"),
    path("limits/", manage_rules.policy, name="policy"),
    path("whistle/", manage_whistle.limits, name="whistle"),
    path("categories/", manage_words.categories, name="categories"),
    path("categories/new/", manage_words.new_category, name="new_category"),
    path("categories/<int:pk>/", manage_words.category, name="category"),
    path("clocks/", desk_clocks.checks, name="clocks"),
    path("channels/", manage_channels.channels, name="channels"),
    path("phrases/", manage_words.phrases, name="phrases"),
]
