"""The platform: settings, the kernel every app builds on, accounts, and the launcher."""

from governance.celery import app as celery_app

__all__ = ["celery_app"]
