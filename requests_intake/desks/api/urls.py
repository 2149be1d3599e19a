from django.urls import path

from requests_intake.desks.api import kept

urlpatterns = [
    path("desk/views/", kept.SavedViewListView.as_view(), name="saved-views"),
    path("desk/views/<int:pk>/", kept.SavedViewView.as_view(), name="saved-view"),
    path("desk/views/<int:pk>/drop/", kept.SavedViewDropView.as_view(), name="saved-view-drop"),
    path("desk/phrases/", kept.SavedPhraseListView.as_view(), name="saved-phrases"),
    path("desk/phrases/<int:pk>/", kept.SavedPhraseView.as_view(), name="saved-phrase"),
    path("desk/phrases/<int:pk>/drop/", kept.SavedPhraseDropView.as_view(), name="saved-phrase-drop"),
]
