"""Scheduled work on tickets: the sweep of the clocks and the nightly archive."""

from __future__ import annotations

from celery import shared_task

from governance.kernel.clock import platform_now
from governance.kernel.tasks import districts_with, send_to
from governance.kernel.tenancy.celery import DistrictTask
from requests_intake.actions.archive import archive_finished
from requests_intake.actions.check_clocks import check_clocks
from requests_intake.actions.clinic_bookings import remind_bookings
from requests_intake.actions.draw import prepare_seeds
from requests_intake.actions.follow_up import raise_late_checks
from requests_intake.actions.knowledge import tell_due_reviews
from requests_intake.actions.mediation_end import tell_due as tell_due_of_mediation
from requests_intake.actions.photos import remove_unattached
from requests_intake.actions.proactive import make_due_tasks
from requests_intake.actions.sweep import sweep
from requests_intake.actions.uploads import forget_uploads
from requests_intake.actions.whistle_sweep import sweep_whistles

DUE = """
SELECT d.id FROM kernel_district d WHERE d.is_active AND EXISTS (
    SELECT FROM requests_intake_clock c
    WHERE c.district_id = d.id AND c.stopped_at IS NULL AND c.next_fire_at <= %s)
"""
DUE_WHISTLES = """
SELECT d.id FROM kernel_district d WHERE d.is_active AND EXISTS (
    SELECT FROM requests_intake_whistletarget t WHERE t.district_id = d.id AND t.next_fire_at <= %s)
"""


LATE_CHECKS = """
SELECT d.id FROM kernel_district d WHERE d.is_active AND EXISTS (
    SELECT FROM requests_intake_followup f
    WHERE f.district_id = d.id AND f.kind = 'check' AND f.ended_at IS NULL AND f.due_at < %s AND f.level <> 'district')
"""


class SweepTask(DistrictTask):
    """Commits batch by batch: one transaction around all of them would hold every lock to the end."""

    abstract = True
    opens_transaction = False


@shared_task(name="requests_intake.sweep_district", base=SweepTask)
def sweep_district() -> int:
    """Fire every due clock of one district."""
    return sweep()


@shared_task(name="requests_intake.due_districts")
def due_districts() -> int:
    """Ask, as ``gov_sweep``, which districts have due clocks, and send one sweep to each."""
    return send_to(sweep_district, districts_with(DUE, [platform_now()]))


@shared_task(name="requests_intake.sweep_whistles", base=SweepTask)
def sweep_whistles_of_district() -> int:
    """Fire every due limit of the whistles of one district."""
    return sweep_whistles()


@shared_task(name="requests_intake.due_whistles")
def due_whistles() -> int:
    """Ask, as ``gov_sweep``, which districts have whistles at a limit, and send one sweep to each."""
    return send_to(sweep_whistles_of_district, districts_with(DUE_WHISTLES, [platform_now()]))


@shared_task(name="requests_intake.archive_finished", base=DistrictTask)
def archive_finished_tickets() -> int:
    """归档 what has been finished long enough that nobody can reopen it."""
    return archive_finished()


@shared_task(name="requests_intake.remove_abandoned_photos", base=DistrictTask)
def remove_abandoned_photos() -> int:
    """Delete photos of forms that were never sent, and uploads that broke off and were never taken up again."""
    return forget_uploads() + remove_unattached()


@shared_task(name="requests_intake.tell_due_reviews", base=DistrictTask)
def tell_due_answers() -> int:
    """Remind the keeping organizations of articles whose review date has come."""
    return tell_due_reviews()


@shared_task(name="requests_intake.raise_late_checks", base=DistrictTask)
def raise_checks() -> int:
    """Hand one level up what nobody looked at in time."""
    return raise_late_checks()


@shared_task(name="requests_intake.due_checks")
def due_checks() -> int:
    """Ask which districts have looks past their limit."""
    return send_to(raise_checks, districts_with(LATE_CHECKS, [platform_now()]))


@shared_task(name="requests_intake.prepare_seeds", base=DistrictTask)
def prepare_draw_seeds() -> int:
    """Publish the commitment of the coming month's draws before the first of them."""
    return prepare_seeds()


@shared_task(name="requests_intake.check_clocks", base=DistrictTask)
def check_clocks_of_district() -> int:
    """Compare every open clock of one district with its ledger; returns how many differ."""
    return check_clocks().differing


@shared_task(name="requests_intake.make_proactive_tasks", base=DistrictTask)
def make_proactive_tasks() -> int:
    """主动治理: what the season, the hot spots and the repeats of the day call for."""
    return make_due_tasks()


@shared_task(name="requests_intake.remind_clinic_bookings", base=DistrictTask)
def remind_clinic_bookings() -> int:
    """Remind who comes to a clinic tomorrow."""
    return remind_bookings()


@shared_task(name="requests_intake.tell_due_mediation", base=DistrictTask)
def tell_due_mediation() -> int:
    """Remind mediators of what waits in their cases; returns in how many."""
    return tell_due_of_mediation()
