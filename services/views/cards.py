"""An announcement in words, the same on every surface."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from governance.kernel.templatetags.ui import local_day
from grids.reference import territory
from services.audience import Audience, audience_of
from services.models import Announcement, AnnouncementTarget, AnnouncementVersion
from services.queries import audience_words, building_names

_State = Announcement.State
EXCERPT = 60


def state_word(row: Announcement) -> str:
    if row.state == _State.PUBLISHED and row.is_over:
        return _("已过期")
    return str(row.get_state_display())


def day_words(day: date | None) -> str:
    return _("{month}月{day}日").format(month=day.month, day=day.day) if day else ""


def audiences(rows: Iterable[Announcement]) -> dict[int, Audience]:
    """Whom each addresses, by announcement id: one statement."""
    targets: dict[int, list[AnnouncementTarget]] = {row.pk: [] for row in rows}
    for target in AnnouncementTarget.objects.filter(announcement_id__in=list(targets)):
        targets[target.announcement_id].append(target)
    return {pk: audience_of(found) for pk, found in targets.items()}


def to_words(audience: Audience, *, at_most: int = 6) -> str:
    names = building_names(audience.buildings | {pk for _kind, pk in audience.heads})
    return "、".join(audience_words(audience, names, at_most=at_most))


def card(row: Announcement) -> dict[str, Any]:
    """A line of a list; the link is the surface's own. No statement."""
    text = " ".join(row.text.split())
    return {
        "number": row.number,
        "title": row.title,
        "kind": row.kind,
        "kind_word": row.get_kind_display(),
        "state": row.state,
        "state_word": state_word(row),
        "is_over": row.is_over,
        "is_pinned": row.is_pinned,
        "is_corrected": row.version > 1,
        "is_public": row.is_public,
        "wants_receipt": row.wants_receipt,
        "office": territory().organization_name(row.organization_id),
        "day": local_day(row.published_at) if row.published_at else "",
        "until": day_words(row.visible_until),
        "excerpt": text if len(text) <= EXCERPT else f"{text[:EXCERPT]}…",
    }


def page_of(row: Announcement) -> dict[str, Any]:
    """The whole announcement with its corrections, newest first: two statements."""
    versions = list(AnnouncementVersion.objects.filter(announcement=row).order_by("-version"))
    office = territory().organizations.get(row.organization_id)
    audience = audiences([row])[row.pk]
    return {
        **card(row),
        "text": row.text,
        "published_at": row.published_at,
        "withdrawn_at": row.withdrawn_at,
        "withdrawal": row.withdrawal,
        "phone": office.phone if office else "",
        "to": to_words(audience),
        "corrections": [version for version in versions if version.version > 1],
        "earlier": versions[1:],
    }
