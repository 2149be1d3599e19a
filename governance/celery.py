"""The Celery application and the schedule, which lives in code and nowhere else."""

from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init, worker_init

# DJANGO_SETTINGS_MODULE is not set here: the package imports this file, and launcher and manage.py choose their own.
app = Celery("governance")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# Every entry only asks the database what is due: a missed or doubled beat costs nothing.
app.conf.beat_schedule = {
    "due-districts": {"task": "requests_intake.due_districts", "schedule": 15.0, "options": {"expires": 60}},
    "due-whistles": {"task": "requests_intake.due_whistles", "schedule": 15.0, "options": {"expires": 60}},
    "due-checks": {"task": "requests_intake.due_checks", "schedule": 60.0, "options": {"expires": 120}},
    "due-outboxes": {"task": "kernel.due_outboxes", "schedule": 15.0, "options": {"expires": 60}},
    "due-folds": {"task": "analytics.due_folds", "schedule": 5.0, "options": {"expires": 30}},
    "due-imports": {"task": "grids.due_imports", "schedule": 30.0, "options": {"expires": 60}},
    "due-notifications": {"task": "accounts.due_notifications", "schedule": 15.0, "options": {"expires": 60}},
    "due-seals": {"task": "kernel.due_seals", "schedule": 10.0, "options": {"expires": 60}},
    "nightly": {"task": "kernel.nightly", "schedule": crontab(hour=2, minute=30)},
}


@worker_init.connect
@beat_init.connect
def _refuse_unsafe_start(**kwargs: Any) -> None:
    from governance.kernel.tenancy.guard import refuse_unsafe_start

    refuse_unsafe_start()
