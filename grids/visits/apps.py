from django.apps import AppConfig


class VisitsConfig(AppConfig):
    name = "grids.visits"
    verbose_name = "走访"

    def ready(self) -> None:
        from grids.households.events import on_tags_changed
        from grids.visits import (
            duties,  # noqa: F401  (registers with a worker's month)
            following,  # noqa: F401  (plans go along when grids change)
            privacy,  # noqa: F401  (what visits hold of people)
            privacy_care,  # noqa: F401  (what care and contacts hold of people)
        )
        from grids.visits.actions.must import tagged

        on_tags_changed(tagged)
