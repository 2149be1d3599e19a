from django.urls import path

from governance.accounts.views import invitation, password, sign_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("choose-district/", sign_in.choose_district, name="choose_district"),
    path("home/", sign_in.home, name="home"),
    path("change-password/", password.change_password, name="change_password"),
    path("invitation/", invitation.accept, name="accept_invitation"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
]
