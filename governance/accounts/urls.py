from django.urls import path

from governance.accounts.views import invitation, notifications, oidc, password, second_factor, sign_in

app_name = "accounts"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/code/", second_factor.sign_in_code, name="sign_in_code"),
    path("sign-in/oidc/", oidc.begin, name="oidc"),
    path("sign-in/oidc/return/", oidc.come_back, name="oidc_return"),
    path("second-factor/", second_factor.second_factor, name="second_factor"),
    path("second-factor/setup/", second_factor.second_factor_setup, name="second_factor_setup"),
    path("second-factor/codes/", second_factor.recovery_codes, name="recovery_codes"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("choose-district/", sign_in.choose_district, name="choose_district"),
    path("account/", sign_in.account, name="account"),
    path("account/notifications/", notifications.preferences, name="notifications"),
    path("home/", sign_in.home, name="home"),
    path("change-password/", password.change_password, name="change_password"),
    path("invitation/", invitation.accept, name="accept_invitation"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
]
