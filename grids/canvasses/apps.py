from django.apps import AppConfig


class CanvassesConfig(AppConfig):
    name = "grids.canvasses"
    verbose_name = "专项摸排"

    def ready(self) -> None:
        from grids.canvasses import (
            following,  # noqa: F401  (places and answers go along when grids change)
            privacy,  # noqa: F401  (what answers hold of people)
        )
