from django.apps import AppConfig


class TerritoryConfig(AppConfig):
    name = "grids.territory"
    verbose_name = "网格调整"

    def ready(self) -> None:
        import grids.territory.importing.sheets  # noqa: F401  (one more sheet of the register's workbook)
