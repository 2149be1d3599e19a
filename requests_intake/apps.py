from django.apps import AppConfig


class RequestsIntakeConfig(AppConfig):
    name = "requests_intake"
    verbose_name = "诉求"

    def ready(self) -> None:
        from requests_intake import (
            clinic_ledgers,  # noqa: F401  (registers its lists)
            confidential_ledgers,  # noqa: F401  (registers the lists of restricted matters)
            discipline_lists,  # noqa: F401  (registers its lists)
            duplicate_ledgers,  # noqa: F401  (registers its lists)
            duplicate_subscribers,  # noqa: F401  (tells followers, finds repeats)
            duties,  # noqa: F401  (registers with a worker's month)
            follow_up_ledgers,  # noqa: F401  (registers its lists)
            grid_changes,  # noqa: F401  (what goes along when grids change)
            grid_ledgers,  # noqa: F401  (registers its list)
            helper_notices,  # noqa: F401  (registers with the outbox)
            household_ledgers,  # noqa: F401  (registers its list)
            intake_lists,  # noqa: F401  (registers its ledgers)
            mediation_privacy,  # noqa: F401  (says what mediation holds of people)
            patrol_ledgers,  # noqa: F401  (registers its list)
            post_ledgers,  # noqa: F401  (registers its lists)
            privacy,  # noqa: F401  (says what tickets hold of people)
            privacy_clinics,  # noqa: F401  (says what clinic bookings hold of people)
            privacy_messages,  # noqa: F401  (says what circles hold of people)
            proactive,  # noqa: F401  (registers its list)
            resident_messages,  # noqa: F401  (registers with the outbox and as recipients)
            restricted,  # noqa: F401  (registers its switches)
            subscribers,  # noqa: F401  (registers with the outbox)
            whistle_ledgers,  # noqa: F401  (registers its lists)
            whistle_notices,  # noqa: F401  (registers with the outbox)
            whistle_privacy,  # noqa: F401  (says what whistles hold of people)
        )
