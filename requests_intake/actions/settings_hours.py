"""The district's working hours (SLA D.1). Deadlines already given are stored and never move."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.calendar import HoursFrom
from governance.kernel.calendar_store import work_calendar
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.models import District, WorkHours
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import current_district
from governance.kernel.work_hours import HoursPlan

FURTHEST = timedelta(days=366)


def check_start(starts_on: date) -> None:
    """New hours begin tomorrow at the earliest: the hours of a day that has begun are not changed under people's feet.

    Raises ``Invalid`` ``bad_start``.
    """
    today = clock.today()
    if starts_on <= today:
        sentence = _("最早从明天开始；今天和以前的工作时间不能再改。")
    elif starts_on > today + FURTHEST:
        sentence = _("最晚定到一年以内。")
    else:
        return
    raise Invalid("bad_start", sentence, fields={"starts_on": [sentence]})


def changes_nothing(plan: HoursPlan, starts_on: date) -> bool:
    """Whether from that day on everything is as it would be anyway."""
    calendar = work_calendar()
    if any(version.since >= starts_on for version in calendar.versions):
        return False
    now = calendar.versions[-1] if calendar.versions else HoursFrom(starts_on, calendar.hours, calendar.seasons)
    return (now.hours, now.seasons) == (plan.hours, plan.seasons)


@transaction.atomic
def set_work_hours(plan: HoursPlan, *, starts_on: date, note: str, actor: Actor) -> WorkHours:
    """A new version of the hours from a day on; what was planned for that day or later no longer begins.

    Clocks that run keep their deadlines and stages; limits that begin from now on are reckoned with it, as far as they
    reach into its days. Raises ``NotAllowed``, ``Invalid`` and ``DomainError`` ``unchanged``.
    """
    require_administrator(actor)
    check_start(starts_on)
    # The district's row is the lock: two administrators must not make the same version.
    District.objects.select_for_update().get(pk=current_district().pk)
    if changes_nothing(plan, starts_on):
        raise DomainError("unchanged", _("和现在的工作时间一样，没有改动。"))
    last = WorkHours.objects.order_by("-version").values_list("version", flat=True).first() or 0
    made = WorkHours.objects.create(
        version=last + 1,
        starts_on=starts_on,
        hours=plan.hours_json(),
        seasons=plan.seasons_json(),
        note=note.strip()[:200],
        made_at=clock.now(),
    )
    audit.record(
        "settings.hours", actor=actor, object_kind="work_hours", object_id=made.pk,
        version=made.version, starts_on=starts_on.isoformat(), **plan.as_json(),
    )  # fmt: skip
    bump_reference()
    return made
