from django.apps import AppConfig


class DesksConfig(AppConfig):
    name = "requests_intake.desks"
    verbose_name = "工作台"
