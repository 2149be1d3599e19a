"""The rules a district sets for itself: way up, days, limits. Promises already given are never touched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from governance.accounts.policies import require_administrator
from governance.kernel import audit, clock
from governance.kernel.actors import Actor
from governance.kernel.errors import DomainError, Invalid
from governance.kernel.models import CalendarDay, CalendarYear, District
from governance.kernel.reference import bump_reference
from governance.kernel.tenancy.context import current_district
from requests_intake import routing, sla
from requests_intake.models import LimitPolicy


@transaction.atomic
def set_escalation_path(levels: Sequence[str], *, actor: Actor) -> District:
    """Which levels a matter goes through on its way up; open orders stay where they are and go on by the new way.

    Raises ``NotAllowed`` and ``Invalid`` ``bad_path`` (``routing.check_path``; departments lie beside the way).
    """
    require_administrator(actor)
    district = current_district()
    try:
        path = list(routing.check_path(levels))
    except routing.RoutingError as error:
        raise Invalid("bad_path", _("路径要从下往上，每级只出现一次，最后一级必须是区。")) from error
    if "department" in path:
        raise Invalid("bad_path", _("部门由街道或区派单，不在上报路径里。"))
    before = list(district.escalation_path)
    if path == before:
        raise DomainError("unchanged", _("和现在的路径一样，没有改动。"))
    district.escalation_path = path
    district.save(update_fields=["escalation_path"])
    audit.record("settings.path", actor=actor, before=before, after=path)
    bump_reference()
    return district


@dataclass(frozen=True)
class DayLine:
    day: date
    works: bool
    name: str


def read_days(text: str) -> list[DayLine]:
    """Lines ``2027-02-08,休,春节`` or ``2027-02-14 班 调休``. Raises ``Invalid`` naming the first wrong line."""
    found: dict[date, DayLine] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        parts = line.replace("，", ",").replace(",", " ").split(maxsplit=2)
        if not parts:
            continue
        try:
            day = date.fromisoformat(parts[0].replace("/", "-"))
            works = {"休": False, "班": True}[parts[1]]
        except (ValueError, KeyError, IndexError):
            raise _bad_line(number, _("要写成“2027-02-08,休,春节”或“2027-02-14,班,调休”")) from None
        if day in found:
            raise _bad_line(number, _("{day} 重复了").format(day=day))
        found[day] = DayLine(day, works, parts[2][:30] if len(parts) > 2 else "")
    if not found:
        raise Invalid("no_days", _("还没有填日期。"), fields={"lines": [_("还没有填日期。")]})
    return [found[day] for day in sorted(found)]


def _bad_line(number: int, what: str) -> Invalid:
    sentence = _("第 {number} 行：{what}。").format(number=number, what=what)
    return Invalid("bad_line", sentence, fields={"lines": [sentence]})


@transaction.atomic
def set_calendar_days(lines: Iterable[DayLine], *, whole_year: int | None = None, actor: Actor) -> int:
    """Enter the district's own days; a day entered before is replaced. Running clocks keep their deadlines.

    ``whole_year``: the lines are the published schedule of that year, which then counts as published here; all of
    them must lie in it. Returns how many days were entered. Raises ``NotAllowed`` and ``Invalid``.
    """
    require_administrator(actor)
    days = list(lines)
    if whole_year is not None:
        outside = [row.day for row in days if row.day.year != whole_year]
        if outside:
            sentence = _("{day} 不在 {year} 年。").format(day=outside[0], year=whole_year)
            raise Invalid("outside_year", sentence, fields={"lines": [sentence]})
        if all(row.works for row in days):
            sentence = _("全年安排里至少要有一天放假。")
            raise Invalid("no_holiday", sentence, fields={"lines": [sentence]})
        CalendarYear.objects.get_or_create(year=whole_year)
    for row in days:
        CalendarDay.objects.update_or_create(day=row.day, defaults={"works": row.works, "name": row.name})
    audit.record("settings.calendar", actor=actor, count=len(days), year=whole_year, first=days[0].day.isoformat())
    bump_reference()
    return len(days)


@transaction.atomic
def remove_calendar_day(row: CalendarDay, *, actor: Actor) -> None:
    """The national calendar holds again on that day. Raises ``NotAllowed``."""
    require_administrator(actor)
    audit.record("settings.calendar_remove", actor=actor, day=row.day.isoformat(), works=row.works)
    row.delete()
    bump_reference()


@transaction.atomic
def set_limit_policy(
    document: dict[str, Any], *, note: str = "", valid_from: datetime | None = None, actor: Actor
) -> LimitPolicy:
    """A new version of the time limits for promises given from a moment on (now by default).

    Promises given before keep their version and their time (SLA D.1). Raises ``NotAllowed``, ``Invalid`` with the place
    in the document as the field, and ``DomainError`` ``unchanged``.
    """
    require_administrator(actor)
    try:
        sla.Policy.from_json(document)
    except sla.PolicyError as error:
        raise Invalid("bad_policy", policy_sentence(error), fields={error.path: [policy_sentence(error)]}) from error
    now = clock.now()
    start = valid_from or now
    if start < now:
        raise Invalid("in_the_past", _("新时限不能从过去开始。"), fields={"starts_on": [_("请选今天以后的日期。")]})
    # The district's row is the lock: two administrators must not make the same version.
    District.objects.select_for_update().get(pk=current_district().pk)
    newest = LimitPolicy.objects.order_by("-version").first()
    if newest is not None and newest.document == document:
        raise DomainError("unchanged", _("和现在的时限一样，没有改动。"))
    last = LimitPolicy.objects.aggregate(last=Max("version"))["last"] or 0
    made = LimitPolicy.objects.create(version=last + 1, document=document, valid_from=start, note=note.strip()[:200])
    audit.record("settings.limits", actor=actor, object_kind="limit_policy", object_id=made.pk, version=made.version)
    bump_reference()
    return made


def policy_sentence(error: sla.PolicyError) -> str:
    """What is wrong at that place, in words."""
    words = {
        "missing": _("这里必须填。"),
        "out_of_range": _("这个数不在允许的范围里。"),
        "not_an_integer": _("请填整数。"),
        "unknown_name": _("没有这个选项。"),
        "bad_value": _("时限要是大于零的整数。"),
    }
    return words.get(error.code, _("这里填得不对。"))
