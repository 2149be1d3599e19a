from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "governance.privacy"
    label = "privacy"
    verbose_name = "个人信息"

    def ready(self) -> None:
        from governance.privacy import basics, residents  # noqa: F401  (they register what the lower apps hold)
