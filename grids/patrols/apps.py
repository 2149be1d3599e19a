from django.apps import AppConfig


class PatrolsConfig(AppConfig):
    name = "grids.patrols"
    verbose_name = "巡查"

    def ready(self) -> None:
        from grids.patrols import (
            duties,  # noqa: F401  (registers with a worker's month)
            following,  # noqa: F401  (plans go along when grids change)
            points,  # noqa: F401  (registers its switch)
            privacy,  # noqa: F401  (says what is kept for a term)
        )
