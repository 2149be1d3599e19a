from django.apps import AppConfig


class ServicesConfig(AppConfig):
    name = "services"
    verbose_name = "社区服务"

    def ready(self) -> None:
        from services import subscribers  # noqa: F401  (registers with the outbox)
