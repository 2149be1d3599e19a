from django.apps import AppConfig


class AnalyticsConfig(AppConfig):
    name = "analytics"
    verbose_name = "统计"

    def ready(self) -> None:
        from analytics import restricted, subscribers  # noqa: F401  (register a switch, and with the outbox)
