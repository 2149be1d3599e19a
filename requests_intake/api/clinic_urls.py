from django.urls import path

from requests_intake.api import clinics

urlpatterns = [
    path("committees/", clinics.CommitteeListView.as_view(), name="committees"),
    path("committees/<int:pk>/change/", clinics.CommitteeChangeView.as_view(), name="committee-change"),
    path("committees/<int:pk>/members/", clinics.CommitteeMembersView.as_view(), name="committee-members"),
    path("committees/<int:pk>/clinics/", clinics.CommitteeClinicsView.as_view(), name="committee-clinics"),
    path("committees/members/<int:pk>/end/", clinics.MemberEndView.as_view(), name="committee-member-end"),
    path("clinics/", clinics.ClinicListView.as_view(), name="clinics"),
    path("clinics/<int:pk>/cancel/", clinics.ClinicCancelView.as_view(), name="clinic-cancel"),
    path("clinics/<int:pk>/bookings/", clinics.ClinicBookingsView.as_view(), name="clinic-bookings"),
    path("clinics/bookings/<int:pk>/", clinics.BookingView.as_view(), name="booking"),
    path("clinics/bookings/<int:pk>/arrived/", clinics.ArrivedView.as_view(), name="booking-arrived"),
    path("clinics/bookings/<int:pk>/missed/", clinics.MissedView.as_view(), name="booking-missed"),
    path("clinics/bookings/<int:pk>/case/", clinics.BookingCaseView.as_view(), name="booking-case"),
    path("clinics/bookings/<int:pk>/cancel/", clinics.BookingCancelView.as_view(), name="booking-cancel"),
]
