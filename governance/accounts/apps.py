from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "governance.accounts"
    label = "accounts"
    verbose_name = "账号"

    def ready(self) -> None:
        from governance.accounts import idle  # noqa: F401  (registers its receiver)
