"""The Celery application and the schedule, which lives in code and nowhere else."""

from celery import Celery

app = Celery("governance")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {}
