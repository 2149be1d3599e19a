from django.urls import include, path, register_converter

from requests_intake.api import (
    answers,
    bulk,
    campaigns,
    circles,
    clinic_urls,
    clocks,
    confidential,
    discipline,
    duplicates,
    follow_ups,
    helpers,
    maps,
    mediation,
    moves,
    pressing,
    proactive,
    public,
    reviews,
    routing,
    uploads,
    views,
    whistle_urls,
)


class TicketNumber:
    """``260924-00173``, see ``requests_intake.numbering``. Anything else is no address."""

    regex = r"[0-9]{6}-[0-9]{5,12}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(TicketNumber, "ticket_number")

_MOVES = {
    "accept": moves.AcceptView,
    "reject": moves.RejectView,
    "dispatch": moves.DispatchView,
    "sign": moves.SignView,
    "contact": moves.ContactView,
    "arrive": moves.ArriveView,
    "control-danger": moves.ControlDangerView,
    "report-danger": moves.ReportDangerView,
    "tell-plan": moves.TellPlanView,
    "assign": moves.AssignView,
    "escalate": moves.EscalateView,
    "resolve": moves.ResolveView,
    "solve-on-site": moves.SolveOnSiteView,
    "verify": moves.VerifyView,
    "rework": moves.ReworkView,
    "return-visit": moves.ReturnVisitView,
    "close": moves.CloseView,
    "reopen": moves.ReopenView,
    "relocate": moves.RelocateView,
    "classify": moves.ClassifyView,
    "archive": moves.ArchiveView,
    "merge": duplicates.MergeView,
    "unmerge": duplicates.UnmergeView,
    "split": duplicates.SplitView,
    "mediate": mediation.MediateView,
    "call-helper": helpers.CallHelperView,
    "order-again": reviews.OrderAgainView,
    "review-up": reviews.ReviewUpView,
    "ask-unreasonable": reviews.AskUnreasonableView,
    "judge-unreasonable": reviews.JudgeUnreasonableView,
    **discipline.MOVES,
    **confidential.MOVES,
}

urlpatterns = [
    *whistle_urls.urlpatterns,
    path("tickets/", views.TicketListView.as_view(), name="tickets"),
    path("map/tickets/", maps.TicketMapView.as_view(), name="map-tickets"),
    path("tickets/bulk/", bulk.BulkView.as_view(), name="tickets-bulk"),
    path("tickets/<ticket_number:number>/", views.TicketView.as_view(), name="ticket"),
    path("tickets/<ticket_number:number>/clocks/", clocks.ClocksView.as_view(), name="ticket-clocks"),
    path("tickets/<ticket_number:number>/photos/<int:pk>/", views.PhotoView.as_view(), name="photo"),
    *[
        path(f"tickets/<ticket_number:number>/{name}/", view.as_view(), name=f"ticket-{name}")
        for name, view in _MOVES.items()
    ],
    path("campaigns/", campaigns.CampaignListView.as_view(), name="campaigns"),
    path("campaigns/<int:pk>/tickets/", campaigns.CampaignTicketsView.as_view(), name="campaign-tickets"),
    path("campaigns/<int:pk>/reports/", campaigns.CampaignReportView.as_view(), name="campaign-reports"),
    path("proactive/", proactive.TaskListView.as_view(), name="proactive"),
    *[
        path(f"proactive/<int:pk>/{name}/", view.as_view(), name=f"proactive-{name}")
        for name, view in proactive.MOVES.items()
    ],
    path("routing/rules/", routing.RulesView.as_view(), name="routing-rules"),
    path("routing/simulate/", routing.SimulateView.as_view(), name="routing-simulate"),
    path("tickets/<ticket_number:number>/duplicates/", duplicates.DuplicatesView.as_view(), name="ticket-duplicates"),
    path("tickets/<ticket_number:number>/claim-visit/", follow_ups.ClaimView.as_view(), name="ticket-claim-visit"),
    path(
        "tickets/<ticket_number:number>/release-visit/", follow_ups.ReleaseView.as_view(), name="ticket-release-visit"
    ),
    path("applications/", pressing.ApplicationListView.as_view(), name="applications"),
    path("supervisions/", pressing.SupervisionListView.as_view(), name="supervisions"),
    path("circulars/", pressing.CircularsView.as_view(), name="circulars"),
    path("circulars/<int:pk>/withdraw/", pressing.CircularWithdrawView.as_view(), name="circular-withdraw"),
    path("uploads/", uploads.UploadsView.as_view(), name="uploads"),
    path("uploads/<uuid:key>/", uploads.UploadView.as_view(), name="upload"),
    path("uploads/<uuid:key>/finish/", uploads.UploadFinishView.as_view(), name="upload-finish"),
    path("checks/", follow_ups.CheckListView.as_view(), name="checks"),
    path("visits/", follow_ups.VisitListView.as_view(), name="visits"),
    path("draws/", follow_ups.DrawListView.as_view(), name="draws"),
    *clinic_urls.urlpatterns,
    path("circles/<int:pk>/", circles.CircleView.as_view(), name="circle"),
    path("circles/messages/<int:pk>/answer/", circles.CircleAnswerView.as_view(), name="circle-answer"),
    path("circles/messages/<int:pk>/hide/", circles.CircleHideView.as_view(), name="circle-hide"),
    path("circles/messages/<int:pk>/show/", circles.CircleShowView.as_view(), name="circle-show"),
    path("circles/messages/<int:pk>/ticket/", circles.CircleTicketView.as_view(), name="circle-ticket"),
    path("mediation/", mediation.CaseListView.as_view(), name="mediation-cases"),
    path("mediation/figures/", mediation.FiguresView.as_view(), name="mediation-figures"),
    path("mediation/<ticket_number:number>/", mediation.CaseView.as_view(), name="mediation-case"),
    path("mediation/<ticket_number:number>/take-over/", mediation.TakeOverView.as_view(), name="mediation-take-over"),
    *[
        path(f"mediation/<ticket_number:number>/{name}/", view.as_view(), name=f"mediation-{name}")
        for name, view in mediation.ACTS.items()
    ],
    path("tickets/<ticket_number:number>/circle/", confidential.CircleView.as_view(), name="ticket-circle"),
    path(
        "tickets/<ticket_number:number>/circle/<int:pk>/end/",
        confidential.CircleEndView.as_view(),
        name="ticket-circle-end",
    ),
    path("tickets/<ticket_number:number>/openings/", confidential.OpeningsView.as_view(), name="ticket-openings"),
    path("letters/", confidential.LetterListView.as_view(), name="letters"),
    path("categories/", views.CategoryListView.as_view(), name="categories"),
    path("public/answers/", answers.AnswerListView.as_view(), name="public-answers"),
    path("public/answers/<int:pk>/", answers.AnswerView.as_view(), name="public-answer"),
    path("public/letters/", confidential.PublicLetterView.as_view(), name="public-letters"),
    path("public/tickets/", public.PublicReportView.as_view(), name="public-tickets"),
    path(
        "public/tickets/<ticket_number:number>/",
        include(
            [
                path("", public.FollowView.as_view(), name="public-ticket"),
                path("rate/", public.RateView.as_view(), name="public-ticket-rate"),
                path("withdraw/", public.WithdrawView.as_view(), name="public-ticket-withdraw"),
                path("write/", confidential.WriteBackView.as_view(), name="public-ticket-write"),
                path("consent/", confidential.AnswerConsentView.as_view(), name="public-ticket-consent"),
                path("reopen/", public.PublicReopenView.as_view(), name="public-ticket-reopen"),
            ]
        ),
    ),
]
