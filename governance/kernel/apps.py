from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "governance.kernel"
    label = "kernel"
    verbose_name = "内核"

    def ready(self) -> None:
        from governance.kernel import calendar_store, checks  # noqa: F401  (registers system checks)
        from governance.kernel.tenancy import celery  # noqa: F401  (connects the task signals)

        calendar_store.connect()
