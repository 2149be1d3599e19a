from django.urls import path

from grids.canvasses.api import canvasses as views

urlpatterns = [
    path("canvasses/", views.CanvassesView.as_view(), name="canvasses"),
    path("canvasses/<int:pk>/", views.CanvassView.as_view(), name="canvass"),
    path("canvasses/<int:pk>/change/", views.ChangeView.as_view(), name="canvass-change"),
    path("canvasses/<int:pk>/discard/", views.DiscardView.as_view(), name="canvass-discard"),
    path("canvasses/<int:pk>/fields/", views.FieldAddView.as_view(), name="canvass-fields"),
    path("canvass-fields/<int:pk>/remove/", views.FieldRemoveView.as_view(), name="canvass-field-remove"),
    path("canvasses/<int:pk>/slots/", views.SlotAddView.as_view(), name="canvass-slots"),
    path("canvass-slots/<int:pk>/remove/", views.SlotRemoveView.as_view(), name="canvass-slot-remove"),
    path("canvasses/<int:pk>/start/", views.StartView.as_view(), name="canvass-start"),
    path("canvasses/<int:pk>/end/", views.EndView.as_view(), name="canvass-end"),
    path("canvasses/<int:pk>/erase/", views.EraseView.as_view(), name="canvass-erase"),
    path("canvasses/<int:pk>/households/", views.CanvassHouseholdsView.as_view(), name="canvass-households"),
    path("canvasses/<int:pk>/households/<int:home>/", views.CanvassAnswerView.as_view(), name="canvass-answer"),
    path("canvass-answers/<int:pk>/withdraw/", views.WithdrawView.as_view(), name="canvass-answer-withdraw"),
]
