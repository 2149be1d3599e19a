from django.apps import AppConfig


class HouseholdsConfig(AppConfig):
    name = "grids.households"
    verbose_name = "住户登记"

    def ready(self) -> None:
        from grids.households import (
            following,  # noqa: F401  (what goes along when grids change)
            privacy,  # noqa: F401  (what the register holds of people)
        )
        from grids.households.importing import sheets  # noqa: F401  (two more sheets of the register's workbook)
