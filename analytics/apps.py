from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "analytics"
    verbose_name = "统计"

    def ready(self) -> None:
        from analytics import subscribers  # noqa: F401  (registers with the outbox)
