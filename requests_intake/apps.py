from django.apps import AppConfig


class RequestsIntakeConfig(AppConfig):
    name = "requests_intake"
    verbose_name = "诉求"

    def ready(self) -> None:
        from requests_intake import (
            confidential_ledgers,  # noqa: F401  (registers the lists of restricted matters)
            discipline_lists,  # noqa: F401  (registers its lists)
            duplicate_ledgers,  # noqa: F401  (registers its lists)
            duplicate_subscribers,  # noqa: F401  (tells followers, finds repeats)
            follow_up_ledgers,  # noqa: F401  (registers its lists)
            intake_lists,  # noqa: F401  (registers its ledgers)
            privacy,  # noqa: F401  (says what tickets hold of people)
            privacy_messages,  # noqa: F401  (says what circles hold of people)
            proactive,  # noqa: F401  (registers its list)
            resident_messages,  # noqa: F401  (registers with the outbox and as recipients)
            restricted,  # noqa: F401  (registers its switches)
            subscribers,  # noqa: F401  (registers with the outbox)
            whistle_ledgers,  # noqa: F401  (registers its lists)
            whistle_notices,  # noqa: F401  (registers with the outbox)
            whistle_privacy,  # noqa: F401  (says what whistles hold of people)
        )
